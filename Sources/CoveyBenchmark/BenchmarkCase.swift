import CoveyCore
import CoveyImaging
import CoveyInference
import CoveyKernels
import CoveyModel

/// A contrast in a design of random columns, on a cohort of smooth noise: what the permutation engine is timed on.
struct BenchmarkCase {
    let cohort: Cohort
    let fit: Fit
    let partition: ContrastPartition
    let design: Matrix

    /// - Parameters:
    ///   - columns: of the design, the mean first.
    ///   - tested: columns that the contrast tests, the first ones after the mean; the mean where it is alone.
    init(subjects: Int, shape: [Int], columns: Int, tested: Int) throws {
        let mask = MadeData.mask(shape: shape, voxelMillimeters: 3)
        let maps = try mapBlocks(subjects, threads: 2) { (k: Int) throws in
            try MadeData.smoothNoise(mask, seed: UInt64(100 + k))
        }
        cohort = Cohort(identifiers: (0..<subjects).map { "sub-\($0)" }, mask: mask) { maps[$0] }
        var stream = PhiloxStream(seed: 2, domain: 0, index: 0)
        design = Matrix(
            columns: (0..<columns).map { c in
                (0..<subjects).map { _ in c == 0 ? 1 : stream.normal() }
            })
        let model = try LinearModel(matrix: design)
        let first = columns == 1 ? 0 : 1
        let weights = Matrix(
            rows: (0..<tested).map { r in (0..<columns).map { $0 == first + r ? 1 : 0 } })
        partition = try ContrastPartition(
            model, weights: weights, isF: tested > 1, name: "benchmark")
        fit = Fit(model, cohort)
    }

    /// A tally of so many shuffles, ready to be run as often as one likes.
    func tally(
        _ count: Int, _ exchanging: ExchangeScheme, _ choice: InferenceChoice, threads: Int
    ) -> @Sendable () -> Void {
        let shuffles = shuffles(count, exchanging)
        let test = PermutationTest(
            partition, cohort, fit, tail: .greater, shuffles: shuffles, comparing: choice)
        let observation = test.observe(threads: threads)
        return {
            _ = test.tally(
                of: 0..<shuffles.count, observation, threads: threads, checkpoint: { _ in })
        }
    }

    /// Tests of each of the first columns after the mean, with the same shuffles.
    func tests(
        _ contrasts: Int, _ count: Int, _ choice: InferenceChoice
    ) throws -> [PermutationTest] {
        try (1...contrasts).map { column in
            let weights = Matrix(rows: [(0..<design.columns).map { $0 == column ? 1 : 0 }])
            return PermutationTest(
                try ContrastPartition(
                    partition.model, weights: weights, isF: false, name: "column \(column)"),
                cohort, fit, tail: .greater, shuffles: shuffles(count, .permute), comparing: choice)
        }
    }

    /// Seconds of sorting and joining the voxels of a shuffle, above 0: what any TFCE by union-find has to do.
    func floorSeconds(_ connectivity: Connectivity) -> Double {
        let statistic = RegressionStatistic(partition, cohort, fit)
        let few = 4
        let maps = statistic.maps(of: shuffles(few, .permute), in: 0..<few, threads: 1)
        var tree = ComponentTree(
            VoxelLattice(
                gridShape: cohort.mask.grid.shape,
                offsets: statistic.voxels.map { cohort.mask.offsets[Int($0)] },
                connectivity: connectivity.rawValue))
        return Timing.median {
            for map in 0..<few { tree.build(maps, from: map * statistic.voxels.count) }
        } / Double(few)
    }

    /// Floating-point operations of the products of so many shuffles with the data.
    func operations(_ count: Int, _ exchanging: ExchangeScheme) -> Double {
        2 * Double(partition.model.subjectCount * cohort.mask.count * count * rows(exchanging))
    }

    /// Rows that each shuffle multiplies with the data: those tested and the nuisance but for the mean.
    func rows(_ exchanging: ExchangeScheme) -> Int {
        partition.testedRank + partition.nuisanceBasis.columns
            - (partition.constantIsNuisance && exchanging != .flip ? 1 : 0)
    }

    private func shuffles(_ count: Int, _ exchanging: ExchangeScheme) -> ShuffleSet {
        ShuffleSet(ShufflePlan(count: count, exchanging: exchanging, seed: 1), design: design)
    }
}
