import CoveyCore
import CoveyImaging
import CoveyModel
import CoveyTestSupport
import Testing

@testable import CoveyInference

@Suite("Contrasts in one pass over the data")
struct SharedPermutationTests {
    /// What is asked of columns 1, 2 and 3 of a model with a mean.
    private static let questions: [(rows: [[Double]], isF: Bool)] = [
        ([[0, 1, 0, 0]], false), ([[0, 0, 1, -1]], false), ([[0, 0, 0, -1]], false),
        ([[0, 1, 0, 0], [0, 0, 1, 0]], true), ([[0, 0, 1, 0]], true),
    ]

    private static func tests(
        _ example: HighVoxelTests.Example, tail: Tail, exchanging: ExchangeScheme, count: Int = 60,
        blocks: ExchangeabilityBlocks? = nil, _ change: (inout InferenceChoice) -> Void = { _ in }
    ) throws -> [PermutationTest] {
        var choice = InferenceChoice()
        change(&choice)
        return try questions.map { rows, isF in
            PermutationTest(
                try ContrastPartition(example.model, weights: Matrix(rows: rows), isF: isF, name: "tested"),
                example.cohort, example.fit, tail: isF ? .greater : tail,
                shuffles: ShuffleSet(
                    ShufflePlan(count: count, exchanging: exchanging, seed: 8), design: example.design,
                    blocks: blocks), comparing: choice)
        }
    }

    /// Counts exactly, maxima but for rounding.
    private static func compare(_ shared: SharedPermutationTest, threads: Int = 2) throws {
        let observations = shared.tests.map { $0.observe(threads: 1) }
        let range = 0..<shared.tests[0].shuffles.count
        let together = shared.tallies(of: range, observations, threads: threads) { _ in }
        for (k, test) in shared.tests.enumerated() {
            let alone = test.tally(of: range, observations[k], threads: 1) { _ in }
            #expect(together[k].shuffles == range)
            #expect(together[k].counts == alone.counts, "contrast \(k)")
            for (mine, other) in zip(together[k].maxima, alone.maxima) {
                #expect(zip(mine, other).allSatisfy { abs($0 - $1) <= 1e-12 * max(1, abs($1)) })
            }
            #expect(together[k].pools.map { $0?.numbers } == alone.pools.map { $0?.numbers })
            #expect(together[k].pools.map { $0?.steps } == alone.pools.map { $0?.steps })
            let (a, b) = (test.results(observations[k], together[k]), test.results(observations[k], alone))
            for (a, b) in zip(a.all, b.all) {
                #expect(a.exceedances == b.exceedances && a.familyWiseExceedances == b.familyWiseExceedances)
            }
        }
    }

    @Test(
        "have the counts and p of contrasts alone: voxels, clusters, TFCE", arguments: Tail.allCases,
        ExchangeScheme.allCases)
    func sameCounts(tail: Tail, exchanging: ExchangeScheme) throws {
        let example = try HighVoxelTests.Example(confounds: 2)
        let kinds: [(inout InferenceChoice) -> Void] = [
            { _ in }, { $0.formingHeights = [3.5] },
            {
                $0.tfce = TFCE()
                $0.formingHeights = [2.5, 3]
            },
        ]
        for kind in kinds {
            let tests = try Self.tests(example, tail: tail, exchanging: exchanging, kind)
            try Self.compare(try #require(SharedPermutationTest(tests)))
        }
    }

    @Test("keep their counts where shuffles move within blocks")
    func blocks() throws {
        let example = try HighVoxelTests.Example(confounds: 2)
        let blocks = try ExchangeabilityBlocks(levels: (0..<21).map { [1 + $0 / 7] }, source: "test")
        try Self.compare(
            try #require(
                SharedPermutationTest(
                    Self.tests(example, tail: .twoSided, exchanging: .permute, blocks: blocks))))
    }

    @Test("give the same bits on any number of threads, in any pieces and with little room")
    func sameBits() throws {
        let example = try HighVoxelTests.Example(confounds: 2)
        for heights in [[], [3.5]] {
            var tests = try Self.tests(example, tail: .greater, exchanging: .permute, count: 150) {
                $0.formingHeights = heights
            }
            let whole = try #require(SharedPermutationTest(tests, threads: 1))
            let observations = tests.map { $0.observe(threads: 1) }
            let expected = whole.tallies(of: 0..<151, observations, threads: 1) { _ in }
            for k in tests.indices { tests[k].highBudget = 100 * HighVoxels.bytes }
            let narrow = try #require(SharedPermutationTest(tests, threads: 2))
            #expect(narrow.tallies(of: 0..<151, observations, threads: 2) { _ in } == expected)
            let head = whole.tallies(of: 0..<40, observations, threads: 2) { _ in }
            #expect(
                whole.tallies(of: 0..<151, observations, continuing: head, threads: 2) { _ in } == expected)
            var joined = head
            let tail = narrow.tallies(of: 40..<151, observations, threads: 1) { _ in }
            for k in joined.indices { joined[k].append(tail[k]) }
            #expect(joined == expected)
        }
    }

    @Test("are tested alone where they cannot be together")
    func alone() throws {
        let example = try HighVoxelTests.Example(confounds: 2)
        let permuted = try Self.tests(example, tail: .greater, exchanging: .permute)
        let flipped = try Self.tests(example, tail: .greater, exchanging: .flip)
        #expect(SharedPermutationTest([permuted[0]]) == nil)
        #expect(SharedPermutationTest([permuted[0], flipped[1]]) == nil)
        let manly = PermutationTest(
            RegressionStatistic(
                try ContrastPartition(
                    example.model, weights: Matrix(rows: [[0, 1, 0, 0]]), isF: false, name: "tested"),
                example.cohort, example.fit, method: .manly), mask: example.cohort.mask, tail: .greater,
            shuffles: permuted[0].shuffles)
        #expect(SharedPermutationTest([permuted[0], manly]) == nil)

        // One column explains nearly all of the data: beside it the others would lose digits.
        var numbers = TestNumbers(4)
        let strong = (0..<21).map { subject in
            (0..<example.cohort.mask.count).map { _ in 100 * example.design[subject, 1] + numbers.normal() }
        }
        let cohort = Cohort(identifiers: example.cohort.identifiers, mask: example.cohort.mask) { strong[$0] }
        let fit = Fit(example.model, cohort, threads: 1)
        let tests = try [[0.0, 1, 0, 0], [0, 0, 1, 0]].map {
            PermutationTest(
                try ContrastPartition(example.model, weights: Matrix(rows: [$0]), isF: false, name: "tested"),
                cohort, fit, tail: .greater, shuffles: permuted[0].shuffles)
        }
        #expect(SharedPermutationTest(tests) == nil)
    }
}
