import CoveyImaging

/// An anatomical image as the viewer draws it: one byte per voxel, 0 for transparent, on a grid whose axes are
/// those of the world (x to the right, y to the front, z to the top).
struct BackgroundLayer {
    let shape: [Int]
    /// The centre of the first voxel, in mm.
    let origin: [Double]
    /// From voxel to voxel, in mm.
    let step: [Double]
    let bytes: [UInt8]

    /// `nil` where the image has no inverse affine or no two values differ.
    ///
    /// An image on other axes is interpolated onto voxels of 2 mm. The darkest and the brightest hundredth of
    /// the visible voxels are clipped.
    init?(_ volume: Volume) {
        guard volume.grid.affine.inverse != nil else { return nil }
        let upright = Self.isUpright(volume.grid.affine) ? volume : Self.uprighted(volume)
        let visible = upright.values.filter { $0.isFinite && $0 != 0 }.sorted()
        guard let first = visible.first, let last = visible.last, first < last else { return nil }
        let (low, high) = (visible[visible.count / 100], visible[visible.count - 1 - visible.count / 100])
        let scale = 254 / (high > low ? high - low : last - first)
        let start = high > low ? min(low, max(0, first)) : first
        shape = upright.grid.shape
        let affine = upright.grid.affine
        origin = (0..<3).map { affine[$0, 3] }
        step = (0..<3).map { affine[$0, $0] }
        bytes = upright.values.map { value in
            guard value.isFinite, value != 0 else { return 0 }
            return UInt8(1 + min(max((value - start) * scale, 0), 254))
        }
    }

    /// A box widened to hold the visible voxels.
    func extended(_ box: (lower: [Double], upper: [Double])) -> (lower: [Double], upper: [Double]) {
        var (lower, upper) = box
        var offset = 0
        for z in 0..<shape[2] {
            for y in 0..<shape[1] {
                for x in 0..<shape[0] {
                    defer { offset += 1 }
                    guard bytes[offset] > 0 else { continue }
                    for (axis, index) in [x, y, z].enumerated() {
                        let center = origin[axis] + step[axis] * Double(index)
                        lower[axis] = min(lower[axis], center - step[axis] / 2)
                        upper[axis] = max(upper[axis], center + step[axis] / 2)
                    }
                }
            }
        }
        return (lower, upper)
    }

    private static func isUpright(_ affine: Affine) -> Bool {
        (0..<3).allSatisfy { r in
            (0..<3).allSatisfy { r == $0 ? affine[r, $0] >= 1.5 : affine[r, $0] == 0 }
        }
    }

    /// The image on voxels of 2 mm along the world's axes.
    private static func uprighted(_ volume: Volume) -> Volume {
        let box = Mask(grid: volume.grid, where: { _ in true }).worldBox
        let size = 2.0
        let grid = Grid(
            shape: (0..<3).map { max(1, Int(((box.upper[$0] - box.lower[$0]) / size).rounded(.up))) },
            affine: Affine(
                (0..<3).flatMap { r in
                    (0..<3).map { $0 == r ? size : 0 } + [box.lower[r] + size / 2]
                }))
        return Resampling.resample(volume, to: grid, .linear)
    }
}
