internal import CoveyImaging

/// One slice as a raster over world space: where the centre of each pixel lies, in mm and in the voxels of a
/// grid.
struct SlicePlane: Sendable {
    let axis: SliceAxis
    /// The position of the slice along its axis, in mm.
    let millimeters: Double
    /// World positions of the left and of the top edge, in mm.
    let left: Double
    let top: Double
    let pixelsPerMillimeter: Double
    let width: Int
    let height: Int

    /// A straight walk through a grid, in fractional voxels.
    struct Walk {
        var x: Double, y: Double, z: Double
        let dx: Double, dy: Double, dz: Double

        @inline(__always)
        mutating func advance() {
            x += dx
            y += dy
            z += dz
        }

        /// The storage offset of the voxel that holds the place; `nil` outside the grid.
        @inline(__always)
        func voxel(in shape: [Int]) -> Int? {
            let (x, y, z) = (x + 0.5, y + 0.5, z + 0.5)
            guard x >= 0, y >= 0, z >= 0, x < Double(shape[0]), y < Double(shape[1]), z < Double(shape[2])
            else { return nil }
            return Int(x) + shape[0] * (Int(y) + shape[1] * Int(z))
        }
    }

    /// The walk along the centres of the pixels of a row, from the left.
    ///
    /// - Parameters:
    ///   - inverse: from mm to voxels.
    ///   - nudge: mm added to all three coordinates. A tiny one breaks ties at the faces between voxels
    ///     the same way for every order of axes.
    func walk(row: Int, through inverse: Affine, nudge: Double = 0) -> Walk {
        var world = [0.0, 0.0, 0.0]
        world[axis.index] = millimeters + nudge
        world[axis.horizontal] = left + 0.5 / pixelsPerMillimeter + nudge
        world[axis.vertical] = top - (Double(row) + 0.5) / pixelsPerMillimeter + nudge
        let start = inverse.world(world[0], world[1], world[2])
        let h = axis.horizontal
        return Walk(
            x: start.x, y: start.y, z: start.z, dx: inverse[0, h] / pixelsPerMillimeter,
            dy: inverse[1, h] / pixelsPerMillimeter, dz: inverse[2, h] / pixelsPerMillimeter)
    }

    /// How far a cut halfway between two voxels leans to the larger coordinate, in mm.
    static let tieNudge = 1e-6
}

extension SliceAxis {
    /// The axis of world space: 0, 1 or 2.
    var index: Int { self == .x ? 0 : self == .y ? 1 : 2 }
    /// The axis of world space that grows to the right of the picture.
    var horizontal: Int { self == .x ? 1 : 0 }
    /// The axis of world space that grows upward.
    var vertical: Int { self == .z ? 1 : 2 }
}
