import CoveyCore
import CoveyImaging
import CoveyKernels
import CoveyModel
import CoveyTestSupport
import Foundation
import Testing

@testable import CoveyInference

@Suite("Pseudo-t")
struct PseudoTTests {
    /// A ball of voxels with an odd edge, on a grid with voxels of three sizes.
    private struct Example {
        let mask: Mask
        let cohort: Cohort
        let model: LinearModel
        let design: Matrix

        init(subjects n: Int, seed: UInt64 = 1, scale: Double = 1) throws {
            let grid = Grid(shape: [9, 8, 7], affine: Affine([2, 0, 0, 0, 0, 3, 0, 0, 0, 0, 4, 0]))
            let mask = Mask(grid: grid) { offset in
                let index = grid.index(at: offset)
                let (x, y, z) = (index.x - 4, index.y - 4, index.z - 3)
                return x * x + y * y + z * z < 14 && offset % 11 != 0
            }
            var numbers = TestNumbers(seed)
            design = Matrix(columns: [
                [Double](repeating: 1, count: n), numbers.normals(n), numbers.normals(n),
            ])
            let rows = (0..<n).map { _ in
                (0..<mask.count).map { voxel in scale * (3 + numbers.normal() * Double(1 + voxel % 5)) }
            }
            self.mask = mask
            cohort = Cohort(identifiers: (0..<n).map { "\($0)" }, mask: mask) { rows[$0] }
            model = try LinearModel(matrix: design)
        }

        func partition(_ weights: [Double]) throws -> ContrastPartition {
            try ContrastPartition(model, weights: Matrix(rows: [weights]), isF: false, name: "c")
        }
    }

    @Test("every shuffle gives the effect over the root of its smoothed variance, by a direct refit and sum")
    func directTwin() throws {
        let example = try Example(subjects: 8)
        let fwhm = 6.0
        let deviation = fwhm / 2.3548200450309493
        let fit = Fit(example.model, example.cohort)
        let grid = example.mask.grid
        for weights in [[0.0, 1, 0], [1, 0, 0], [0, 1, -1]] {
            let partition = try example.partition(weights)
            let statistic = try PseudoTStatistic(partition, fit, example.cohort, fwhmMillimeters: fwhm)
            for scheme in ExchangeScheme.allCases {
                let shuffles = ShuffleSet(
                    ShufflePlan(count: 3, exchanging: scheme, seed: 5), design: example.design)
                let maps = statistic.maps(of: shuffles, in: 0..<shuffles.count, threads: 1)
                for k in 0..<shuffles.count {
                    let data = (0..<example.mask.count).map { voxel in
                        DirectRefit.shuffled(
                            example.cohort.values(at: voxel), nuisance: partition.nuisanceBasis, shuffles[k])
                    }
                    let shuffled = Cohort(identifiers: example.cohort.identifiers, mask: example.mask) { i in
                        data.map { $0[i] }
                    }
                    let refit = Fit(example.model, shuffled)
                    let (effect, variance) = (
                        refit.effect(partition).values, refit.variance(partition).values
                    )
                    for voxel in stride(from: 0, to: example.mask.count, by: 5) {
                        let here = example.mask.voxel(of: voxel)
                        var (sum, weight) = (0.0, 0.0)
                        for other in 0..<example.mask.count {
                            let there = example.mask.voxel(of: other)
                            let steps = [there.x - here.x, there.y - here.y, there.z - here.z]
                            let sizes = grid.affine.voxelSizes
                            var w = 1.0
                            for axis in 0..<3 {
                                let sigma = deviation / sizes[axis]
                                let reach = Int(4 * sigma + 0.5)
                                let step = Double(steps[axis])
                                w *= abs(steps[axis]) > reach ? 0 : exp(-step * step / (2 * sigma * sigma))
                            }
                            sum += w * variance[other]
                            weight += w
                        }
                        let expected = effect[voxel] / (sum / weight).squareRoot()
                        let got = maps[k * example.mask.count + voxel]
                        #expect(abs(got - expected) <= 1e-9 * max(1, abs(expected)))
                    }
                }
            }
        }
    }

    @Test("a Gaussian narrower than a voxel gives t")
    func narrow() throws {
        let example = try Example(subjects: 9)
        let fit = Fit(example.model, example.cohort)
        let partition = try example.partition([0, 1, 0])
        let statistic = try PseudoTStatistic(partition, fit, example.cohort, fwhmMillimeters: 0.1)
        let shuffles = ShuffleSet(
            ShufflePlan(count: 20, exchanging: .permute, seed: 5), design: example.design)
        let maps = statistic.maps(of: shuffles, in: 0..<21, threads: 1)
        let plain = PermutationTest(
            partition, example.cohort, fit, tail: .greater, shuffles: shuffles
        ).run().voxel
        let t = fit.t(partition).values
        for (a, b) in zip(maps, t) { #expect(abs(a - b) <= 1e-10 * max(1, abs(b))) }
        for k in 0..<21 {
            let greatest = maps[k * t.count..<(k + 1) * t.count].max()!
            #expect(abs(greatest - plain.maxima[k]) <= 1e-9 * greatest)
        }
    }

    @Test("units of the data do not matter, ranges and threads change nothing")
    func invariance() throws {
        let (one, other) = (try Example(subjects: 8), try Example(subjects: 8, scale: 0x1p-600))
        func maps(_ example: Example, _ ranges: [Range<Int>], threads: Int) throws -> [Double] {
            let statistic = try PseudoTStatistic(
                try example.partition([0, 1, 0]), Fit(example.model, example.cohort), example.cohort,
                fwhmMillimeters: 5)
            let shuffles = ShuffleSet(
                ShufflePlan(count: 9, exchanging: .both, seed: 5), design: example.design)
            return ranges.flatMap { statistic.maps(of: shuffles, in: $0, threads: threads) }
        }
        let whole = try maps(one, [0..<10], threads: 1)
        #expect(try maps(other, [0..<10], threads: 1) == whole)
        #expect(try maps(one, [0..<10], threads: 3) == whole)
        #expect(try maps(one, [0..<3, 3..<10], threads: 2) == whole)
    }

    @Test("a width that is not positive or wider than the image is refused")
    func widths() throws {
        let example = try Example(subjects: 8)
        let fit = Fit(example.model, example.cohort)
        let partition = try example.partition([0, 1, 0])
        for width in [0.0, -1, .nan, 1000] {
            #expect(throws: ImagingError.self) {
                _ = try PseudoTStatistic(partition, fit, example.cohort, fwhmMillimeters: width)
            }
        }
    }
}
