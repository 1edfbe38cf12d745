internal import CoveyImaging

/// An anatomical image ready to be drawn: brightness from 0 to 1, its extent, and the way from mm to voxels.
struct BackgroundImage: Sendable {
    /// Voxels along x, y and z.
    let nx: Int, ny: Int, nz: Int
    /// From mm to voxels.
    let inverse: Affine
    /// Brightness per voxel, -1 where the image is transparent (zero or not finite).
    let brightness: [Float]
    /// Around the voxels that are not transparent.
    let box: WorldBox
    /// The box of the whole grid.
    let gridBox: WorldBox
    /// The smallest size of a voxel in mm.
    let voxelSize: Double

    /// `nil` where the affine cannot be inverted or no two values differ.
    ///
    /// The darkest and the brightest hundredth of the visible voxels are clipped to 0 and 1.
    init?(_ volume: Volume) {
        guard let inverse = volume.grid.affine.inverse, inverse.elements.allSatisfy(\.isFinite) else {
            return nil
        }
        let values = volume.values
        // A sample of the values is enough for two percentiles.
        let step = max(1, values.count / 100_000)
        var sample: [Double] = []
        for i in stride(from: 0, to: values.count, by: step) where values[i].isFinite && values[i] != 0 {
            sample.append(values[i])
        }
        sample.sort()
        guard let first = sample.first, let last = sample.last, first < last else { return nil }
        var (low, high) = (sample[sample.count / 100], sample[sample.count - 1 - sample.count / 100])
        if low == high { (low, high) = (first, last) }
        low = min(low, max(0, first))
        let scale = 1 / (high - low)
        (nx, ny, nz) = (volume.grid.shape[0], volume.grid.shape[1], volume.grid.shape[2])
        self.inverse = inverse
        brightness = values.map { value in
            value.isFinite && value != 0 ? Float(min(max((value - low) * scale, 0), 1)) : -1
        }
        let visible = brightness
        box = volume.grid.worldBox { visible[$0] >= 0 }
        gridBox = volume.grid.worldBox
        voxelSize = volume.grid.affine.voxelSizes.min() ?? 1
    }

    /// The brightness at a place between the centres of eight voxels, and the share of its surroundings
    /// that is not transparent, by weights linear in the distance.
    @inline(__always)
    func sample(_ x: Double, _ y: Double, _ z: Double) -> (brightness: Float, coverage: Float) {
        guard x >= -1, y >= -1, z >= -1, x < Double(nx), y < Double(ny), z < Double(nz) else {
            return (0, 0)
        }
        // Truncation of a number that is not negative: `floor` is a call on baseline x86-64.
        let (ix, iy, iz) = (Int(x + 1) - 1, Int(y + 1) - 1, Int(z + 1) - 1)
        let (fx, fy, fz) = (Float(x - Double(ix)), Float(y - Double(iy)), Float(z - Double(iz)))
        var sum: Float = 0
        var coverage: Float = 0
        for dz in 0..<2 {
            let z = iz + dz
            let weightZ = dz == 0 ? 1 - fz : fz
            if weightZ == 0 || z < 0 || z >= nz { continue }
            for dy in 0..<2 {
                let y = iy + dy
                let weightYZ = weightZ * (dy == 0 ? 1 - fy : fy)
                if weightYZ == 0 || y < 0 || y >= ny { continue }
                let row = nx * (y + ny * z)
                if ix >= 0 {
                    let value = brightness[row + ix]
                    if value >= 0 {
                        sum += weightYZ * (1 - fx) * value
                        coverage += weightYZ * (1 - fx)
                    }
                }
                if ix + 1 < nx {
                    let value = brightness[row + ix + 1]
                    if value >= 0 {
                        sum += weightYZ * fx * value
                        coverage += weightYZ * fx
                    }
                }
            }
        }
        return coverage > 0 ? (sum / coverage, coverage) : (0, 0)
    }
}
