/// Carries a volume onto another grid through world space.
public enum Resampling {
    /// How values between voxels are made.
    public enum Interpolation: String, Sendable, Codable, CaseIterable {
        /// Trilinear.
        case linear
        /// The nearest voxel.
        case nearest
    }

    /// The volume on `grid`. Voxels outside the source are NaN; so is a linear value with weight on a NaN.
    public static func resample(_ volume: Volume, to grid: Grid, _ interpolation: Interpolation) -> Volume {
        guard let inverse = volume.grid.affine.inverse else { return Volume(grid: grid, repeating: .nan) }
        var result = Volume(grid: grid, repeating: .nan)
        for offset in 0..<grid.count {
            let world = grid.affine.world(grid.index(at: offset))
            let place = inverse.world(world.x, world.y, world.z)
            let position = [place.x, place.y, place.z].map { value -> Double in
                // A position within rounding of a voxel's centre is that voxel's.
                let whole = value.rounded()
                return abs(value - whole) < 1e-6 ? whole : value
            }
            switch interpolation {
            case .nearest:
                let index = VoxelIndex(
                    Int(position[0].rounded()), Int(position[1].rounded()), Int(position[2].rounded()))
                if volume.grid.contains(index) { result.values[offset] = volume[index] }
            case .linear:
                result.values[offset] = linear(volume, position)
            }
        }
        return result
    }

    private static func linear(_ volume: Volume, _ position: [Double]) -> Double {
        let base = position.map { Int($0.rounded(.down)) }
        var sum = 0.0
        for corner in 0..<8 {
            var weight = 1.0
            var index = [0, 0, 0]
            for axis in 0..<3 {
                let fraction = position[axis] - Double(base[axis])
                let upper = corner >> axis & 1
                weight *= upper == 1 ? fraction : 1 - fraction
                index[axis] = base[axis] + upper
            }
            guard weight > 0 else { continue }
            let voxel = VoxelIndex(index[0], index[1], index[2])
            guard volume.grid.contains(voxel) else { return .nan }
            sum += weight * volume[voxel]
        }
        return sum
    }
}
