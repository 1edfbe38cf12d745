/// A column beside a table of clusters: one value for every row of ``ClusterTable/rows``.
///
/// Everything that a table tells is such a column, its own ones too, so that every form of the table (TSV, JSON,
/// Markdown, the report) is made from the same rows and columns.
public struct ClusterColumn: Sendable, Hashable {
    /// What the values belong to.
    public enum Level: String, Sendable, Codable, Comparable {
        /// To a cluster: rows of its subpeaks have none.
        case cluster
        /// To a peak: every row has one.
        case peak

        /// Columns of clusters stand before those of peaks.
        public static func < (a: Level, b: Level) -> Bool { a == .cluster && b == .peak }
    }

    /// What it tells.
    public let measure: Measure
    /// What the values belong to.
    public let level: Level
    /// One entry per row; `nil` where a value does not apply.
    public let values: [MeasuredValue?]
    /// Where readers find it among the columns of its level, small ranks first. Of clusters the number has rank 0,
    /// sign, voxels, volume and mass 1 to 4; of peaks the place has 0 and the statistic 2; all others follow.
    public let rank: Int

    /// A column with a value for each cluster, in the order of the table.
    ///
    /// - Precondition: one value per cluster.
    public init(_ measure: Measure, ofClusters values: [MeasuredValue?], in table: ClusterTable) {
        precondition(values.count == table.clusters.count, "\(values.count) values of \(measure.name)")
        self.init(measure, .cluster, in: table) { $0.subpeak == nil ? values[$0.cluster.id - 1] : nil }
    }

    /// A column of what every voxel has: of each peak, or of the clusters, read at their peaks.
    public init(_ measure: PeakMeasure, _ level: Level = .peak, in table: ClusterTable) {
        self.init(measure.measure, level, in: table) { row in
            level == .cluster && row.subpeak != nil ? nil : measure.value(row.peak.column)
        }
    }

    /// A column with a value for each row.
    ///
    /// - Parameter rank: where readers find it among the columns of its level, see ``rank``.
    public init(
        _ measure: Measure, _ level: Level, rank: Int = .max, in table: ClusterTable,
        value: (ClusterRow) -> MeasuredValue?
    ) {
        self.measure = measure
        self.level = level
        self.rank = rank
        values = table.rows.map { row in value(row).flatMap { $0.isMissing ? nil : $0 } }
    }
}

extension ClusterColumn {
    /// Whether the column holds words that the table can be read without.
    fileprivate var isRemark: Bool { measure.style == .text && rank == .max }
}

/// A row of a table of clusters: a cluster with its peak, or one of its further peaks.
public struct ClusterRow: Sendable, Hashable {
    /// The cluster.
    public let cluster: Cluster
    /// Which of its further peaks, counted from 0; `nil`: the row is the cluster's own.
    public let subpeak: Int?

    /// The peak.
    public var peak: Peak { subpeak.map { cluster.subpeaks[$0] } ?? cluster.peak }
    /// `1` for a cluster, `1a`, `1b` and so on for its further peaks.
    public var name: String { "\(cluster.id)" + (subpeak.map(letters) ?? "") }
}

extension ClusterTable {
    /// Every cluster followed by its further peaks.
    public var rows: [ClusterRow] {
        clusters.flatMap { cluster in
            [ClusterRow(cluster: cluster, subpeak: nil)]
                + cluster.subpeaks.indices.map { ClusterRow(cluster: cluster, subpeak: $0) }
        }
    }
}

extension Sequence<ClusterColumn> {
    /// The columns that readers see: those with a heading, of clusters before those of peaks, words last.
    public var forReaders: [ClusterColumn] {
        let shown = filter { $0.measure.heading != nil }
        return shown.filter { !$0.isRemark }.enumerated().sorted {
            ($0.element.level, $0.element.rank, $0.offset) < ($1.element.level, $1.element.rank, $1.offset)
        }.map(\.element) + shown.filter(\.isRemark)
    }
}

/// 0, 1, ... as a, b, ..., z, aa, ab, ...
private func letters(_ index: Int) -> String {
    let letter = String(UnicodeScalar(UInt8(97 + index % 26)))
    return index < 26 ? letter : letters(index / 26 - 1) + letter
}
