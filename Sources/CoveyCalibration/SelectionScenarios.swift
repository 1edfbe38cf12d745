import CoveyCore
import CoveyImaging
import CoveyInference
import CoveyModel

/// Error rates of what is said after selection: bounds on true discoveries of all regions at once, and random field
/// p-values of peaks and clusters, on smooth noise around a ball of true signal or none.
struct SelectionScenario: Sendable {
    let name: String
    let claim: Claim
    /// What stands in the ball, in standard deviations.
    var signal = 0.0

    enum Claim {
        /// Some region's bound by all-resolutions inference exceeds its active voxels.
        case allResolutions
        /// Some region's calibrated bound does.
        case calibrated
        /// Some peak of either sign has a family-wise random field p of at most .05.
        case peak
        /// Some cluster formed at p = .001, of either sign, has.
        case cluster
        /// Some cluster formed at p = .01, of either sign, has a q of at most .05 among the clusters of all shuffles.
        case pooledRate
        /// A cluster formed at p = .01, drawn from those there are, has a p of at most .05 among them.
        case pooledCluster
        /// As many clusters as there are have a p of at most .05 by shuffles.
        case shuffledSet
    }

    static let all = [
        SelectionScenario(name: "all-resolutions bounds of all regions, no signal", claim: .allResolutions),
        SelectionScenario(
            name: "all-resolutions bounds of all regions, a ball of signal", claim: .allResolutions, signal: 1
        ),
        SelectionScenario(name: "calibrated bounds of all regions, no signal", claim: .calibrated),
        SelectionScenario(
            name: "calibrated bounds of all regions, a ball of signal", claim: .calibrated, signal: 1),
        SelectionScenario(name: "random field p of peaks, no signal", claim: .peak),
        SelectionScenario(name: "random field p of clusters at p = .001, no signal", claim: .cluster),
        SelectionScenario(name: "q of clusters among those of all shuffles, no signal", claim: .pooledRate),
        SelectionScenario(
            name: "p of a cluster among those of all shuffles, no signal", claim: .pooledCluster),
        SelectionScenario(name: "p of the number of clusters by shuffles, no signal", claim: .shuffledSet),
    ]

    /// Whether what holds in 95 % of data sets fails in this one. All of these may fail less often.
    func fails(_ index: Int) throws -> Bool {
        let shape = [14, 13, 12]
        let grid = Grid(shape: shape, affine: Affine([3, 0, 0, 0, 0, 3, 0, 0, 0, 0, 3, 0]))
        let mask = Mask(grid: grid) { _ in true }
        var random = NormalStream(index: UInt64(index) << 8 | UInt64(signal))
        let isActive = (0..<grid.count).map { offset in
            let here = grid.index(at: offset)
            let (x, y, z) = (here.x - 4, here.y - 6, here.z - 6)
            return signal > 0 && x * x + y * y + z * z <= 9
        }
        let rows = (0..<20).map { _ in
            zip(Self.smoothNoise(shape, &random), isActive).map { $0 + ($1 ? signal : 0) }
        }
        let cohort = Cohort(identifiers: rows.indices.map(String.init), mask: mask) { rows[$0] }
        let design = Matrix(columns: [[Double](repeating: 1, count: rows.count)])
        let model = try LinearModel(matrix: design)
        let partition = try ContrastPartition(model, weights: Matrix(rows: [[1]]), isF: false, name: name)
        let fit = Fit(model, cohort, threads: 1)
        switch claim {
        case .allResolutions, .calibrated:
            let bounds: TrueDiscoveryBounds
            if claim == .calibrated {
                var choice = InferenceChoice.voxels
                choice.boundTemplateSize = 1000
                let plan = ShufflePlan(count: 199, exchanging: .flip, seed: UInt64(index))
                let results = PermutationTest(
                    partition, cohort, fit, tail: .twoSided, shuffles: ShuffleSet(plan, design: design),
                    comparing: choice
                ).run(threads: 1)
                guard let calibration = results.calibration else { return true }
                bounds = results.voxel.trueDiscoveryBounds(calibration, alpha: 0.05)
            } else {
                let test = ParametricTest(fit.t(partition), tail: .twoSided, threads: 1)
                bounds = TrueDiscoveryBounds(allResolutions: test.logP, alpha: 0.05)
            }
            // Some region's bound is wrong exactly when that of the inactive voxels is above 0.
            return bounds.bound(of: isActive.indices.filter { !isActive[$0] }).trueDiscoveries > 0
        case .pooledRate, .pooledCluster, .shuffledSet:
            var choice = InferenceChoice()
            choice.formingHeights = [
                StudentT(degreesOfFreedom: 19).quantile(logTwoSided: LogProbability.fromP(0.01))
            ]
            choice.mass = nil
            let plan = ShufflePlan(count: 199, exchanging: .flip, seed: UInt64(index))
            let results = PermutationTest(
                partition, cohort, fit, tail: .twoSided, shuffles: ShuffleSet(plan, design: design),
                comparing: choice
            ).run(threads: 1)
            guard let pooled = results.all.last?.pooled, !pooled.observed.isEmpty else { return false }
            return switch claim {
            case .pooledRate: pooled.observed.contains { pooled.q(of: $0) <= 0.05 }
            case .shuffledSet: pooled.setP <= 0.05
            default: pooled.p(of: pooled.observed[index % pooled.observed.count]) <= 0.05
            }
        case .peak, .cluster:
            guard let smoothness = Smoothness(residualsOf: fit, in: cohort, threads: 1) else { return true }
            let t = fit.t(partition)
            let test = RandomFieldTest(
                field: .t(degreesOfFreedom: 19), resels: smoothness.resels.map { 2 * $0 })
            if claim == .peak {
                let height = test.height(alpha: 0.05)
                return t.values.contains { abs($0) >= height }
            }
            let threshold = StudentT(degreesOfFreedom: 19).quantile(logTwoSided: LogProbability.fromP(0.001))
            let table = ClusterTable(t, threshold: threshold, tail: .twoSided, connectivity: .edges)
            let p = RandomFieldClusters(table, of: t, test, voxelsPerResel: smoothness.voxelsPerResel)
            return p.clusters.contains { LogProbability.p($0.logFamilyWise) <= 0.05 }
        }
    }

    /// Noise of standard deviation 1, smoothed to a FWHM of 4 voxels; around the end it begins again.
    private static func smoothNoise(_ shape: [Int], _ random: inout NormalStream) -> [Double] {
        var data = (0..<shape.reduce(1, *)).map { _ in random.next() }
        let weights = (-5...5).map { LogProbability.p(-0.5 * Double($0 * $0) / 2.885) }
        let length = weights.reduce(0) { $0 + $1 * $1 }.squareRoot()
        for (axis, stride) in [1, shape[0], shape[0] * shape[1]].enumerated() {
            let source = data
            for offset in data.indices {
                let place = offset / stride % shape[axis]
                var sum = 0.0
                for k in weights.indices {
                    let there = (place + k - 5 + shape[axis]) % shape[axis]
                    sum += weights[k] * source[offset + (there - place) * stride]
                }
                data[offset] = sum / length
            }
        }
        return data
    }
}
