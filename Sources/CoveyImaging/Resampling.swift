/// Carries images onto another grid through the world: the value at a voxel of the target is the source's
/// value at the same place in mm.
///
/// A place beyond the outermost voxel centres of the source (for ``Interpolation/nearest`` by more than half a
/// voxel) has no value: NaN. A voxel that is not finite makes every linear mean NaN in which it has a weight
/// above 0, so that missing values grow rather than being averaged away. Positions within 1e-4 of a voxel of a
/// voxel's centre count as that centre: flips, permutations and shifts by whole voxels are exact to the bit,
/// and the rounding of an affine blurs nothing.
///
/// Not a registration: it moves values between grids of the same space.
public enum Resampling {
    /// How the value between voxel centres is found.
    public enum Interpolation: String, Sendable, Codable, CaseIterable {
        /// From the eight voxels around, weighted by nearness along each axis. For effects and statistics.
        case linear
        /// The value of the nearest voxel; of two as near, the one with the higher position. For masks and
        /// labels.
        case nearest
    }

    /// The image on `grid`; NaN everywhere if the image's affine has no inverse.
    ///
    /// - Parameter zeroIsMissing: a 0 is the absence of a value, so that a background of 0 is not averaged
    ///   into the border of the brain; it becomes NaN.
    public static func resample(
        _ volume: Volume, to grid: Grid, _ interpolation: Interpolation, zeroIsMissing: Bool = false
    ) -> Volume {
        if zeroIsMissing {
            let holes = Volume(grid: volume.grid, values: volume.values.map { $0 == 0 ? .nan : $0 })
            return resample(holes, to: grid, interpolation)
        }
        if volume.grid.shape == grid.shape && volume.grid.affine == grid.affine {
            return Volume(grid: grid, values: volume.values)
        }
        var result = Volume(grid: grid, repeating: .nan)
        guard let inverse = volume.grid.affine.inverse else { return result }
        var offset = 0
        for z in 0..<grid.shape[2] {
            for y in 0..<grid.shape[1] {
                for x in 0..<grid.shape[0] {
                    let world = grid.affine.world(Double(x), Double(y), Double(z))
                    let at = inverse.world(world.x, world.y, world.z)
                    result.values[offset] =
                        interpolation == .linear ? linear(volume, at) : nearest(volume, at)
                    offset += 1
                }
            }
        }
        return result
    }

    /// `source`'s value at a voxel position; coordinates are in voxels, not in mm.
    private static func nearest(_ source: Volume, _ at: WorldPoint) -> Double {
        func place(_ position: Double, _ count: Int) -> Int? {
            let rounded = (snapped(position) + 0.5).rounded(.down)
            return rounded >= 0 && rounded < Double(count) ? Int(rounded) : nil
        }
        let shape = source.grid.shape
        guard let x = place(at.x, shape[0]), let y = place(at.y, shape[1]), let z = place(at.z, shape[2])
        else { return .nan }
        return source.values[x + shape[0] * (y + shape[1] * z)]
    }

    private static func linear(_ source: Volume, _ at: WorldPoint) -> Double {
        let shape = source.grid.shape
        guard let x = Pair(snapped(at.x), shape[0]), let y = Pair(snapped(at.y), shape[1]),
            let z = Pair(snapped(at.z), shape[2])
        else { return .nan }
        let values = source.values
        // Weights of 0 are left out, so that a missing neighbour without a say is not asked.
        func alongX(_ row: Int) -> Double {
            if x.weight == 0 { return values[row + x.lower] }
            return (1 - x.weight) * values[row + x.lower] + x.weight * values[row + x.lower + 1]
        }
        func alongY(_ plane: Int) -> Double {
            let row = plane + shape[0] * y.lower
            if y.weight == 0 { return alongX(row) }
            return (1 - y.weight) * alongX(row) + y.weight * alongX(row + shape[0])
        }
        let plane = shape[0] * shape[1]
        let value =
            z.weight == 0
            ? alongY(plane * z.lower)
            : (1 - z.weight) * alongY(plane * z.lower) + z.weight * alongY(plane * (z.lower + 1))
        return value.isFinite ? value : .nan
    }

    /// Two neighbouring voxels of an axis and the weight of the second.
    private struct Pair {
        let lower: Int
        let weight: Double

        init?(_ position: Double, _ count: Int) {
            guard position >= 0, position <= Double(count - 1) else { return nil }
            lower = Int(position)
            weight = position - Double(lower)
        }
    }

    private static func snapped(_ position: Double) -> Double {
        let whole = position.rounded()
        return abs(position - whole) < 1e-4 ? whole : position
    }
}
