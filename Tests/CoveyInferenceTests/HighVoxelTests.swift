import CoveyCore
import CoveyImaging
import CoveyModel
import CoveyTestSupport
import Testing

@testable import CoveyInference

@Suite("Clusters from the high voxels of shuffles")
struct HighVoxelTests {
    /// Smooth noise on a small volume with an effect of the tested column in the first rows and columns.
    struct Example {
        let cohort: Cohort
        let design: Matrix
        let model: LinearModel
        let fit: Fit

        init(subjects n: Int = 21, confounds: Int = 0, affected: Int = 4, seed: UInt64 = 3) throws {
            var numbers = TestNumbers(seed)
            let shape = [13, 12, 11]
            let grid = Grid(shape: shape, affine: Affine([3, 0, 0, 0, 0, 3, 0, 0, 0, 0, 3, 0]))
            let inside = (0..<grid.count).map { _ in numbers.normal() > -1.6 }
            let mask = Mask(grid: grid) { inside[$0] }
            let columns =
                [[Double](repeating: 1, count: n)] + (0...confounds).map { _ in numbers.normals(n) }
            let rows = (0..<n).map { subject in
                var image = numbers.normals(grid.count)
                for step in [1, shape[0], shape[0] * shape[1]] {
                    image = image.indices.map { image[$0] + image[($0 + step) % image.count] }
                }
                return mask.offsets.map { offset in
                    let index = grid.index(at: Int(offset))
                    return image[Int(offset)]
                        + (index.x < affected && index.y < affected ? 2 * columns[1][subject] : 0)
                }
            }
            design = Matrix(columns: columns)
            cohort = Cohort(identifiers: (0..<n).map { "sub-\($0)" }, mask: mask) { rows[$0] }
            model = try LinearModel(matrix: design)
            fit = Fit(model, cohort, threads: 1)
        }

        /// A test of the column with the confounds' F where there are any, at clusters' heights of given p.
        func test(
            isF: Bool = false, tail: Tail, exchanging: ExchangeScheme, count: Int, p: [Double],
            tfce: Bool = false
        ) throws -> PermutationTest {
            let tested = isF ? Array(1..<design.columns) : [1]
            let weights = Matrix(rows: tested.map { c in (0..<design.columns).map { $0 == c ? 1 : 0 } })
            let partition = try ContrastPartition(model, weights: weights, isF: isF, name: "tested")
            let kind = fit.statistic(partition).statistic
            var choice = InferenceChoice()
            choice.formingHeights = p.map { p in
                // Bisection: heights of a tail area.
                var (low, high) = (0.0, 1e3)
                for _ in 0..<200 {
                    let middle = (low + high) / 2
                    if kind.logP(middle, tail: .greater) > LogProbability.fromP(p) {
                        low = middle
                    } else {
                        high = middle
                    }
                }
                return low
            }
            choice.tfce = tfce ? TFCE() : nil
            return PermutationTest(
                partition, cohort, fit, tail: tail,
                shuffles: ShuffleSet(
                    ShufflePlan(count: count, exchanging: exchanging, seed: 8), design: design),
                comparing: choice)
        }
    }

    /// Everything that a test found of a quantity, to the bit.
    struct Found: Equatable {
        let observed: [UInt64]
        let maxima: [UInt64]
        let exceedances: [Int]
        let familyWise: [Int]
        let numbers: [Int32]?
        let p: [Double]?

        init(_ result: PermutationResult) {
            observed = result.observed.values.map(\.bitPattern)
            maxima = result.maxima.map(\.bitPattern)
            exceedances = result.exceedances
            familyWise = result.familyWiseExceedances
            numbers = result.pooled?.numbers
            p = result.pooled.map { pooled in pooled.observed.map(pooled.p) }
        }
    }

    private static func found(_ test: PermutationTest, threads: Int) -> [Found] {
        test.run(threads: threads).all.filter { $0.quantity != .tfce }.map(Found.init)
    }

    @Test(
        "voxels, extents and masses are those of whole maps to the bit",
        arguments: Tail.allCases, ExchangeScheme.allCases)
    func sameBits(tail: Tail, exchanging: ExchangeScheme) throws {
        for confounds in [0, 2] {
            let example = try Example(confounds: confounds)
            for isF in confounds > 0 && tail == .greater ? [false, true] : [false] {
                for p in [[0.005], [0.008, 0.001]] {
                    let quick = try example.test(
                        isF: isF, tail: tail, exchanging: exchanging, count: 60, p: p)
                    let whole = try example.test(
                        isF: isF, tail: tail, exchanging: exchanging, count: 60, p: p, tfce: true)
                    #expect(quick.quick != nil && whole.quick == nil)
                    let expected = Self.found(whole, threads: 2)
                    #expect(Self.found(quick, threads: 1) == expected)
                    #expect(Self.found(quick, threads: 2) == expected)
                    #expect(expected.count == 1 + 2 * p.count && expected[1].maxima.contains { $0 > 0 })
                }
            }
        }
    }

    @Test("where more voxels are high than there is room for, fewer shuffles are tallied together")
    func crowded() throws {
        let test = try Example(affected: 11).test(
            tail: .twoSided, exchanging: .permute, count: 100, p: [0.005])
        var (narrow, crowded) = (test, test)
        // Room for a few voxels: 16 shuffles at a time, whatever they hold.
        narrow.highBudget = 8 * HighVoxels.bytes
        #expect(narrow.quickBatch == PermutationTest.leastBatch)
        // Room for what is expected of 24 shuffles, but not for what the first of them holds.
        crowded.highBudget = 400 * HighVoxels.bytes
        #expect(crowded.quickBatch == 24)
        let first = try #require(crowded.quick).tally(
            of: test.shuffles, in: 0..<24, tail: .twoSided, keeping: crowded.highVoxels(of: 0..<24),
            threads: 1, progress: ProgressListener.silent.part("", from: 0, count: 1, of: 1))
        #expect(first == nil)
        let expected = Self.found(test, threads: 2)
        #expect(Self.found(narrow, threads: 2) == expected)
        #expect(Self.found(crowded, threads: 2) == expected)
        // Runs of shuffles, as shards have them, join to the same.
        let observation = test.observe()
        var joined = test.tally(of: 0..<37, observation) { _ in }
        joined.append(test.tally(of: 37..<test.shuffles.count, observation, threads: 1) { _ in })
        #expect(test.results(observation, joined).all.map(Found.init) == expected)
    }

    @Test("clusters formed low are read off whole maps, and of so many subjects as floats settle little for")
    func whole() throws {
        let example = try Example()
        let low = try example.test(tail: .greater, exchanging: .permute, count: 20, p: [0.05])
        let twoSided = try example.test(tail: .twoSided, exchanging: .permute, count: 20, p: [0.015])
        let high = try example.test(tail: .greater, exchanging: .permute, count: 20, p: [0.015])
        #expect(low.quick == nil && twoSided.quick == nil && high.quick != nil)
        #expect(high.workspaceBytes(threads: 2) > 0)
    }
}
