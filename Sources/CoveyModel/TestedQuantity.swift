/// What a permutation test compares between the data and the shuffled data, at a voxel.
public enum TestedQuantity: Sendable, Hashable, Codable {
    /// The statistic itself.
    case voxel
    /// Threshold-free cluster enhancement of it.
    case tfce
    /// Voxels of the cluster that holds the voxel; 0 below the forming threshold.
    case clusterExtent(FormingThreshold)
    /// Mass of the cluster that holds the voxel; 0 below the forming threshold.
    case clusterMass(FormingThreshold)

    /// The forming threshold of a cluster quantity.
    public var formingThreshold: FormingThreshold? {
        switch self {
        case .voxel, .tfce: nil
        case .clusterExtent(let threshold), .clusterMass(let threshold): threshold
        }
    }

    /// A short name for files and columns: `voxel`, `tfce`, `extent`, `mass`, with the threshold's number where
    /// there are several.
    public var label: String {
        switch self {
        case .voxel: "voxel"
        case .tfce: "tfce"
        case .clusterExtent(let threshold): "extent" + threshold.numberText
        case .clusterMass(let threshold): "mass" + threshold.numberText
        }
    }
}

/// A height that forms clusters: the voxels at least as high.
public struct FormingThreshold: Sendable, Hashable, Codable {
    /// The height on the scale of the statistic (its size, where both tails are tested).
    public let height: Double
    /// Its number among several, counted from 1; `nil` where it is the only one.
    public let number: Int?

    /// A threshold at `height`.
    public init(height: Double, number: Int? = nil) {
        self.height = height
        self.number = number
    }

    fileprivate var numberText: String { number.map(String.init) ?? "" }
}
