import CoveyCore
import CoveyImaging

/// What is timed where no data are read: an ellipsoid of voxels, and smooth noise in it.
enum MadeData {
    /// The ellipsoid that fills a grid of the given shape and voxel size: 52,140 voxels of 44 x 53 x 44.
    static func mask(shape: [Int], voxelMillimeters size: Double) -> Mask {
        let grid = Grid(shape: shape, affine: Affine([size, 0, 0, 0, 0, size, 0, 0, 0, 0, size, 0]))
        return Mask(grid: grid) { offset in
            let at = grid.index(at: offset)
            return zip([at.x, at.y, at.z], shape).reduce(0.0) { sum, pair in
                let u = (Double(pair.0) + 0.5) / Double(pair.1) * 2 - 1
                return sum + u * u
            } < 0.98
        }
    }

    /// Gaussian noise, smoothed to a FWHM of 2.4 voxels, of unit variance.
    static func smoothNoise(_ mask: Mask, seed: UInt64) throws -> [Double] {
        var stream = PhiloxStream(seed: seed, domain: 9, index: 0)
        var volume = Volume(grid: mask.grid, repeating: 0)
        for i in volume.values.indices { volume.values[i] = stream.normal() }
        let smoothing = try Smoothing(fwhmMillimeters: [2.4 * mask.grid.affine.voxelSizes[0]])
        let smooth = mask.values(of: try Smoother(smoothing, grid: mask.grid).smoothed(volume))
        let spread = (smooth.reduce(0) { $0 + $1 * $1 } / Double(smooth.count)).squareRoot()
        return smooth.map { $0 / spread }
    }
}
