import CoveyModel

/// p-values of a table's clusters and peaks from a permutation test: columns to stand beside the table.
///
/// Of a cluster those of its extent and mass, where it was formed at the same threshold; of every peak those of
/// its statistic and of TFCE. `FWE` is corrected for the family of all voxels or clusters, `unc` is not.
public struct ClusterPValues: Sendable, Hashable {
    /// One entry per column.
    public let names: [String]
    /// For each cluster: the values of its own row and of the rows of its subpeaks; `nil` where a value does
    /// not apply.
    let rows: [[[Double?]]]

    /// The p-values of a table from the results of a permutation test of the same map.
    public init(_ results: [PermutationResult], for table: ClusterTable) {
        struct Column {
            let name: String
            let isOfCluster: Bool
            let values: [Double]
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
            for (kind, map) in [("FWE", result.familyWiseP), ("unc", result.uncorrectedP)] {
                // A voxel's own p of the cluster that holds it is no p of the cluster.
                if height != nil, kind == "unc" { continue }
                columns.append(
                    Column(name: "\(title) p \(kind)", isOfCluster: height != nil, values: map.values))
            }
        }
        names = columns.map(\.name)
        rows = table.clusters.map { cluster in
            [cluster.peak.column].map { peak in columns.map { $0.values[peak] } }
                + cluster.subpeaks.map { peak in
                    columns.map { $0.isOfCluster ? nil : $0.values[peak.column] }
                }
        }
    }
}
