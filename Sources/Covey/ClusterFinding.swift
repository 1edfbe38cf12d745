import CoveyImaging
public import CoveyInference
public import CoveyModel

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

    /// Whether the rows are regions of voxels that survive, whatever their statistic, instead of clusters above a
    /// threshold.
    public internal(set) var isOfSurvivors = false
    /// How readers know the statistic that formed the clusters: t, F or z.
    public internal(set) var letter = "t"
    /// How the threshold accounted for the number of tests; `nil` where it was given.
    public internal(set) var correction: Correction?
    /// The level of the correction; `nil` where the threshold was given.
    public internal(set) var level: Double?
    /// What readers should know besides, a sentence each.
    public internal(set) var remarks: [String] = []
    /// Whose atlases gave names, and what to cite for them, a sentence each.
    public internal(set) var credits: [String] = []

    /// A number that belongs to the set of clusters, as the p of their count does.
    public struct SetValue: Sendable, Hashable {
        /// What it is.
        public let measure: Measure
        /// The number.
        public let value: Double
    }

    /// Clusters with the columns of their table.
    ///
    /// - Parameters:
    ///   - origin: what the threshold is, in words.
    ///   - letter: how readers know the statistic.
    public init(_ table: ClusterTable, origin: String, letter: String = "t") {
        self.table = table
        self.origin = origin
        self.letter = letter
        columns = table.columns(letter: letter)
    }

    /// Clusters of a map that was read from a file, with p by the distribution of its statistic.
    ///
    /// - Precondition: the map holds t, z or F, and the table is of it; F is tested with `.greater`.
    public init(_ table: ClusterTable, of map: StatisticMap, rule: ThresholdRule, atlases: [AtlasFile]) {
        self.init(table, origin: rule.words, letter: map.statistic.letter)
        (correction, level) = rule.control
        let test = ParametricTest(map, tail: table.tail)
        columns += test.measures(correctedBy: [correction].compactMap { $0 }).map {
            ClusterColumn($0, in: table)
        }
        name(by: atlases)
    }

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
                    statistic, height, tail, choice, takesTies: true,
                    origin: "forming threshold of the permutation test")
            }
        }
        let threshold: Double
        let origin: String
        var (correction, level): (Correction?, Double?) = (nil, nil)
        if let given = choice.threshold {
            (threshold, origin) = (given, "given")
        } else if let permutation {
            // Where no voxel reaches the threshold, the table is empty and says so.
            guard let found = permutation.voxel.threshold, found > 0 else { return [] }
            (threshold, origin) = (found, "family-wise error \(permutation.alpha) by permutation")
            (correction, level) = (.familyWiseError, permutation.alpha)
        } else if let first = thresholds.first {
            guard let found = first.statisticThreshold, found > 0 else { return [] }
            (threshold, origin) = (found, "\(first.correction.rawValue) \(first.level)")
            (correction, level) = (first.correction, first.level)
        } else {
            threshold = uncorrectedThreshold(statistic.statistic, tail: tail, p: 0.001)
            origin = "uncorrected p 0.001, for description only"
            (correction, level) = (Correction.none, 0.001)
        }
        var found = finding(statistic, threshold, tail, choice, origin: origin)
        (found.correction, found.level) = (correction, level)
        return [found]
    }

    static func finding(
        _ statistic: StatisticMap, _ threshold: Double, _ tail: Tail, _ choice: AnalysisPlan.ClusterChoice,
        takesTies: Bool = false, origin: String
    ) -> ClusterFinding {
        let table = ClusterTable(
            statistic, threshold: threshold, tail: tail,
            connectivity: Connectivity(rawValue: choice.connectivity) ?? .corners, takesTies: takesTies,
            minimumVoxelCount: max(1, choice.minimumExtent),
            peakDistanceMillimeters: choice.peakDistanceMillimeters
                ?? ClusterTable.usualPeakDistanceMillimeters,
            subpeakLimit: choice.subpeakLimit ?? ClusterTable.usualSubpeakLimit)
        return ClusterFinding(table, origin: origin)
    }
}
