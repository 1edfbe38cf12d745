import CoveyCore
import CoveyImaging
import CoveyKernels
import CoveyModel
import CoveyTestSupport
import Testing

@testable import CoveyInference

@Suite("Voxelwise regressors")
struct VoxelwiseRegressorTests {
    /// An intercept, a covariate and an image; the data depend on both.
    private struct Example {
        let n: Int
        let voxels: Int
        let matrix: Matrix
        let cohort: Cohort
        let image: Cohort

        init(subjects n: Int, voxels: Int, sameEverywhere: Bool = false, seed: UInt64 = 3) {
            var numbers = TestNumbers(seed)
            let covariate = numbers.normals(n).map { 40 + 10 * $0 }
            let common = numbers.normals(n)
            let images = (0..<n).map { i in
                (0..<voxels).map { _ in 1000 + (sameEverywhere ? common[i] : numbers.normal()) }
            }
            let rows = (0..<n).map { i in
                (0..<voxels).map { numbers.normal() + 0.5 * (images[i][$0] - 1000) + 0.02 * covariate[i] }
            }
            let grid = Grid(shape: [voxels, 1, 1], affine: Affine([2, 0, 0, 0, 0, 2, 0, 0, 0, 0, 2, 0]))
            let mask = Mask(grid: grid) { _ in true }
            let names = (0..<n).map { "sub-\($0)" }
            matrix = Matrix(columns: [
                [Double](repeating: 1, count: n), covariate, sameEverywhere ? images.map { $0[0] } : common,
            ])
            cohort = Cohort(identifiers: names, mask: mask) { rows[$0] }
            image = Cohort(identifiers: names, mask: mask) { images[$0] }
            self.n = n
            self.voxels = voxels
        }

        func design(_ weights: [[Double]], isF: Bool = false) throws -> VoxelwiseDesign {
            try VoxelwiseDesign(
                matrix: matrix, regressors: [2: image], weights: Matrix(rows: weights), isF: isF, name: "c")
        }

        /// The design of one voxel.
        func matrix(at voxel: Int) -> Matrix {
            Matrix(columns: [matrix.column(0), matrix.column(1), image.values(at: voxel)])
        }
    }

    private let contrasts: [(weights: [[Double]], isF: Bool)] = [
        ([[0, 0, 1]], false), ([[0, 1, 0]], false), ([[0, 2, -3]], false), ([[1, 0, 0]], false),
        ([[0, 0, 1]], true), ([[0, 1, 0], [0, 0, 1]], true),
    ]

    @Test("every shuffle gives, at every voxel, what that voxel's own design gives")
    func directTwin() throws {
        let example = Example(subjects: 11, voxels: 30)
        for (weights, isF) in contrasts {
            let fit = try VoxelwiseFit(try example.design(weights, isF: isF), example.cohort)
            let statistic = VoxelwiseRegressorStatistic(fit, example.cohort)
            #expect(statistic.voxels.count == 30)
            for scheme in ExchangeScheme.allCases {
                let shuffles = ShuffleSet(
                    ShufflePlan(count: 8, exchanging: scheme, seed: 2), design: example.matrix)
                let maps = statistic.maps(of: shuffles, in: 0..<shuffles.count, threads: 1)
                for voxel in 0..<30 {
                    let design = example.matrix(at: voxel)
                    let partition = try ContrastPartition(
                        LinearModel(matrix: design), weights: Matrix(rows: weights), isF: isF, name: "c")
                    for k in 0..<shuffles.count {
                        let y = DirectRefit.shuffled(
                            example.cohort.values(at: voxel), nuisance: partition.nuisanceBasis, shuffles[k])
                        let model = Cohort(
                            identifiers: example.cohort.identifiers,
                            mask: Mask(grid: example.cohort.mask.grid, offsets: [0])
                        ) { [y[$0]] }
                        let expected = Fit(partition.model, model).statistic(partition).values[0]
                        #expect(
                            abs(maps[k * 30 + voxel] - expected) <= 1e-8 * max(1, abs(expected)),
                            "\(weights) \(scheme) \(k) \(voxel)")
                    }
                }
            }
        }
    }

    @Test("the identity's map is the parametric one, and statistic and effect are those of each voxel's fit")
    func identityIsParametric() throws {
        let example = Example(subjects: 13, voxels: 50)
        for (weights, isF) in contrasts {
            let fit = try VoxelwiseFit(try example.design(weights, isF: isF), example.cohort, threads: 2)
            let shuffles = ShuffleSet(
                ShufflePlan(count: 2, exchanging: .permute, seed: 2), design: example.matrix)
            let map = VoxelwiseRegressorStatistic(fit, example.cohort)
                .maps(of: shuffles, in: 0..<1, threads: 1)
            #expect(map == fit.statistic.values)
            for voxel in 0..<50 {
                let partition = try ContrastPartition(
                    LinearModel(matrix: example.matrix(at: voxel)), weights: Matrix(rows: weights), isF: isF,
                    name: "c")
                let one = Fit(partition.model, example.cohort)
                let expected = one.statistic(partition).values[voxel]
                #expect(abs(map[voxel] - expected) <= 1e-9 * max(1, abs(expected)))
                if !isF {
                    let effect = one.effect(partition).values[voxel]
                    #expect(abs(fit.effect[voxel] - effect) <= 1e-8 * max(1, abs(effect)))
                }
            }
        }
    }

    @Test("an image that is the same at every voxel is an ordinary column")
    func constantImage() throws {
        let example = Example(subjects: 12, voxels: 40, sameEverywhere: true)
        let fit = try VoxelwiseFit(try example.design([[0, 0, 1]]), example.cohort)
        let partition = try ContrastPartition(
            LinearModel(matrix: example.matrix), weights: Matrix(rows: [[0, 0, 1]]), isF: false, name: "c")
        let shuffles = ShuffleSet(
            ShufflePlan(count: 40, exchanging: .permute, seed: 6), design: example.matrix)
        let plain = PermutationTest(
            partition, example.cohort, Fit(partition.model, example.cohort), tail: .greater,
            shuffles: shuffles
        ).run().voxel
        let maps = VoxelwiseRegressorStatistic(fit, example.cohort)
            .maps(of: shuffles, in: 0..<shuffles.count, threads: 2)
        for k in 0..<shuffles.count {
            let greatest = maps[k * 40..<(k + 1) * 40].max()!
            #expect(abs(greatest - plain.maxima[k]) <= 1e-8 * max(1, greatest))
        }
    }

    @Test("ranges and threads change nothing, to the bit; AVX2 and AVX-512 agree to the bit")
    func sameBits() throws {
        let example = Example(subjects: 20, voxels: 500)
        let fit = try VoxelwiseFit(try example.design([[0, 0, 1]]), example.cohort)
        let shuffles = ShuffleSet(
            ShufflePlan(count: 9, exchanging: .both, seed: 6), design: example.matrix)
        let statistic = VoxelwiseRegressorStatistic(fit, example.cohort)
        let whole = statistic.maps(of: shuffles, in: 0..<10, threads: 1)
        #expect(statistic.maps(of: shuffles, in: 0..<10, threads: 3) == whole)
        #expect(
            statistic.maps(of: shuffles, in: 0..<4, threads: 2)
                + statistic.maps(of: shuffles, in: 4..<10, threads: 1) == whole)
        for level in InstructionLevel.available {
            let other = VoxelwiseRegressorStatistic(fit, example.cohort, level: level)
                .maps(of: shuffles, in: 0..<10, threads: 1)
            if level == .baseline {
                for (a, b) in zip(other, whole) { #expect(abs(a - b) < 1e-11 * max(1, abs(b))) }
            } else {
                #expect(other == whole)
            }
        }
    }

    @Test(
        "voxels where images are collinear or data perfect are left out and counted, and refused if all are")
    func degenerateVoxels() throws {
        let grid = Grid(shape: [4, 1, 1], affine: Affine([2, 0, 0, 0, 0, 2, 0, 0, 0, 0, 2, 0]))
        let mask = Mask(grid: grid) { _ in true }
        var numbers = TestNumbers(8)
        let n = 9
        let covariate = numbers.normals(n)
        let images = (0..<n).map { i in [numbers.normal(), 0.7, 3 * covariate[i] + 2, numbers.normal()] }
        let rows = (0..<n).map { i in
            [numbers.normal(), numbers.normal(), numbers.normal(), 2 * images[i][3] - covariate[i] + 1]
        }
        let names = (0..<n).map { "\($0)" }
        let matrix = Matrix(columns: [[Double](repeating: 1, count: n), covariate, covariate])
        func image(_ mask: Mask) -> Cohort {
            Cohort(identifiers: names, mask: mask) { i in mask.offsets.map { images[i][Int($0)] } }
        }
        func data(_ mask: Mask) -> Cohort {
            Cohort(identifiers: names, mask: mask) { i in mask.offsets.map { rows[i][Int($0)] } }
        }
        let design = try VoxelwiseDesign(
            matrix: matrix, regressors: [2: image(mask)], weights: Matrix(rows: [[0, 0, 1]]), isF: false,
            name: "c")
        let fit = try VoxelwiseFit(design, data(mask))
        #expect(fit.collinearVoxelCount == 2 && fit.perfectVoxelCount == 1 && fit.notes.count == 2)
        #expect(fit.statistic.values[0].isFinite && fit.statistic.values[1...].allSatisfy { $0.isNaN })
        #expect(abs(fit.effect[3] - 2) < 1e-12)
        #expect(VoxelwiseRegressorStatistic(fit, data(mask)).voxels == [0])

        let lost = Mask(grid: grid, offsets: [1, 2])
        let none = try VoxelwiseDesign(
            matrix: matrix, regressors: [2: image(lost)], weights: Matrix(rows: [[0, 0, 1]]), isF: false,
            name: "c")
        #expect(throws: VoxelwiseError.noVoxel(collinear: 2, withoutVariance: 0)) {
            _ = try VoxelwiseFit(none, data(lost))
        }
        // Columns of the table that are collinear among themselves are named.
        let double = Matrix(columns: [matrix.column(0), covariate, covariate, covariate])
        #expect(throws: VoxelwiseError.collinear(columns: [2])) {
            _ = try VoxelwiseDesign(
                matrix: double, regressors: [3: image(mask)], weights: Matrix(rows: [[0, 0, 0, 1]]),
                isF: false, name: "c")
        }
    }
}
