import CoveyCore
public import CoveyModel

/// The permutation test as it is written in the paper, one refit at a time: slow, obvious, and the judge of
/// ``PermutationTest``.
///
/// For every shuffle and voxel the data become `P e + Z gamma` (residuals on the nuisance columns, moved or
/// flipped, plus what those columns fitted), and the whole model is fitted again.
public struct PlainPermutationTest: Sendable {
    private let partition: ContrastPartition
    private let tail: Tail
    private let shuffles: ShuffleSet

    /// A test of `partition` with the given tail and shuffles.
    public init(_ partition: ContrastPartition, tail: Tail, shuffles: ShuffleSet) {
        self.partition = partition
        self.tail = tail
        self.shuffles = shuffles
    }

    /// Runs every shuffle. Same result as ``PermutationTest``, at the cost of a fit per shuffle.
    public func run(_ cohort: Cohort, _ fit: Fit) -> PermutationResult {
        let nuisance = partition.nuisanceBasis
        let n = cohort.subjectCount
        let voxels = cohort.mask.count
        let parametric = fit.statistic(partition)
        let tested = (0..<voxels).filter { parametric.values[$0].isFinite }

        var residuals = [[Double]](repeating: [], count: voxels)
        var fitted = residuals
        for voxel in tested {
            let y = cohort.values(at: voxel)
            var projection = [Double](repeating: 0, count: n)
            for c in 0..<nuisance.columns {
                let dot = (0..<n).reduce(0.0) { $0 + nuisance[$1, c] * y[$1] }
                for i in 0..<n { projection[i] += dot * nuisance[i, c] }
            }
            fitted[voxel] = projection
            residuals[voxel] = (0..<n).map { y[$0] - projection[$0] }
        }

        var maxima: [Double] = []
        var statistics: [[Double]] = []
        for index in 0..<shuffles.count {
            let shuffle = shuffles[index]
            let shuffled = Cohort(identifiers: cohort.identifiers, mask: cohort.mask) {
                [residuals, fitted] subject in
                // e*[source[i]] = signs[i] e[i]
                let from = shuffle.source.firstIndex(of: subject)!
                return (0..<voxels).map { voxel in
                    residuals[voxel].isEmpty
                        ? 0 : Double(shuffle.signs[from]) * residuals[voxel][from] + fitted[voxel][subject]
                }
            }
            let map = Fit(partition.model, shuffled, threads: 1).statistic(partition)
            let directed = map.values.map { value -> Double in
                switch tail {
                case .greater: value
                case .less: -value
                case .twoSided: abs(value)
                }
            }
            statistics.append(directed)
            maxima.append(tested.reduce(-.infinity) { max($0, directed[$1].isNaN ? 0 : directed[$1]) })
        }

        var exceedances = [Int](repeating: 0, count: voxels)
        var familyWise = exceedances
        for voxel in tested {
            let observed = statistics[0][voxel]
            let bound = observed - 1e-9 * abs(observed) - 1e-13
            exceedances[voxel] = statistics.count { $0[voxel] >= bound }
            familyWise[voxel] = maxima.count { $0 >= bound }
        }
        return PermutationResult(
            quantity: .voxel, observed: parametric, tail: tail, shuffles: shuffles, maxima: maxima,
            exceedances: exceedances, familyWiseExceedances: familyWise)
    }
}
