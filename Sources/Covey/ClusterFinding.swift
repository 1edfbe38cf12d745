import CoveyImaging
public import CoveyInference
import CoveyModel

/// Clusters, where their forming threshold came from, and everything that is known of them.
public struct ClusterFinding: Sendable {
    /// Its clusters and their peaks.
    public let table: ClusterTable
    /// What the threshold is, in words: "given", "family-wise error .05 by permutation".
    public let origin: String
    /// What is known of clusters and peaks: the table's own columns, then those of every inference that was run.
    public internal(set) var columns: [ClusterColumn]
    /// What is known of all clusters together.
    public internal(set) var setValues: [SetValue] = []

    /// A number that belongs to the set of clusters, as the p of their count does.
    public struct SetValue: Sendable, Hashable {
        /// What it is.
        public let measure: Measure
        /// The number.
        public let value: Double
    }

    /// The table as tab-separated text, with every column.
    public var text: String { table.text(with: columns) }

    static func form(
        _ statistic: StatisticMap, tail: Tail, choice: AnalysisPlan.ClusterChoice,
        thresholds: [ThresholdFinding], permutation: PermutationFinding?, isPseudo: Bool
    ) -> [ClusterFinding] {
        // Thresholds of a test on another scale, z or pseudo-t, form clusters on that scale.
        let compared = permutation?.voxel.result.observed
        let statistic =
            compared?.statistic == statistic.statistic && !isPseudo ? statistic : compared ?? statistic
        let formed = permutation?.choice.formingHeights ?? []
        guard formed.isEmpty else {
            return formed.map { height in
                finding(
                    statistic, height, tail, choice,
                    origin: "forming threshold of the permutation test", permutation)
            }
        }
        let threshold: Double
        let origin: String
        if let given = choice.threshold {
            (threshold, origin) = (given, "given")
        } else if let permutation {
            // Where no voxel reaches the threshold, the table is empty and says so.
            guard let found = permutation.voxel.threshold, found > 0 else { return [] }
            (threshold, origin) = (found, "family-wise error \(permutation.alpha) by permutation")
        } else if let first = thresholds.first {
            guard let found = first.statisticThreshold, found > 0 else { return [] }
            (threshold, origin) = (found, "\(first.correction.rawValue) \(first.level)")
        } else {
            threshold = uncorrectedThreshold(statistic.statistic, tail: tail, p: 0.001)
            origin = "uncorrected p 0.001, for description only"
        }
        return [finding(statistic, threshold, tail, choice, origin: origin, permutation)]
    }

    static func finding(
        _ statistic: StatisticMap, _ threshold: Double, _ tail: Tail, _ choice: AnalysisPlan.ClusterChoice,
        origin: String, _ permutation: PermutationFinding?
    ) -> ClusterFinding {
        let table = ClusterTable(
            statistic, threshold: threshold, tail: tail,
            connectivity: Connectivity(rawValue: choice.connectivity) ?? .corners,
            minimumVoxelCount: max(1, choice.minimumExtent))
        return ClusterFinding(
            table: table, origin: origin, columns: [])
    }
}
