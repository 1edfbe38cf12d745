import CoveyCore
import CoveyImaging
import CoveyModel
import CoveyTestSupport
import Testing

@testable import CoveyInference

@Suite("Ties at the ends of the scales")
struct TieTests {
    private let grid = Grid(shape: [4, 1, 1], affine: Affine([2, 0, 0, 0, 0, 2, 0, 0, 0, 0, 2, 0]))

    @Test("a nearly perfect fit ties with its mirror image for corrected p as for uncorrected p")
    func greatStatistics() throws {
        // Six subjects whose maps are the regressor but for a trifle: t is some ten thousands.
        let score = [-2.5, -1.5, -0.5, 0.5, 1.5, 2.5]
        var numbers = TestNumbers(3)
        let trifle = [0.3, -0.2, 0.5, 0.5, -0.2, 0.3].map { $0 * 1e-4 }
        let rows = score.indices.map { i in
            [score[i] + trifle[i], numbers.normal(), numbers.normal(), 3 * score[i]]
        }
        let design = Matrix(columns: [[Double](repeating: 1, count: 6), score])
        let model = try LinearModel(matrix: design)
        let partition = try ContrastPartition(model, weights: Matrix(rows: [[0, 1]]), isF: false, name: "c")
        let cohort = lineCohort(rows.map { Array($0[..<3]) })
        let fit = Fit(model, cohort, threads: 1)
        let shuffles = ShuffleSet(ShufflePlan(count: 720, exchanging: .permute, seed: 1), design: design)
        #expect(shuffles.isExhaustive)
        for choice in [
            InferenceChoice.voxels,
            {
                var c = InferenceChoice(); c.tfce = TFCE(); return c
            }(),
        ] {
            let result = PermutationTest(
                partition, cohort, fit, tail: .twoSided, shuffles: shuffles, comparing: choice
            ).run().voxel
            #expect(abs(result.observed.values[0]) > 1e4)
            // The order of subjects reversed gives -t, exactly but for rounding.
            #expect(result.exceedances[0] == 2 && result.familyWiseExceedances[0] == 2)
        }
    }

    @Test("TFCE of next to nothing is reached by every shuffle, as no TFCE at all is")
    func smallTFCE() throws {
        let example = try PermutationExample(subjects: 10, voxels: 4, confounds: 0, seed: 2)
        var choice = InferenceChoice()
        choice.tfce = TFCE()
        let statistic = SmallMaps(voxels: 4)
        let test = PermutationTest(
            statistic, mask: example.cohort.mask, tail: .greater,
            shuffles: ShuffleSet(listed: (0..<5).map { _ in .identity(10) }), comparing: choice)
        let result = try #require(test.run()[.tfce])
        #expect(result.exceedances == [5, 5, 5, 5] && result.familyWiseExceedances == [5, 5, 5, 5])
    }

    @Test("clusters of the table take the voxels that the test takes")
    func formingTies() {
        let map = StatisticMap(
            .z, mask: Mask(grid: grid) { _ in true }, values: [3, 2 * (1 - 4e-10), 2.5, 1.9])
        func sizes(_ takesTies: Bool) -> [Int] {
            ClusterTable(map, threshold: 2, tail: .greater, connectivity: .faces, takesTies: takesTies)
                .clusters.map(\.voxelCount)
        }
        #expect(sizes(true) == [3] && sizes(false) == [1, 1])
    }
}

/// Heights that TFCE makes next to nothing of, and none, the same for every shuffle.
private struct SmallMaps: ShuffledStatistic {
    let kind = Statistic.z
    let voxels: [Int32]

    init(voxels: Int) { self.voxels = (0..<Int32(voxels)).map { $0 } }

    func maps(of shuffles: ShuffleSet, in range: Range<Int>, threads: Int) -> [Double] {
        range.flatMap { $0 == 0 ? [5e-17, -2e-16, 5e-17, 0] : [-1, -1, -1, -1] }
    }
}
