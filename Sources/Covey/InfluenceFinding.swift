import CoveyCore
import CoveyImaging
import CoveyInference
import CoveyModel

/// What single subjects do to the peaks of a contrast: the statistic without each of them, and Cook's distances.
public struct InfluenceFinding: Sendable {
    /// A peak, and the statistic there without each subject.
    public struct PeakInfluence: Sendable {
        /// What readers know the peak by: `the peak of cluster 1 at |t| >= 3.7`.
        public let name: String
        /// t with all subjects.
        public let statistic: Double
        /// t without each subject; `nil` where the contrast cannot be tested without.
        public let without: [Double?]
        /// The size that formed the cluster; `nil` for the strongest voxel of a map without clusters.
        public let threshold: Double?

        /// The subjects without whom the statistic is below the threshold, the most harmful first.
        public var pivotal: [Int] {
            guard let threshold else { return [] }
            let sign = statistic < 0 ? -1.0 : 1
            return without.indices.filter { without[$0].map { $0 * sign < threshold } ?? false }
                .sorted { (without[$0]! * sign, $0) < (without[$1]! * sign, $1) }
        }
    }

    /// The subjects.
    public let identifiers: [String]
    /// The diagonal of the hat matrix.
    public let leverage: [Double]
    /// Cook's distance, the mean over the voxels; NaN for a leverage of 1.
    public let meanCooksDistance: [Double]
    /// The peaks of the strongest clusters, or the strongest voxel.
    public let peaks: [PeakInfluence]

    /// Clusters of a table that are looked at.
    private static let peakLimit = 10

    /// - Parameter meanCooksDistance: of the fit, see ``Influence/meanCooksDistances(_:_:threads:)``.
    init?(_ found: ContrastAnalysis, _ cohort: Cohort, meanCooksDistance: [Double]) {
        guard found.variant == nil, !found.partition.isF else { return nil }
        let influence = Influence(found.partition)
        func peak(_ name: String, _ column: Int, threshold: Double?) -> PeakInfluence? {
            guard let place = found.statistic.mask.column(of: column, in: cohort.mask) else { return nil }
            return PeakInfluence(
                name: name, statistic: found.statistic.values[column],
                without: influence.statistics(without: cohort.values(at: place)), threshold: threshold)
        }
        // On another scale than that of t a threshold says nothing of t.
        let isOnScale = found.clusterLetter == "t"
        var peaks: [PeakInfluence] = []
        for (place, finding) in found.clusters.enumerated() {
            let strongest = finding.table.clusters.sorted {
                (abs($1.peak.statistic), $0.id) < (abs($0.peak.statistic), $1.id)
            }
            let table = found.clusters.count > 1 ? " of table \(place + 1)" : ""
            peaks += strongest.prefix(Self.peakLimit).compactMap {
                peak(
                    "cluster \($0.id)\(table)", $0.peak.column,
                    threshold: isOnScale ? finding.table.threshold : nil)
            }
        }
        if peaks.isEmpty, let strongest = PeakRows.strongest(found).first {
            peaks = [peak("strongest voxel", strongest.column, threshold: nil)].compactMap { $0 }
        }
        guard !peaks.isEmpty else { return nil }
        identifiers = cohort.identifiers
        leverage = influence.leverage
        self.meanCooksDistance = meanCooksDistance
        self.peaks = peaks
    }

    /// Peaks that have a sentence of their own.
    private static let sentenceLimit = 5

    /// One sentence for each peak that a single subject carries, of the first of them.
    public var sentences: [String] {
        let carried = peaks.filter { !$0.pivotal.isEmpty }
        let rest = carried.count - Self.sentenceLimit
        return carried.prefix(Self.sentenceLimit).compactMap(sentence)
            + (rest > 0
                ? [
                    "\(rest) further peak\(rest == 1 ? "" : "s") also rest\(rest == 1 ? "s" : "") on single subjects: the table of influence has them"
                ]
                : [])
    }

    private func sentence(_ peak: PeakInfluence) -> String? {
        guard let first = peak.pivotal.first, let threshold = peak.threshold else { return nil }
        let others = peak.pivotal.count - 1
        return
            "the peak of \(peak.name) rests on single subjects: without \(printable(identifiers[first])) it has t = "
            + "\(fixed(peak.without[first]!, decimals: 2)) (\(fixed(peak.statistic, decimals: 2)) with all), below the "
            + "threshold \(fixed(threshold, decimals: 2))"
            + (others > 0
                ? "; without \(others == 1 ? "one other" : "each of \(others) others") it falls below it too"
                : "")
    }

    /// The table as tab-separated text: a row per subject.
    public var text: String {
        func cell(_ value: Double?) -> String { value.map { $0.isNaN ? "n/a" : shortest($0) } ?? "n/a" }
        var text =
            (["participant_id", "leverage", "mean_cooks_distance"] + peaks.map { "t_without, \($0.name)" })
            .joined(separator: "\t") + "\n"
        for k in identifiers.indices {
            text +=
                ([identifiers[k], cell(leverage[k]), cell(meanCooksDistance[k])]
                + peaks.map { cell($0.without[k]) })
                .joined(separator: "\t") + "\n"
        }
        return text
    }

    var summaries: [Summary.InfluenceSummary] {
        peaks.map { peak in
            let sign = peak.statistic < 0 ? -1.0 : 1
            let least = peak.without.indices.filter { peak.without[$0] != nil }
                .min { (peak.without[$0]! * sign, $0) < (peak.without[$1]! * sign, $1) }
            return Summary.InfluenceSummary(
                peak: peak.name, statistic: peak.statistic, leastWithout: least.map { identifiers[$0] },
                leastStatistic: least.flatMap { peak.without[$0] }, threshold: peak.threshold,
                pivotal: peak.pivotal.map { identifiers[$0] })
        }
    }
}

extension Summary {
    /// What single subjects do to a peak.
    public struct InfluenceSummary: Codable, Sendable {
        /// The peak.
        public var peak: String
        /// t with all subjects.
        public var statistic: Double
        /// Without whom t is smallest in size.
        public var leastWithout: String?
        /// t without that subject.
        public var leastStatistic: Double?
        /// The threshold that formed the cluster.
        public var threshold: Double?
        /// Without whom the peak is below the threshold.
        public var pivotal: [String]
    }
}
