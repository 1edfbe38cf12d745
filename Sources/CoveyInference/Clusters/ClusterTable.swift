public import CoveyImaging
public import CoveyModel

/// A voxel that stands out, and where it is.
public struct Peak: Sendable, Hashable {
    /// Its column in the mask.
    public let column: Int
    /// Its place in the grid.
    public let voxel: VoxelIndex
    /// Its centre in mm.
    public let world: WorldPoint
    /// The statistic there, with its sign.
    public let statistic: Double
}

/// Connected voxels whose statistics pass a threshold on the same side.
public struct Cluster: Sendable, Hashable {
    /// Which side of the distribution a cluster lies on.
    public enum Sign: String, Sendable, Codable {
        /// Statistics at or above the threshold.
        case positive
        /// Statistics at or below minus the threshold.
        case negative
    }

    /// Counted from 1 in the order of the table; the value of the cluster's voxels in the label map.
    public let id: Int
    /// Which side it lies on.
    public let sign: Sign
    /// The voxel with the largest statistic (in size); of several, see ``ClusterTable``.
    public let peak: Peak
    /// Number of voxels.
    public let voxelCount: Int
    /// Volume in mm3: not rounded.
    public let volumeCubicMillimeters: Double
    /// The sum over its voxels of `|statistic| - threshold`.
    public let mass: Double
    /// The mean of its voxels' centres in mm, weighted by `|statistic|`; NaN where one of those is infinite.
    public let centreOfGravity: WorldPoint
    /// Further local maxima, by descending size of the statistic.
    public let subpeaks: [Peak]
}

/// The clusters of a statistic map, the positive ones first, each side by descending size of the peak.
///
/// A voxel belongs to a cluster where its statistic is at least the threshold (`>=`), or at most minus the
/// threshold on the negative side; NaN never does. Clusters of opposite sign are apart even where they touch.
///
/// A local maximum is a set of touching voxels (26 neighbours, within the cluster) of equal value that no
/// neighbour exceeds; it stands at the voxel nearest to the set's centre of gravity, the first in storage
/// order of several. Local maxima are visited by descending size, the first in storage order of equal ones,
/// and one is kept where it lies at least the minimum distance from every one kept before it. The first is
/// the cluster's peak.
public struct ClusterTable: Sendable, Hashable {
    /// The threshold that formed the clusters, on the scale of the map's statistic.
    public let threshold: Double
    /// Which sides were looked at.
    public let tail: Tail
    /// Which voxels touch.
    public let connectivity: Connectivity
    /// The smallest number of voxels of a cluster that is listed.
    public let minimumVoxelCount: Int
    /// The smallest distance in mm between two peaks of a cluster.
    public let peakDistanceMillimeters: Double
    /// The largest number of peaks listed of a cluster besides the first.
    public let subpeakLimit: Int
    /// The clusters; empty where nothing survives.
    public let clusters: [Cluster]
    /// The cluster's id for every column of the map's mask, 0 where there is none.
    public let labels: [Int32]
    /// The voxels that were looked at.
    public let mask: Mask

    /// The distance between peaks in mm that SPM and nilearn keep.
    public static let usualPeakDistanceMillimeters = 8.0
    /// The number of peaks besides the first that nilearn lists.
    public static let usualSubpeakLimit = 3

    /// The clusters of a map.
    ///
    /// - Parameters:
    ///   - threshold: on the scale of the map; positive, also for the negative side.
    ///   - minimumVoxelCount: smaller clusters are left out of the table and of the label map.
    ///   - peakDistanceMillimeters: the smallest distance between two peaks of a cluster.
    ///   - subpeakLimit: the largest number of peaks listed besides the first.
    ///   - takesTies: whether voxels that fall short of the threshold by rounding belong to clusters too, as they do
    ///     in a permutation test.
    /// - Precondition: `threshold` is positive.
    public init(
        _ map: StatisticMap, threshold: Double, tail: Tail, connectivity: Connectivity,
        takesTies: Bool = false, minimumVoxelCount: Int = 1,
        peakDistanceMillimeters: Double = ClusterTable.usualPeakDistanceMillimeters,
        subpeakLimit: Int = ClusterTable.usualSubpeakLimit
    ) {
        precondition(threshold > 0, "cluster threshold \(threshold)")
        self.threshold = threshold
        self.tail = tail
        self.connectivity = connectivity
        self.minimumVoxelCount = minimumVoxelCount
        self.peakDistanceMillimeters = peakDistanceMillimeters
        self.subpeakLimit = subpeakLimit
        mask = map.mask

        let adjacency = Adjacency(map.mask, connectivity)
        let least = takesTies ? TieRule.forming(threshold) : threshold
        let finder = PeakFinder(
            mask: map.mask, distanceMillimeters: peakDistanceMillimeters, limit: subpeakLimit + 1)
        var clusters: [Cluster] = []
        var labels = [Int32](repeating: 0, count: map.mask.count)
        for sign in tail.signs {
            let sizes = sign == .positive ? map.values : map.values.map(-)
            let labelling = adjacency.components(of: sizes.map { $0 >= least })
            let found = finder.clusters(
                of: labelling, sizes: sizes, minimumVoxelCount: minimumVoxelCount)
            let ordered = found.sorted {
                (sizes[$1.peaks[0]], $0.peaks[0]) < (sizes[$0.peaks[0]], $1.peaks[0])
            }
            for (columns, peaks) in ordered {
                let id = clusters.count + 1
                for column in columns { labels[column] = Int32(id) }
                let places = peaks.map { Peak(at: $0, of: map) }
                clusters.append(
                    Cluster(
                        id: id, sign: sign, peak: places[0], voxelCount: columns.count,
                        volumeCubicMillimeters: Double(columns.count) * map.mask.grid.voxelVolume,
                        mass: columns.reduce(0) { $0 + (sizes[$1] - threshold) },
                        centreOfGravity: centreOfGravity(columns, weights: sizes, mask: map.mask),
                        subpeaks: Array(places.dropFirst())))
            }
        }
        self.clusters = clusters
        self.labels = labels
    }

    /// The label map: every cluster's id in its voxels, 0 in the others, also outside the mask.
    public var labelVolume: Volume { mask.volume(labels.map(Double.init), outside: 0) }
}

extension Tail {
    fileprivate var signs: [Cluster.Sign] {
        switch self {
        case .greater: [.positive]
        case .less: [.negative]
        case .twoSided: [.positive, .negative]
        }
    }
}

extension Peak {
    fileprivate init(at column: Int, of map: StatisticMap) {
        self.init(
            column: column, voxel: map.mask.voxel(of: column), world: map.mask.world(of: column),
            statistic: map.values[column])
    }
}

private func centreOfGravity(_ columns: [Int], weights: [Double], mask: Mask) -> WorldPoint {
    var (x, y, z, total) = (0.0, 0.0, 0.0, 0.0)
    for column in columns {
        let (voxel, weight) = (mask.voxel(of: column), weights[column])
        x += weight * Double(voxel.x)
        y += weight * Double(voxel.y)
        z += weight * Double(voxel.z)
        total += weight
    }
    return mask.grid.affine.world(x / total, y / total, z / total)
}
