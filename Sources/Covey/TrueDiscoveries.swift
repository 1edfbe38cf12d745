import CoveyCore
public import CoveyInference
import CoveyModel
import CoveyReport

extension AnalysisPlan {
    /// The error rate of all bounds on true discoveries together.
    public var trueDiscoveryAlpha: Double { boundsAlpha ?? permutation?.alpha ?? 0.05 }
}

extension ContrastAnalysis {
    /// The bounds on true discoveries of a contrast, the primary ones first: those that the shuffles calibrated,
    /// where they were asked for, then those of all-resolutions inference, where the statistic has tail areas.
    ///
    /// Which come first is settled by what was asked for, before anything is seen: the better of two bounds is
    /// not a bound.
    static func bounds(
        _ parametric: ParametricTest?, _ permutation: PermutationFinding?, alpha: Double
    ) -> [TrueDiscoveryBounds] {
        let calibrated = permutation.flatMap { finding in
            finding.calibration.map { finding.voxel.result.trueDiscoveryBounds($0, alpha: alpha) }
        }
        return [
            calibrated, parametric.map { TrueDiscoveryBounds(allResolutions: $0.logP, alpha: alpha) },
        ].compactMap { $0 }
    }
}

extension ContrastAnalysis {
    /// The primary bounds, as the report's viewer tells them; `nil` where there are none.
    func reportBounds(_ plan: AnalysisPlan) -> ReportBounds? {
        bounds.first.map {
            ReportBounds(
                method: $0.method.words, alpha: $0.alpha, connectivity: plan.clusters.connectivity,
                file: "report/true-discoveries-\(label).gz")
        }
    }
}

extension TrueDiscoveryBounds.Method {
    /// Its name in summaries: `all-resolutions` or `calibrated`.
    var label: String {
        switch self {
        case .allResolutions: "all-resolutions"
        case .calibrated: "calibrated"
        }
    }

    /// Its name for readers.
    var words: String {
        switch self {
        case .allResolutions: "all-resolutions inference"
        case .calibrated(let bounds):
            "a template calibrated by the shuffles (K = \(bounds.templateSize))"
        }
    }
}

extension Summary {
    /// Bounds on true discoveries in numbers.
    public struct BoundSummary: Codable, Sendable {
        /// `calibrated` or `all-resolutions`.
        public var method: String
        /// Whether these are the bounds to report; the others stand beside them for comparison.
        public var isPrimary: Bool
        /// The error rate of all bounds together.
        public var alpha: Double
        /// h of all-resolutions inference: with confidence 1 - alpha no more null hypotheses are true.
        public var hommelValue: Int?
        /// lambda of the calibrated template.
        public var lambda: Double?
        /// The thresholds of the calibrated template, K.
        public var templateSize: Int?
        /// The bound of all voxels tested.
        public var wholeMap: RegionBound
        /// The bounds of the clusters: for each table of clusters an entry for each of them, in its order.
        public var clusters: [[RegionBound]]
    }
}

extension ContrastAnalysis {
    /// The bounds of the clusters of each table.
    func clusterBounds(_ bounds: TrueDiscoveryBounds) -> [[RegionBound]] {
        clusters.map { finding in
            let all = bounds.bounds(ofLabels: finding.table.labels, count: finding.table.clusters.count)
            return finding.table.clusters.map { all[$0.id - 1] }
        }
    }

    /// The bounds in numbers.
    var boundSummaries: [Summary.BoundSummary] {
        bounds.enumerated().map { place, bounds in
            var summary = Summary.BoundSummary(
                method: bounds.method.label, isPrimary: place == 0, alpha: bounds.alpha,
                wholeMap: bounds.wholeMap, clusters: clusterBounds(bounds))
            switch bounds.method {
            case .allResolutions(let inference): summary.hommelValue = inference.hommelValue
            case .calibrated(let calibrated):
                summary.lambda = LogProbability.p(calibrated.logLambda)
                summary.templateSize = calibrated.templateSize
            }
            return summary
        }
    }
}

extension Summary.BoundSummary {
    /// The bound of the whole map in one line.
    var line: String {
        let detail =
            hommelValue.map { "h \($0)" }
            ?? "lambda \(significant(lambda ?? 0, digits: 4)), K \(templateSize ?? 0)"
        let name =
            method == "calibrated" ? "a template calibrated by the shuffles" : "all-resolutions inference"
        return
            "truly active: at least \(wholeMap.words), by \(name) (\(detail); "
            + "simultaneous \(shortest(100 * (1 - alpha))) %\(isPrimary ? "" : "; for comparison only"))"
    }
}

extension RegionBound {
    /// "10 of 40 voxels (25 %)".
    var words: String {
        "\(trueDiscoveries) of \(counted(voxelCount, "voxel")) (\(significant(100 * proportion, digits: 3)) %)"
    }
}
