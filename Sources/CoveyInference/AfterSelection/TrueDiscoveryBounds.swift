/// Lower bounds on the true discoveries of any set of voxels of one map, all of them true together.
///
/// Each voxel has a step, a whole number, and the bound of a region is the greatest
/// `|{ voxels of the region with a step <= u }| - u + 1` over u = 1, 2, ... (0 where that is negative): the same
/// arithmetic for ``AllResolutionsInference`` and ``CalibratedBounds``, which differ in the steps alone.
public struct TrueDiscoveryBounds: Sendable, Hashable {
    /// Where the bounds come from.
    public enum Method: Sendable, Hashable {
        /// Closed testing with Simes tests, from parametric p-values.
        case allResolutions(AllResolutionsInference)
        /// A template calibrated by the shuffles of a permutation test.
        case calibrated(CalibratedBounds)
    }

    /// Where the bounds come from.
    public let method: Method
    /// The step of each voxel of the map's mask; 0 where the voxel was not tested, `Int.max` where no bound can
    /// count it.
    public let steps: [Int]

    /// The bounds of a map.
    ///
    /// - Parameter logP: `ln p` of every voxel of the mask in the unshuffled map; NaN was not tested.
    public init(_ method: Method, logP: [Double]) {
        self.method = method
        steps = logP.map { value in
            if value.isNaN { return 0 }
            return switch method {
            case .allResolutions(let inference): inference.step(ofLogP: value)
            case .calibrated(let bounds): bounds.step(ofLogP: value)
            }
        }
    }

    /// All-resolutions inference of a map.
    public init(allResolutions logP: [Double], alpha: Double) {
        self.init(.allResolutions(AllResolutionsInference(logP: logP, alpha: alpha)), logP: logP)
    }

    /// The error rate of all bounds together.
    public var alpha: Double {
        switch method {
        case .allResolutions(let inference): inference.alpha
        case .calibrated(let bounds): bounds.alpha
        }
    }

    /// The bound of every voxel tested together.
    public var wholeMap: RegionBound { bound(of: steps.indices) }

    /// The bound of a region. Voxels that were not tested do not belong to it.
    ///
    /// - Parameter columns: columns of the map's mask, each at most once.
    public func bound(of columns: some Sequence<Int>) -> RegionBound {
        let tested = columns.map { steps[$0] }.filter { $0 > 0 }
        return RegionBound(
            voxelCount: tested.count, trueDiscoveries: AllResolutionsInference.discoveries(steps: tested))
    }

    /// The bounds of regions that a label image draws: entry k belongs to label k + 1.
    ///
    /// - Parameter labels: one per voxel of the mask; 0 and labels beyond `count` belong to no region.
    public func bounds(ofLabels labels: [Int32], count: Int) -> [RegionBound] {
        precondition(labels.count == steps.count, "\(labels.count) labels for \(steps.count) voxels")
        var columns = [[Int]](repeating: [], count: count)
        for (column, label) in labels.enumerated() where label > 0 && label <= count {
            columns[Int(label) - 1].append(column)
        }
        return columns.map { bound(of: $0) }
    }
}

/// How many voxels of a region are truly active, at least.
public struct RegionBound: Sendable, Hashable, Codable {
    /// Voxels of the region that were tested.
    public let voxelCount: Int
    /// The least number of them that are truly active.
    public let trueDiscoveries: Int

    /// A bound.
    ///
    /// - Precondition: `0 <= trueDiscoveries <= voxelCount`.
    public init(voxelCount: Int, trueDiscoveries: Int) {
        precondition(
            trueDiscoveries >= 0 && trueDiscoveries <= voxelCount, "\(trueDiscoveries) of \(voxelCount)")
        self.voxelCount = voxelCount
        self.trueDiscoveries = trueDiscoveries
    }

    /// The least share of true discoveries; 0 for an empty region.
    public var proportion: Double {
        voxelCount == 0 ? 0 : Double(trueDiscoveries) / Double(voxelCount)
    }
}
