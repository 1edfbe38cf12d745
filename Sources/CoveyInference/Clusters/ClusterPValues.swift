import CoveyModel

/// p-values of a table's clusters and peaks from a permutation test: columns to stand beside the table.
///
/// Of a cluster those of its extent and mass, where it was formed at the same threshold; of every peak those of
/// its statistic and of TFCE. `FWE` is corrected for the family of all voxels or clusters, with the bounds of its
/// 95 % Monte-Carlo interval; `unc` is not corrected.
public struct ClusterPValues: Sendable, Hashable {
    /// One entry per column.
    public let names: [String]
    /// For each cluster: the values of its own row and of the rows of its subpeaks; `nil` where a value does
    /// not apply.
    let rows: [[[Double?]]]

    /// Columns beside a table.
    ///
    /// - Parameter rows: for each cluster the values of its own row and of the rows of its subpeaks, one a column;
    ///   `nil` where a value does not apply.
    public init(names: [String], rows: [[[Double?]]]) {
        precondition(rows.allSatisfy { $0.allSatisfy { $0.count == names.count } }, "a row of another width")
        self.names = names
        self.rows = rows
    }

    /// These columns and others of the same table after them.
    public func appending(_ other: ClusterPValues) -> ClusterPValues {
        precondition(rows.map(\.count) == other.rows.map(\.count), "columns of different tables")
        return ClusterPValues(
            names: names + other.names,
            rows: zip(rows, other.rows).map { zip($0, $1).map { $0 + $1 } })
    }

    /// The p-values of a table from the results of a permutation test of the same map.
    public init(_ results: [PermutationResult], for table: ClusterTable) {
        struct Column {
            let name: String
            let isOfCluster: Bool
            let value: (Int) -> Double
        }
        var columns: [Column] = []
        for result in results {
            let height = result.quantity.formingThreshold?.height
            if let height, height != table.threshold { continue }
            let title: String =
                switch result.quantity {
                case .voxel: "Peak"
                case .tfce: "Peak TFCE"
                case .clusterExtent: "Cluster extent"
                case .clusterMass: "Cluster mass"
                }
            let corrected = result.familyWiseP.values
            func append(_ name: String, _ value: @escaping (Int) -> Double) {
                columns.append(Column(name: "\(title) p \(name)", isOfCluster: height != nil, value: value))
            }
            append("FWE") { corrected[$0] }
            if !result.isExact {
                append("FWE low") { result.interval(ofP: corrected[$0])?.lower ?? .nan }
                append("FWE high") { result.interval(ofP: corrected[$0])?.upper ?? .nan }
            }
            // A voxel's own p of the cluster that holds it is no p of the cluster.
            if height == nil {
                let uncorrected = result.uncorrectedP.values
                append("unc") { uncorrected[$0] }
            }
        }
        names = columns.map(\.name)
        rows = table.clusters.map { cluster in
            [cluster.peak.column].map { peak in columns.map { $0.value(peak) } }
                + cluster.subpeaks.map { peak in
                    columns.map { $0.isOfCluster ? nil : $0.value(peak.column) }
                }
        }
    }
}
