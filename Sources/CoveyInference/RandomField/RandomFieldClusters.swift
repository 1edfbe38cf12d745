public import CoveyModel

/// The p-values of a table of clusters from random field theory: of their number, of each cluster's extent, and of
/// each peak's height.
///
/// Extents are counted in voxels over voxels per resel. False discovery rates are topological, over clusters and
/// over peaks, not over voxels: Benjamini and Hochberg's procedure on the uncorrected p of all clusters (Chumbley and
/// Friston 2009, NeuroImage 44:62-70), and on `C(height) / C(threshold)` of all local maxima above the threshold
/// (Chumbley, Worsley, Flandin and Friston 2010, NeuroImage 49:3057-3064), as SPM12 does. What is listed in a table
/// is a part of what is counted: clusters below its minimum extent and peaks nearer than its distance count too.
public struct RandomFieldClusters: Sendable, Hashable {
    /// p-values of a peak.
    public struct PeakP: Sendable, Hashable {
        /// `ln` of the family-wise p.
        public let logFamilyWise: Double
        /// `ln` of the q-value over peaks.
        public let logFalseDiscoveryRate: Double
    }

    /// p-values of a cluster and its peaks.
    public struct ClusterP: Sendable, Hashable {
        /// `ln` of the family-wise p of its extent.
        public let logFamilyWise: Double
        /// `ln` of the q-value over clusters.
        public let logFalseDiscoveryRate: Double
        /// `ln` of the uncorrected p of its extent.
        public let logUncorrected: Double
        /// Its own peak, then its subpeaks.
        public let peaks: [PeakP]
    }

    /// `ln P` of as many clusters as the table lists, or more, of its minimum extent; `nil` where it lists none.
    public let logSetP: Double?
    /// One entry per cluster of the table.
    public let clusters: [ClusterP]
    /// The clusters that the false discovery rate is over.
    public let clusterCount: Int
    /// The peaks that the false discovery rate is over.
    public let peakCount: Int

    /// The p-values of a table.
    ///
    /// - Parameters:
    ///   - table: of clusters formed at a threshold that was chosen without looking at the map.
    ///   - map: the map they were formed in.
    ///   - test: with the resels of everything searched: twice those of the mask where both signs were.
    public init(
        _ table: ClusterTable, of map: StatisticMap, _ test: RandomFieldTest, voxelsPerResel: Double
    ) {
        let threshold = table.threshold
        // Every cluster and every local maximum, however small and near.
        let all = ClusterTable(
            map, threshold: threshold, tail: table.tail, connectivity: table.connectivity,
            minimumVoxelCount: 1, peakDistanceMillimeters: 0, subpeakLimit: map.mask.count)
        func resels(_ voxels: Int) -> Double { Double(voxels) / voxelsPerResel }
        let sizes = all.clusters.map(\.voxelCount)
        let ofSizes = MultipleTesting(
            logP: sizes.map { test.logClusterP(resels: resels($0), threshold: threshold) }
        ).adjusted(by: .falseDiscoveryRate)
        let clusterQ = Dictionary(zip(sizes, ofSizes)) { first, _ in first }
        let heights = all.clusters.flatMap { [$0.peak] + $0.subpeaks }.map { abs($0.statistic) }
        let atThreshold = test.logExpectedClusters(at: threshold)
        let ofHeights = MultipleTesting(
            logP: heights.map { min(0, test.logExpectedClusters(at: $0) - atThreshold) }
        ).adjusted(by: .falseDiscoveryRate)
        let peakQ = Dictionary(zip(heights, ofHeights)) { first, _ in first }
        clusterCount = sizes.count
        peakCount = heights.count
        clusters = table.clusters.map { cluster in
            let extent = resels(cluster.voxelCount)
            return ClusterP(
                logFamilyWise: test.logClusterFamilyWiseP(resels: extent, threshold: threshold),
                logFalseDiscoveryRate: clusterQ[cluster.voxelCount]!,
                logUncorrected: test.logClusterP(resels: extent, threshold: threshold),
                peaks: ([cluster.peak] + cluster.subpeaks).map { peak in
                    PeakP(
                        logFamilyWise: test.logPeakP(abs(peak.statistic)),
                        logFalseDiscoveryRate: peakQ[abs(peak.statistic)]!)
                })
        }
        logSetP =
            table.clusters.isEmpty
            ? nil
            : test.logSetP(
                count: table.clusters.count,
                resels: table.minimumVoxelCount > 1 ? resels(table.minimumVoxelCount) : 0,
                threshold: threshold)
    }
}
