import CoveyCore
import CoveyImaging
import CoveyModel
import CoveyTestSupport
import Foundation
import Testing

@testable import CoveyInference

/// An exhaustively enumerated example: data, design, and exact counts over all arrangements.
struct ExactExample: Decodable {
    let name: String
    let scheme: String
    let grid: [Int]
    let design: [[Double]]
    let contrast: [[Double]]
    let arrangementCount: Int
    let stat: String
    let voxels: [[Int]]
    let observed: [Double]
    let uncorrectedGreater: [Int]
    let familyWiseGreater: [Int]
    let maximaGreater: [Double]
    let uncorrectedTwoSided: [Int]?
    let familyWiseTwoSided: [Int]?

    private enum CodingKeys: String, CodingKey {
        case name, scheme, grid, contrast, stat
        case design = "X"
        case arrangementCount = "n_arrangements"
        case voxels = "voxels_ijk"
        case observed = "stat_observed"
        case uncorrectedGreater = "count_uncorrected_greater"
        case familyWiseGreater = "count_fwe_max_greater"
        case maximaGreater = "null_max_greater_sorted"
        case uncorrectedTwoSided = "count_uncorrected_two_sided"
        case familyWiseTwoSided = "count_fwe_max_two_sided"
    }

    static let names = [
        "sign_flip_n6", "sign_flip_n8", "two_sample_n7", "two_sample_dummy_n7", "regression_n6",
        "regression_tied_n7", "freedman_lane_n7", "freedman_lane_sign_flip_n7", "contrast_difference_n7",
        "anova_F_n7",
    ]

    static func load(_ name: String) throws -> (ExactExample, Cohort) {
        let folder = SharedData.url("reference/stats/exact/\(name)")
        let example = try JSONDecoder().decode(
            ExactExample.self, from: Data(contentsOf: folder.appendingPathComponent("expected.json")))
        let grid = Grid(shape: example.grid, affine: Affine([1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0]))
        let offsets = example.voxels.map {
            Int32(grid.offset(of: VoxelIndex($0[0], $0[1], $0[2])))
        }
        let mask = Mask(grid: grid, offsets: offsets)
        let maps = try rawFloatMaps(folder.appendingPathComponent("maps4d.nii"), voxels: grid.count)
        let cohort = Cohort(identifiers: maps.indices.map { "sub-\($0)" }, mask: mask) { subject in
            offsets.map { maps[subject][Int($0)] }
        }
        return (example, cohort)
    }
}

extension ExactExample {
    /// An example ready to be tested with every arrangement.
    struct Problem {
        let partition: ContrastPartition
        let cohort: Cohort
        let fit: Fit
        let shuffles: ShuffleSet
        /// Arrangements that only exchange equal rows are enumerated once here and often there.
        let scale: Int

        func run(_ choice: InferenceChoice, _ tail: Tail) -> PermutationResults {
            PermutationTest(partition, cohort, fit, tail: tail, shuffles: shuffles, comparing: choice).run()
        }

        func column(_ voxel: [Int]) -> Int? {
            let offset = cohort.mask.grid.offset(of: VoxelIndex(voxel[0], voxel[1], voxel[2]))
            return cohort.mask.offsets.firstIndex(of: Int32(offset))
        }
    }

    static func problem(_ name: String) throws -> Problem {
        let (example, cohort) = try load(name)
        let design = Matrix(rows: example.design)
        let model = try LinearModel(matrix: design)
        let partition = try ContrastPartition(
            model, weights: Matrix(rows: example.contrast), isF: example.stat == "F", name: name)
        let plan = ShufflePlan(
            count: example.arrangementCount,
            exchanging: example.scheme.hasPrefix("sign_flip") ? .flip : .permute, seed: 0)
        let shuffles = ShuffleSet(plan, design: design)
        return Problem(
            partition: partition, cohort: cohort, fit: Fit(model, cohort), shuffles: shuffles,
            scale: example.arrangementCount / shuffles.count)
    }
}

@Suite("Exhaustively enumerated examples", .enabled(if: SharedData.isAvailable))
struct ExactExampleTests {
    @Test("counts of every voxel and of the maximum are exact", arguments: ExactExample.names)
    func counts(name: String) throws {
        let (example, cohort) = try ExactExample.load(name)
        let design = Matrix(rows: example.design)
        let model = try LinearModel(matrix: design)
        let partition = try ContrastPartition(
            model, weights: Matrix(rows: example.contrast), isF: example.stat == "F", name: name)
        let fit = Fit(model, cohort)
        let flips = example.scheme.hasPrefix("sign_flip")
        let plan = ShufflePlan(
            count: example.arrangementCount, exchanging: flips ? .flip : .permute, seed: 0)
        let shuffles = ShuffleSet(plan, design: design)
        #expect(shuffles.isExhaustive)
        // Arrangements that only exchange equal rows are enumerated once here and often there.
        let scale = example.arrangementCount / shuffles.count
        #expect(scale * shuffles.count == example.arrangementCount)

        let result = PermutationTest(
            partition, cohort, fit, tail: .greater, shuffles: shuffles
        ).run().voxel
        for (found, expected) in zip(result.observed.values, example.observed) {
            #expect(abs(found - expected) <= 1e-9 * max(1, abs(expected)))
        }
        #expect(result.exceedances.map { $0 * scale } == example.uncorrectedGreater)
        #expect(result.familyWiseExceedances.map { $0 * scale } == example.familyWiseGreater)
        let maxima = result.maxima.sorted(by: >)
        for (k, expected) in example.maximaGreater.enumerated() {
            #expect(abs(maxima[k / scale] - expected) <= 1e-9 * expected)
        }
        if let uncorrected = example.uncorrectedTwoSided {
            let both = PermutationTest(
                partition, cohort, fit, tail: .twoSided, shuffles: shuffles
            ).run().voxel
            #expect(both.exceedances.map { $0 * scale } == uncorrected)
            #expect(both.familyWiseExceedances.map { $0 * scale } == example.familyWiseTwoSided)
        }
    }

    @Test("random shuffles approach the exact p-values", arguments: ["regression_n6", "freedman_lane_n7"])
    func randomApproachesExact(name: String) throws {
        let (example, cohort) = try ExactExample.load(name)
        let design = Matrix(rows: example.design)
        let model = try LinearModel(matrix: design)
        let partition = try ContrastPartition(
            model, weights: Matrix(rows: example.contrast), isF: false, name: name)
        let plan = ShufflePlan(count: 699, exchanging: .permute, seed: 5)
        let shuffles = ShuffleSet(plan, design: design)
        #expect(!shuffles.isExhaustive)
        let result = PermutationTest(
            partition, cohort, Fit(model, cohort), tail: .greater, shuffles: shuffles
        ).run().voxel
        for (p, count) in zip(result.uncorrectedP.values, example.uncorrectedGreater) {
            let exact = Double(count) / Double(example.arrangementCount)
            #expect(abs(p - exact) <= 4 * (exact * (1 - exact) / 700).squareRoot() + 1 / 700.0)
        }
    }
}

@Suite("Nichols and Holmes 2002, the single-voxel example")
struct NicholsHolmesTests {
    @Test("the observed labelling of six scans has p = 1/20, two-sided 2/20")
    func singleVoxel() throws {
        // Hum Brain Mapp 15:1-25: one voxel, scans ABABAB, 20 labellings.
        let scans = [90.48, 103.00, 87.83, 99.93, 96.06, 99.76]
        let grid = Grid(shape: [1, 1, 1], affine: Affine([1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0]))
        let cohort = Cohort(identifiers: scans.indices.map(String.init), mask: Mask(grid: grid) { _ in true })
        {
            [scans[$0]]
        }
        let design = Matrix(columns: [[Double](repeating: 1, count: 6), [0, 1, 0, 1, 0, 1]])
        let model = try LinearModel(matrix: design)
        let partition = try ContrastPartition(
            model, weights: Matrix(rows: [[0, 1]]), isF: false, name: "B - A")
        let fit = Fit(model, cohort)
        #expect(abs(fit.effect(partition).values[0] - 9.44) < 1e-12)
        let shuffles = ShuffleSet(
            ShufflePlan(count: 20, exchanging: .permute, seed: 0), design: design)
        #expect(shuffles.count == 20)
        let one = PermutationTest(
            partition, cohort, fit, tail: .greater, shuffles: shuffles
        ).run().voxel
        #expect(one.familyWiseP.values == [1 / 20.0])
        let two = PermutationTest(
            partition, cohort, fit, tail: .twoSided, shuffles: shuffles
        ).run().voxel
        #expect(two.familyWiseP.values == [2 / 20.0])
    }
}
