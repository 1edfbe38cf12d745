import CoveyCore
import CoveyImaging
import CoveyKernels
import CoveyModel
import CoveyTestSupport
import Testing

@testable import CoveyInference

/// A small cohort with a design of an intercept, a tested column and confounds.
struct PermutationExample {
    let cohort: Cohort
    let model: LinearModel
    let design: Matrix
    let fit: Fit

    init(subjects n: Int, voxels: Int, confounds: Int, groups: Bool = false, seed: UInt64 = 1) throws {
        var numbers = TestNumbers(seed)
        var columns = [[Double](repeating: 1, count: n)]
        columns.append((0..<n).map { groups ? Double($0 % 2) : 0 * Double($0) + numbers.normal() })
        for _ in 0..<confounds { columns.append(numbers.normals(n)) }
        let rows = (0..<n).map { i in numbers.normals(voxels).map { $0 + 0.4 * columns[1][i] } }
        let grid = Grid(shape: [voxels, 1, 1], affine: Affine([2, 0, 0, 0, 0, 2, 0, 0, 0, 0, 2, 0]))
        let mask = Mask(grid: grid) { _ in true }
        design = Matrix(columns: columns)
        cohort = Cohort(identifiers: (0..<n).map { "sub-\($0)" }, mask: mask) { rows[$0] }
        model = try LinearModel(matrix: design)
        fit = Fit(model, cohort, threads: 1)
    }

    /// A mask of a single voxel.
    var oneVoxel: Mask {
        Mask(grid: Grid(shape: [1, 1, 1], affine: cohort.mask.grid.affine)) { _ in true }
    }

    func t(_ column: Int) throws -> ContrastPartition {
        var weights = [Double](repeating: 0, count: design.columns)
        weights[column] = 1
        return try ContrastPartition(model, weights: Matrix(rows: [weights]), isF: false, name: "c\(column)")
    }

    func f(_ columns: [Int]) throws -> ContrastPartition {
        let rows = columns.map { c in (0..<design.columns).map { $0 == c ? 1.0 : 0 } }
        return try ContrastPartition(model, weights: Matrix(rows: rows), isF: true, name: "F")
    }
}

/// A cohort of voxels in a line, from a row of values for each subject.
func lineCohort(_ rows: [[Double]]) -> Cohort {
    let grid = Grid(shape: [rows[0].count, 1, 1], affine: Affine([2, 0, 0, 0, 0, 2, 0, 0, 0, 0, 2, 0]))
    return Cohort(identifiers: rows.indices.map(String.init), mask: Mask(grid: grid) { _ in true }) {
        rows[$0]
    }
}

@Suite("Permutation test")
struct PermutationTestTests {
    @Test("the identity's map equals the parametric one, for t and F, with and without confounds")
    func identityIsParametric() throws {
        for confounds in 0...3 {
            let example = try PermutationExample(subjects: 15, voxels: 61, confounds: confounds)
            var partitions = [try example.t(1), try example.t(0), try example.f([1])]
            if confounds > 0 { partitions.append(try example.f([1, 2])) }
            for partition in partitions {
                for scheme in ExchangeScheme.allCases {
                    for tail in partition.isF ? [.greater] : Tail.allCases {
                        let plan = ShufflePlan(count: 3, exchanging: scheme, seed: 4)
                        let result = PermutationTest(
                            partition, example.cohort, example.fit, tail: tail,
                            shuffles: ShuffleSet(plan, design: example.design)
                        ).run(threads: 1).voxel
                        let expected = example.fit.statistic(partition).values
                        for (a, b) in zip(result.observed.values, expected) {
                            #expect(abs(a - b) <= 1e-11 * max(1, abs(b)))
                        }
                    }
                }
            }
        }
    }

    @Test("the kernel and the plain refit find the same maxima and counts")
    func plainTwin() throws {
        for (confounds, groups) in [(0, false), (2, false), (1, true)] {
            let example = try PermutationExample(
                subjects: 9, voxels: 30, confounds: confounds, groups: groups, seed: 3)
            var partitions = [try example.t(1), try example.f([1])]
            if confounds > 1 { partitions.append(try example.f([1, 2])) }
            for partition in partitions {
                for scheme in ExchangeScheme.allCases {
                    for tail in partition.isF ? [.greater] : Tail.allCases {
                        let shuffles = ShuffleSet(
                            ShufflePlan(count: 40, exchanging: scheme, seed: 11), design: example.design)
                        let fast = PermutationTest(
                            partition, example.cohort, example.fit, tail: tail, shuffles: shuffles
                        ).run(threads: 2).voxel
                        let plain = PlainPermutationTest(partition, tail: tail, shuffles: shuffles)
                            .run(example.cohort, example.fit)
                        for (a, b) in zip(fast.maxima, plain.maxima) {
                            #expect(abs(a - b) <= 1e-9 * max(1, abs(b)))
                        }
                        #expect(fast.exceedances == plain.exceedances)
                        #expect(fast.familyWiseExceedances == plain.familyWiseExceedances)
                    }
                }
            }
        }
    }

    @Test("threads change nothing, to the bit; AVX2 and AVX-512 agree to the bit")
    func sameBits() throws {
        let example = try PermutationExample(subjects: 20, voxels: 1000, confounds: 2)
        let partition = try example.t(1)
        let shuffles = ShuffleSet(
            ShufflePlan(count: 100, exchanging: .permute, seed: 7), design: example.design)
        func run(threads: Int, level: InstructionLevel = .best) -> PermutationResult {
            let statistic = RegressionStatistic(partition, example.cohort, example.fit, level: level)
            return PermutationTest(
                statistic, mask: example.cohort.mask, tail: .twoSided, shuffles: shuffles
            ).run(threads: threads).voxel
        }
        let one = run(threads: 1)
        for threads in [2, 3, 8] {
            let many = run(threads: threads)
            #expect(many.maxima == one.maxima)
            #expect(many.exceedances == one.exceedances)
            #expect(many.familyWiseExceedances == one.familyWiseExceedances)
        }
        for level in InstructionLevel.available {
            let other = run(threads: 1, level: level)
            if level == .baseline {
                for (a, b) in zip(other.maxima, one.maxima) { #expect(abs(a - b) < 1e-12 * abs(b)) }
            } else {
                #expect(other.maxima == one.maxima)
                #expect(other.exceedances == one.exceedances)
            }
        }
    }

    @Test("the first shuffles of a long run are those of a short one")
    func prefix() throws {
        let example = try PermutationExample(subjects: 20, voxels: 50, confounds: 1)
        let partition = try example.t(1)
        func maxima(_ count: Int) -> [Double] {
            let shuffles = ShuffleSet(
                ShufflePlan(count: count, exchanging: .both, seed: 2), design: example.design)
            return PermutationTest(
                partition, example.cohort, example.fit, tail: .greater, shuffles: shuffles
            ).run().voxel.maxima
        }
        #expect(Array(maxima(200)[..<101]) == maxima(100))
    }

    @Test("few distinct shuffles are enumerated, each once, the identity first")
    func enumeration() throws {
        let example = try PermutationExample(subjects: 7, voxels: 5, confounds: 0, groups: true)
        let all = ShuffleSet(ShufflePlan(count: 500, exchanging: .permute, seed: 1), design: example.design)
        // Groups of 4 and 3 in 7 places.
        #expect(all.isExhaustive && all.count == 35)
        #expect(all[0].isIdentity)
        let arrangements = (0..<all.count).map { k in all[k].source.map { $0 % 2 } }
        #expect(Set(arrangements).count == 35)
        let flips = ShuffleSet(ShufflePlan(count: 128, exchanging: .flip, seed: 1), design: example.design)
        #expect(flips.isExhaustive && flips.count == 128)
        #expect(Set((0..<128).map { flips[$0].signs }).count == 128)
        let random = ShuffleSet(ShufflePlan(count: 33, exchanging: .permute, seed: 1), design: example.design)
        #expect(!random.isExhaustive && random.count == 34)
    }

    @Test("the number of distinct shuffles is exact up to the largest Int, and unknown beyond it")
    func countOfArrangements() {
        func count(_ groups: [Int]) -> Int? {
            let rows = groups.enumerated().flatMap { g, m in (0..<m).map { _ in [Double(g)] } }
            return Arrangements(design: Matrix(rows: rows), exchanging: .permute).count
        }
        #expect(count([2, 2, 3]) == 210)
        #expect(count([33, 33]) == 7_219_428_434_016_265_740)
        #expect(count([34, 34]) == nil)
        #expect(count([Int](repeating: 1, count: 20)) == 2_432_902_008_176_640_000)
        // Products pass through the range between the largest Int and the largest UInt.
        for extra in 0..<60 { _ = count([1, 2, 3, 5, 7, 4, 6, extra]) }
        #expect(count([Int](repeating: 1, count: 89)) == nil)
    }

    @Test("p is never 0, FWE p is never below the uncorrected one, and the threshold agrees with p")
    func consistency() throws {
        let example = try PermutationExample(subjects: 12, voxels: 200, confounds: 1)
        for tail in Tail.allCases {
            let shuffles = ShuffleSet(
                ShufflePlan(count: 99, exchanging: .permute, seed: 3), design: example.design)
            let result = PermutationTest(
                try example.t(1), example.cohort, example.fit, tail: tail, shuffles: shuffles
            ).run().voxel
            let uncorrected = result.uncorrectedP.values
            let corrected = result.familyWiseP.values
            #expect(uncorrected.allSatisfy { $0 >= 0.01 && $0 <= 1 })
            #expect(zip(uncorrected, corrected).allSatisfy { $0 <= $1 })
            for alpha in [0.05, 0.1, 0.5, 0.9] {
                let threshold = try #require(result.familyWiseThreshold(alpha: alpha))
                for (t, p) in zip(result.observed.values, corrected) {
                    let directed = tail == .greater ? t : tail == .less ? -t : abs(t)
                    #expect((p <= alpha) == (directed >= threshold))
                }
            }
            #expect(result.familyWiseThreshold(alpha: 0.001) == nil)
        }
    }
}
