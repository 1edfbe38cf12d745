internal import CoveyImaging

/// An upright box in world space, in mm.
struct WorldBox: Sendable, Hashable {
    var lower: [Double]
    var upper: [Double]

    /// Contains nothing.
    static let empty = WorldBox(
        lower: [.infinity, .infinity, .infinity], upper: [-.infinity, -.infinity, -.infinity])

    var isEmpty: Bool { lower[0] > upper[0] }

    func union(_ other: WorldBox) -> WorldBox {
        WorldBox(
            lower: (0..<3).map { min(lower[$0], other.lower[$0]) },
            upper: (0..<3).map { max(upper[$0], other.upper[$0]) })
    }

    func padded(by margin: Double) -> WorldBox {
        WorldBox(lower: lower.map { $0 - margin }, upper: upper.map { $0 + margin })
    }

    func size(_ axis: Int) -> Double { upper[axis] - lower[axis] }

    func middle(_ axis: Int) -> Double { (upper[axis] + lower[axis]) / 2 }
}

extension Grid {
    /// The smallest upright box around the whole boxes (not only the centres) of the voxels for which
    /// `isInside` answers true at their storage offset.
    func worldBox(where isInside: (Int) -> Bool) -> WorldBox {
        var first = shape
        var last = [-1, -1, -1]
        var offset = 0
        for z in 0..<shape[2] {
            for y in 0..<shape[1] {
                for x in 0..<shape[0] {
                    if isInside(offset) {
                        if x < first[0] { first[0] = x }
                        if y < first[1] { first[1] = y }
                        if z < first[2] { first[2] = z }
                        if x > last[0] { last[0] = x }
                        if y > last[1] { last[1] = y }
                        if z > last[2] { last[2] = z }
                    }
                    offset += 1
                }
            }
        }
        return last[0] < 0 ? .empty : worldBox(from: first, to: last)
    }

    /// The smallest upright box around all voxels.
    var worldBox: WorldBox { worldBox(from: [0, 0, 0], to: shape.map { $0 - 1 }) }

    private func worldBox(from first: [Int], to last: [Int]) -> WorldBox {
        var box = WorldBox.empty
        for corner in 0..<8 {
            let voxel = (0..<3).map { axis in
                corner >> axis & 1 == 0 ? Double(first[axis]) - 0.5 : Double(last[axis]) + 0.5
            }
            let world = affine.world(voxel[0], voxel[1], voxel[2])
            box = box.union(
                WorldBox(lower: [world.x, world.y, world.z], upper: [world.x, world.y, world.z]))
        }
        return box
    }
}
