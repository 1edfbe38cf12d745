import CoveyCore
public import CoveyInference
import CoveyModel

/// What random field theory says of a contrast: the height that peaks must reach, and the p-values of clusters
/// whose forming threshold does not depend on the map.
public struct RandomFieldFinding: Sendable {
    /// How smooth the errors are, from the residuals.
    public let smoothness: Smoothness
    /// The test; where both signs were searched its resels are those of the mask twice.
    public let test: RandomFieldTest
    /// The family-wise level of peaks.
    public let alpha: Double
    /// The height of the statistic whose family-wise p is alpha, on either side that counts.
    public let threshold: Double
    /// Voxels that reach it.
    public let survivorCount: Int
    /// For each table of clusters of the contrast its p-values; `nil` where the forming threshold was taken from
    /// the map, so that the theory says nothing.
    public let tables: [RandomFieldClusters?]
    /// The limits of the theory that matter here.
    let notes: [Note]

    /// - Precondition: the statistic is t or F of an ordinary least squares fit.
    init(
        _ statistic: StatisticMap, tail: Tail, _ smoothness: Smoothness, alpha: Double,
        clusters: [ClusterFinding], fixed: [Double], label: String
    ) {
        let field: RandomField
        let degreesOfFreedom: Double
        switch statistic.statistic {
        case .t(let dof): (field, degreesOfFreedom) = (.t(degreesOfFreedom: dof), dof)
        case .f(let numerator, let denominator):
            field = .f(numerator: numerator, denominator: denominator)
            degreesOfFreedom = denominator
        default: preconditionFailure("no random field of \(statistic.statistic)")
        }
        self.smoothness = smoothness
        self.alpha = alpha
        let test = RandomFieldTest(
            field: field, resels: smoothness.resels.map { tail == .twoSided ? 2 * $0 : $0 })
        self.test = test
        let height = test.height(alpha: alpha)
        threshold = height
        survivorCount = statistic.values.count { value in
            switch tail {
            case .greater: value >= height
            case .less: value <= -height
            case .twoSided: abs(value) >= height
            }
        }
        tables = clusters.map { finding in
            guard fixed.contains(finding.table.threshold) else { return nil }
            return RandomFieldClusters(
                finding.table, of: statistic, test, voxelsPerResel: smoothness.voxelsPerResel)
        }
        var notes: [Note] = []
        for (finding, p) in zip(clusters, tables) where p != nil {
            let forming = LogProbability.p(field.logSurvival(finding.table.threshold))
            guard forming > 0.001 * (1 + 1e-9) else { continue }
            notes.append(
                .warning(
                    "random field theory, contrast \(label): clusters were formed at p = \(significant(forming, digits: 2)), "
                        + "above 0.001: their p-values are too small; at p = 0.01 the error rate of 5 % was found to "
                        + "reach 70 % (Eklund, Nichols and Knutsson 2016)"))
        }
        let tests = statistic.values.count { !$0.isNaN } * (tail == .twoSided ? 2 : 1)
        let bonferroni = field.quantile(logSurvival: LogProbability.fromP(alpha / Double(max(tests, 1))))
        if bonferroni < height {
            notes.append(
                .information(
                    "contrast \(label): Bonferroni's threshold \(significant(bonferroni, digits: 4)) is below that of random "
                        + "field theory, \(significant(height, digits: 4)): the maps are too rough for the theory to help; "
                        + "SPM takes the lower one"))
        }
        if degreesOfFreedom < 20 {
            notes.append(
                .warning(
                    "random field theory with \(shortest(degreesOfFreedom)) residual degrees of freedom: p-values of "
                        + "peaks are conservative below 20 or so"))
        }
        self.notes = notes
    }

    /// What is to be said of the theory and the smoothness, whatever the contrast.
    static func notes(_ smoothness: Smoothness) -> [Note] {
        var notes = [
            Note.information(
                "random field theory: \(smoothness.words); its p-values take errors for Gaussian and, for clusters, "
                    + "equally smooth everywhere; a permutation test takes neither for granted")
        ]
        if let least = smoothness.fwhmVoxels.filter({ $0 != 1 }).min(), least < 3 {
            notes.append(
                .warning(
                    "random field theory on maps of \(significant(least, digits: 3)) voxels FWHM: below 3 voxels the "
                        + "smoothness is estimated too large, the p-values of peaks are conservative (Bonferroni may be "
                        + "less so), and those of clusters are unreliable"))
        }
        return notes
    }
}

extension Smoothness {
    /// "FWHM 8.2 x 8.4 x 7.9 mm (2.7 x 2.8 x 2.6 voxels), 512.3 resels".
    var words: String {
        func product(_ widths: [Double]) -> String {
            widths.map { significant($0, digits: 4) }.joined(separator: " x ")
        }
        return
            "FWHM \(product(fwhmMillimeters)) mm (\(product(fwhmVoxels)) voxels) by the residuals, "
            + "\(significant(resels[3], digits: 5)) resels of \(significant(voxelsPerResel, digits: 4)) voxels"
    }
}

extension ContrastAnalysis {
    /// Forming thresholds that do not depend on the map.
    static func fixedThresholds(
        _ statistic: Statistic, tail: Tail, _ choice: AnalysisPlan.ClusterChoice,
        _ permutation: PermutationFinding?
    ) -> [Double] {
        [choice.threshold].compactMap { $0 } + (permutation?.choice.formingHeights ?? [])
            + [uncorrectedThreshold(statistic, tail: tail, p: 0.001)]
    }

    /// The clusters that random field theory speaks of, where no table has a forming threshold chosen without the
    /// map: those at an uncorrected p of 0.001.
    static func randomFieldClusters(
        _ statistic: StatisticMap, tail: Tail, _ choice: AnalysisPlan.ClusterChoice, fixed: [Double],
        beside clusters: [ClusterFinding], _ permutation: PermutationFinding?
    ) -> [ClusterFinding] {
        guard !clusters.contains(where: { fixed.contains($0.table.threshold) }) else { return [] }
        return [
            ClusterFinding.finding(
                statistic, uncorrectedThreshold(statistic.statistic, tail: tail, p: 0.001), tail, choice,
                origin: "uncorrected p 0.001, to form clusters for random field theory")
        ]
    }
}

extension Summary {
    /// Smoothness in numbers.
    public struct SmoothnessSummary: Codable, Sendable {
        /// Full width at half maximum along the axes of the grid, in voxels.
        public var fwhmVoxels: [Double]
        /// The same in mm.
        public var fwhmMillimeters: [Double]
        /// Resel counts of the mask in dimensions 0 to 3.
        public var resels: [Double]
        /// Voxels in one resel.
        public var voxelsPerResel: Double
        /// Voxels that the estimate rests on.
        public var voxelCount: Int

        init(_ smoothness: Smoothness) {
            fwhmVoxels = smoothness.fwhmVoxels
            fwhmMillimeters = smoothness.fwhmMillimeters
            resels = smoothness.resels
            voxelsPerResel = smoothness.voxelsPerResel
            voxelCount = smoothness.voxelCount
        }
    }

    /// Random field theory in numbers.
    public struct RandomFieldSummary: Codable, Sendable {
        /// The family-wise level of peaks.
        public var alpha: Double
        /// The height of the statistic that peaks must reach, on either side that counts.
        public var threshold: Double
        /// Voxels that reach it.
        public var survivors: Int
        /// 2 where both signs were searched, else 1: how often the resels of the mask are counted.
        public var sides: Int
        /// One entry per table of clusters; `nil` where its forming threshold was taken from the map.
        public var tables: [Table?]

        /// One table of clusters.
        public struct Table: Codable, Sendable {
            /// The forming threshold.
            public var threshold: Double
            /// The expected number of clusters above it under the null hypothesis.
            public var expectedClusters: Double
            /// Their expected number of voxels.
            public var expectedVoxels: Double
            /// p of as many clusters or more; absent where there is none.
            public var setP: Double?
            /// Clusters that the false discovery rate is over.
            public var clusters: Int
            /// Local maxima that the false discovery rate is over.
            public var peaks: Int
            /// Listed clusters with family-wise p at most alpha.
            public var survivingClusters: Int
        }
    }
}

extension RandomFieldFinding {
    /// The finding in numbers.
    func summary(_ clusters: [ClusterFinding]) -> Summary.RandomFieldSummary {
        Summary.RandomFieldSummary(
            alpha: alpha, threshold: threshold, survivors: survivorCount,
            sides: test.resels == smoothness.resels ? 1 : 2,
            tables: zip(clusters, tables).map { finding, table in
                table.map {
                    let u = finding.table.threshold
                    return Summary.RandomFieldSummary.Table(
                        threshold: u, expectedClusters: LogProbability.p(test.logExpectedClusters(at: u)),
                        expectedVoxels: test.expectedClusterResels(at: u) * smoothness.voxelsPerResel,
                        setP: $0.logSetP.map(LogProbability.p), clusters: $0.clusterCount,
                        peaks: $0.peakCount,
                        survivingClusters: $0.clusters.count { LogProbability.p($0.logFamilyWise) <= alpha })
                }
            })
    }
}

extension Summary.RandomFieldSummary {
    /// The finding in lines.
    ///
    /// - Parameter symbol: the statistic in the direction of the tail.
    func lines(symbol: String, strongest: String) -> [String] {
        let sided = sides == 2 ? ", both signs searched" : ""
        let reached =
            survivors > 0
            ? "\(counted(survivors, "voxel")) survive\(survivors == 1 ? "s" : ""), \(symbol) >= \(significant(threshold, digits: 6))"
            : "nothing survives \(symbol) >= \(significant(threshold, digits: 6)); the strongest is \(strongest)"
        var lines = ["random field theory, family-wise error \(shortest(alpha)): \(reached)\(sided)"]
        for table in tables.compactMap({ $0 }) {
            let set = table.setP.map { "; set-level p \(significant($0, digits: 3))" } ?? ""
            lines.append(
                "random field theory, clusters at \(symbol) >= \(significant(table.threshold, digits: 6)): "
                    + "\(table.survivingClusters) with family-wise p at most \(shortest(alpha))\(set); under the null "
                    + "\(significant(table.expectedClusters, digits: 3)) clusters of "
                    + "\(significant(table.expectedVoxels, digits: 3)) voxels are expected")
        }
        return lines
    }
}
