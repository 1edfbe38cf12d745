import CoveyCore
import CoveyImaging
import CoveyModel
import CoveyTestSupport
import Testing

@testable import CoveyInference

@Suite("Shuffles under blocks")
struct BlockShuffleTests {
    static func blocks(
        _ levels: [[Int]], _ exchange: ExchangeabilityBlocks.Exchange = .within
    ) throws -> ExchangeabilityBlocks {
        try ExchangeabilityBlocks(levels: levels, source: "EB.csv", exchange: exchange)
    }

    static func distinctRows(_ n: Int) -> Matrix { Matrix(columns: [(0..<n).map(Double.init)]) }

    @Test(
        "one block of all rows gives the shuffles of no blocks, to the bit",
        arguments: ExchangeScheme.allCases)
    func freeIsFree(scheme: ExchangeScheme) throws {
        let design = Self.distinctRows(40)
        let plan = ShufflePlan(count: 20, exchanging: scheme, seed: 3)
        let none = ShuffleSet(plan, design: design)
        let one = ShuffleSet(plan, design: design, blocks: try Self.blocks((1...40).map { [1, $0] }))
        #expect(one.blocks == nil)
        for k in 0..<none.count { #expect(one[k] == none[k]) }
        // The words of the stream that the blocks take are those of the plain shuffle.
        for k in 1..<5 where scheme != .flip {
            var stream = PhiloxStream(seed: 3, domain: 1, index: UInt64(k))
            #expect(ExchangeabilityBlocks.free(40).permutation(&stream) == none[k].source)
        }
    }

    @Test("shuffles 1 and 7 of seed 42 are those of another implementation of Philox and of the shuffle")
    func pinned() {
        let shuffles = ShuffleSet(
            ShufflePlan(count: 10, exchanging: .both, seed: 42), design: Self.distinctRows(12))
        #expect(shuffles[1].source == [4, 10, 1, 8, 5, 9, 2, 0, 7, 6, 11, 3])
        #expect(shuffles[1].signs == [-1, -1, -1, -1, -1, 1, 1, -1, 1, 1, -1, -1])
        #expect(shuffles[7].source == [6, 11, 10, 7, 1, 3, 5, 8, 2, 4, 0, 9])
        #expect(shuffles[7].signs == [1, -1, -1, 1, 1, -1, 1, -1, 1, -1, -1, 1])
    }

    @Test("random shuffles stay in their blocks, and whole blocks flip together")
    func random() throws {
        let levels = (0..<24).map { [1, -($0 / 4 + 1), $0 % 4 + 1] }
        let whole = ShuffleSet(
            ShufflePlan(count: 200, exchanging: .both, seed: 9), design: Self.distinctRows(24),
            blocks: try Self.blocks(levels))
        var moved = false
        for k in 0..<whole.count {
            let shuffle = whole[k]
            for row in 0..<24 {
                let first = row / 4 * 4
                #expect(shuffle.source[row] == shuffle.source[first] + row % 4)
                #expect(shuffle.signs[row] == shuffle.signs[first])
            }
            moved = moved || shuffle.source[0] != 0
        }
        #expect(moved && whole.flipsSigns)
        let within = ShuffleSet(
            ShufflePlan(count: 200, exchanging: .permute, seed: 9), design: Self.distinctRows(24),
            blocks: try Self.blocks((0..<24).map { [$0 / 4 + 1] }))
        for k in 0..<within.count {
            #expect(within[k].source.enumerated().allSatisfy { $0.offset / 4 == $0.element / 4 })
            #expect(Set(within[k].source).count == 24)
        }
        #expect(!within.flipsSigns)
    }

    @Test("few distinct shuffles are all used, each once", arguments: ExchangeScheme.allCases)
    func exhaustive(scheme: ExchangeScheme) throws {
        let levels = (0..<6).map { [1, $0 / 2 + 1, $0 % 2 + 1] }
        let expected = scheme == .permute ? 48 : scheme == .flip ? 8 : 384
        let all = ShuffleSet(
            ShufflePlan(count: 400, exchanging: scheme, seed: 0), design: Self.distinctRows(6),
            blocks: try Self.blocks(levels))
        #expect(all.isExhaustive && all.count == expected && all.distinct?.count == expected)
        #expect(all[0].isIdentity)
        #expect(Set((0..<all.count).map { all[$0] }).count == expected)
        #expect(all.smallestP == 1 / Double(expected))
    }

    @Test("near the number of distinct shuffles none occurs twice, and shuffle k depends on (seed, k) alone")
    func withoutRepeats() {
        // 7! = 5040.
        let design = Self.distinctRows(7)
        func set(_ count: Int, _ seed: UInt64) -> ShuffleSet {
            ShuffleSet(ShufflePlan(count: count, exchanging: .permute, seed: seed), design: design)
        }
        let near = set(2000, 5)
        #expect(near.avoidsRepeats && !near.isExhaustive && near.count == 2001)
        let shuffles = (0..<near.count).map { near[$0] }
        #expect(Set(shuffles).count == 2001 && shuffles[0].isIdentity)
        let more = set(4000, 5)
        #expect((0..<near.count).allSatisfy { more[$0] == near[$0] })
        #expect(set(2000, 6)[1] != near[1] || set(2000, 6)[2] != near[2])
        #expect(set(5, 5).avoidsRepeats && !set(4, 5).avoidsRepeats)
        // Every number but 0 is drawn about equally often as the first shuffle.
        var seen = [Int](repeating: 0, count: 6)
        for seed in 0..<600 {
            let small = ShuffleSet(
                ShufflePlan(count: 3, exchanging: .permute, seed: UInt64(seed)), design: Self.distinctRows(3))
            let order = small[1].source
            seen[order[0] * 2 + (order[1] > order[2] ? 1 : 0)] += 1
        }
        #expect(seen[0] == 0 && seen[1...].allSatisfy { abs($0 - 120) < 45 })
    }

    @Test("the words say what is exchanged, how often, and of how many")
    func words() throws {
        let pairs = (0..<16).map { [$0 / 2 + 1] }
        let design = Self.distinctRows(16)
        func words(_ scheme: ExchangeScheme, _ exchange: ExchangeabilityBlocks.Exchange, _ count: Int) throws
            -> String
        {
            ShuffleSet(
                ShufflePlan(count: count, exchanging: scheme, seed: 1), design: design,
                blocks: try Self.blocks(pairs, exchange)
            ).words
        }
        #expect(
            try words(.permute, .within, 1000)
                == "labels permuted, inside each of 8 blocks of 2 (EB.csv), never across: each of the 256 distinct shuffles once"
        )
        #expect(
            try words(.permute, .whole, 39)
                == "labels permuted, as 8 whole blocks of 2 (EB.csv), in order inside: 39 random shuffles besides the identity, of 40320 distinct ones"
        )
        #expect(
            try words(.flip, .whole, 100)
                == "signs flipped, each of 8 sets of 2 as a whole (EB.csv): 100 random shuffles without repeats besides the identity, of 256 distinct ones"
        )
    }

    @Test("with every distinct shuffle the counts are those of all the permutations, one refit each")
    func againstAll() throws {
        // Eight rows in two wholes of two pairs; the design has ties inside pairs.
        let levels = [
            [1, 1, 1], [1, 1, 1], [1, 1, 2], [1, 1, 2], [1, 2, 1], [1, 2, 1], [1, 2, 2], [1, 2, 2],
        ]
        .enumerated().map { $0.element + [$0.offset + 1] }
        let blocks = try Self.blocks(levels)
        var numbers = TestNumbers(4)
        let design = Matrix(columns: [[Double](repeating: 1, count: 8), [0, 0, 1, 0, 2, 1, 1, 1]])
        let model = try LinearModel(matrix: design)
        let partition = try ContrastPartition(model, weights: Matrix(rows: [[0, 1]]), isF: false, name: "x")
        let data = numbers.normals(8)
        let grid = Grid(shape: [1, 1, 1], affine: Affine([1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0]))
        let cohort = Cohort(
            identifiers: data.indices.map(String.init), mask: Mask(grid: grid) { _ in true }
        ) { [data[$0]] }
        let fit = Fit(model, cohort)
        let distinct = ShuffleSet(
            ShufflePlan(count: 100, exchanging: .permute, seed: 0), design: design, blocks: blocks)
        #expect(distinct.isExhaustive)
        // Every permutation of the group, ties and all: each distinct one occurs equally often.
        let everything = ShuffleSet(
            ShufflePlan(count: 200, exchanging: .permute, seed: 0), design: Self.distinctRows(8),
            blocks: blocks)
        #expect(everything.count == 128 && 128 % distinct.count == 0 && distinct.count < 128)
        let few = PermutationTest(partition, cohort, fit, tail: .twoSided, shuffles: distinct).run().voxel
        let all = PlainPermutationTest(
            partition, tail: .twoSided, shuffles: ShuffleSet(listed: (0..<128).map { everything[$0] })
        ).run(cohort, fit)
        #expect(few.exceedances[0] * (128 / distinct.count) == all.exceedances[0])
    }
}
