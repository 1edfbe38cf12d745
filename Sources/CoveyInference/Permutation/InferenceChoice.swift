public import CoveyImaging
public import CoveyModel

/// What a permutation test compares besides the statistic of every voxel.
public struct InferenceChoice: Sendable, Hashable {
    /// Threshold-free cluster enhancement; `nil`: none.
    public var tfce: TFCE?
    /// Heights that form clusters, on the scale of the statistic; empty: no clusters.
    public var formingHeights: [Double] = []
    /// Whether clusters are compared by their number of voxels.
    public var usesExtent = true
    /// How the mass of a cluster is measured; `nil`: masses are not compared.
    public var mass: ClusterMass? = .excess
    /// Which voxels hang together.
    public var connectivity = Connectivity.corners
    /// Thresholds of the template whose bounds on true discoveries the shuffles calibrate, at most the number of
    /// voxels with a statistic; `nil`: none are calibrated. See ``PermutationCalibration``.
    public var boundTemplateSize: Int?

    /// What the mass of a cluster sums over its voxels.
    public enum ClusterMass: String, Sendable, Codable, CaseIterable {
        /// The statistic less the forming threshold (Bullmore et al. 1999, nilearn).
        case excess
        /// The statistic (FSL).
        case total
    }

    /// Voxels only.
    public static let voxels = InferenceChoice()

    /// Voxels only, to be added to.
    public init() {}

    /// Whether only voxels are compared.
    public var isVoxelwise: Bool { tfce == nil && clusterQuantities.isEmpty }

    /// Whether the whole map of each shuffle has to be looked at.
    var readsMaps: Bool { !isVoxelwise || boundTemplateSize != nil }

    /// Whether of each shuffle the voxels above the least forming height and the counts of all are enough.
    var readsHighVoxels: Bool {
        !formingHeights.isEmpty && !isVoxelwise && tfce == nil && boundTemplateSize == nil
    }

    /// Everything that is compared, the voxel first.
    public var quantities: [TestedQuantity] {
        [.voxel] + (tfce == nil ? [] : [.tfce]) + clusterQuantities
    }

    private var clusterQuantities: [TestedQuantity] {
        formingHeights.enumerated().flatMap { k, height -> [TestedQuantity] in
            let threshold = FormingThreshold(
                height: height, number: formingHeights.count > 1 ? k + 1 : nil)
            return (usesExtent ? [.clusterExtent(threshold)] : [])
                + (mass == nil ? [] : [.clusterMass(threshold)])
        }
    }
}
