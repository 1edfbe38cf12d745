/// A labelled image, such as an anatomical atlas: which label lies at a place of the world.
///
/// Places are looked up through world coordinates on the image's own grid, at the nearest voxel, so that neither
/// the resolution nor the direction of the axes matters. The image and the maps must lie in the same space; nothing
/// in a file proves that.
public struct LabelAtlas: Sendable {
    /// What readers know it by.
    public let name: String
    /// Where its voxels lie.
    public let grid: Grid
    /// The names of its labels.
    public let names: [Int: String]
    /// The label of each voxel, 0 where there is none.
    private let labels: [Int32]
    private let toVoxel: Affine

    /// The name of places without a label, inside the image and beyond it.
    public static let outside = "outside"

    /// An atlas from an image of whole numbers.
    ///
    /// - Throws: ``LabelAtlasProblem`` where the image holds other numbers, none, or has no inverse affine.
    public init(name: String, _ volume: Volume, names: [Int: String]) throws(LabelAtlasProblem) {
        guard let inverse = volume.grid.affine.inverse else { throw .noPlace }
        var labels = [Int32](repeating: 0, count: volume.values.count)
        for (offset, value) in volume.values.enumerated() where !value.isNaN {
            let whole = value.rounded()
            // Scaled integers come back with rounding errors; interpolated labels do not come this close.
            guard abs(value - whole) < 1e-4 * max(1, abs(value)), abs(whole) < 2e9 else {
                throw .notWhole(value)
            }
            labels[offset] = Int32(whole)
        }
        guard labels.contains(where: { $0 != 0 }) else { throw .noLabel }
        self.name = name
        self.names = names
        self.labels = labels
        grid = volume.grid
        toVoxel = inverse
    }

    /// The label at a place, of the voxel whose centre is nearest; 0 where there is none and beyond the image.
    ///
    /// Of several, as between the voxels of grids of 1 and 2 mm, the one towards the midline, the front and the top,
    /// so that neither side of the brain nor the order of storage is preferred.
    public func label(at place: WorldPoint) -> Int {
        let nudge = 1e-5
        let x = abs(place.x) <= nudge ? 0 : place.x - (place.x < 0 ? -nudge : nudge)
        let p = toVoxel.world(x, place.y + nudge, place.z + nudge)
        guard [p.x, p.y, p.z].allSatisfy({ abs($0) < 1e6 }) else { return 0 }
        let voxel = VoxelIndex(Int(p.x.rounded()), Int(p.y.rounded()), Int(p.z.rounded()))
        return grid.contains(voxel) ? Int(labels[grid.offset(of: voxel)]) : 0
    }

    /// The name of a label: ``outside`` for 0, `label 17` where the table has none.
    public func name(of label: Int) -> String {
        label == 0 ? Self.outside : names[label] ?? "label \(label)"
    }

    /// The shares of the labels among places, the largest first, of equal ones the smaller label.
    ///
    /// Labels of one name count together.
    public func shares(at places: [WorldPoint]) -> [(name: String, share: Double)] {
        var counts: [String: (count: Int, first: Int)] = [:]
        for place in places {
            let label = label(at: place)
            let before = counts[name(of: label)] ?? (0, label)
            counts[name(of: label)] = (before.count + 1, min(before.first, label))
        }
        return counts.sorted {
            ($1.value.count, $0.value.first, $0.key) < ($0.value.count, $1.value.first, $1.key)
        }.map { ($0.key, Double($0.value.count) / Double(places.count)) }
    }

    /// Labels of the image that the table does not name, ascending.
    public var unnamed: [Int] {
        Set(labels.lazy.map(Int.init)).filter { $0 != 0 && names[$0] == nil }.sorted()
    }
}

/// Why an image cannot serve as an atlas.
public enum LabelAtlasProblem: Error, Hashable, Sendable {
    /// A number that is no label.
    case notWhole(Double)
    /// No voxel has a label.
    case noLabel
    /// Its affine has no inverse.
    case noPlace
}
