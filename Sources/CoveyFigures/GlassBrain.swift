internal import CoveyCanvas
internal import CoveyImaging

extension BackgroundImage {
    /// The outline of the image's shadow along an axis, as loops in mm of the two other axes: (horizontal,
    /// vertical).
    func outline(_ axis: SliceAxis) -> [[Point]] {
        let box = self.box.padded(by: 3 * voxelSize)
        let (h, v) = (axis.horizontal, axis.vertical)
        let plane = SlicePlane(
            axis: axis, millimeters: 0, left: box.lower[h], top: box.upper[v],
            pixelsPerMillimeter: 1 / voxelSize, width: Int((box.size(h) / voxelSize).rounded(.up)),
            height: Int((box.size(v) / voxelSize).rounded(.up)))
        let depths = Int((box.size(axis.index) / voxelSize).rounded(.up))
        var shadow = [Double](repeating: 0, count: plane.width * plane.height)
        for depth in 0..<depths {
            let position = box.lower[axis.index] + (Double(depth) + 0.5) * voxelSize
            let coverage = coverage(plane.at(position))
            for i in shadow.indices { shadow[i] = max(shadow[i], coverage[i]) }
        }
        let even = smoothed(smoothed(shadow, width: plane.width), width: plane.width)
        return Contours.loops(even, width: plane.width, height: plane.height, level: 0.5).map { loop in
            loop.map { Point(plane.left + ($0.x + 0.5) * voxelSize, plane.top - ($0.y + 0.5) * voxelSize) }
        }
    }

    private func coverage(_ plane: SlicePlane) -> [Double] {
        (0..<plane.height).flatMap { row in
            var walk = plane.walk(row: row, through: inverse)
            return (0..<plane.width).map { _ in
                defer { walk.advance() }
                return Double(sample(walk.x, walk.y, walk.z).coverage)
            }
        }
    }

    /// Weights 1, 2, 1 along both axes; nothing lies beyond the raster.
    private func smoothed(_ field: [Double], width: Int) -> [Double] {
        var across = field
        for i in field.indices {
            let left = i % width > 0 ? field[i - 1] : 0
            let right = i % width < width - 1 ? field[i + 1] : 0
            across[i] = (left + 2 * field[i] + right) / 4
        }
        return across.indices.map { i in
            let above = i >= width ? across[i - width] : 0
            let below = i + width < across.count ? across[i + width] : 0
            return (above + 2 * across[i] + below) / 4
        }
    }
}

extension SlicePlane {
    /// The same raster at another position along its axis.
    func at(_ millimeters: Double) -> SlicePlane {
        SlicePlane(
            axis: axis, millimeters: millimeters, left: left, top: top,
            pixelsPerMillimeter: pixelsPerMillimeter, width: width, height: height)
    }
}

extension PanelPainter {
    /// The value of largest magnitude that each pixel's line of sight meets, NaN where it meets none; of equal
    /// magnitudes the one with the smaller coordinate. Only values that the figure draws count.
    ///
    /// Lines of sight are walked in steps of half the smallest voxel size, so that on grids along the axes of
    /// world space no voxel is missed.
    func projection(_ plane: SlicePlane) -> [Double] {
        var largest = [Double](repeating: .nan, count: plane.width * plane.height)
        let (rule, values, shape) = (map.rule, map.tested, map.grid.shape)
        let box = map.grid.worldBox { rule.opacity(values[$0]) > 0 }
        guard !box.isEmpty else { return largest }
        let (nx, ny, nz) = (Double(shape[0]), Double(shape[1]), Double(shape[2]))
        let step = (map.grid.affine.voxelSizes.min() ?? 1) / 2
        let scale = plane.pixelsPerMillimeter
        let (h, v) = (plane.axis.horizontal, plane.axis.vertical)
        let columns =
            max(
                0, Int((box.lower[h] - plane.left) * scale) - 1)..<max(
                0, min(plane.width, Int((box.upper[h] - plane.left) * scale) + 2))
        let rows =
            max(
                0, Int((plane.top - box.upper[v]) * scale) - 1)..<max(
                0, min(plane.height, Int((plane.top - box.lower[v]) * scale) + 2))
        let depths = Int((box.size(plane.axis.index) / step).rounded(.up))
        for depth in 0..<depths {
            let slice = plane.at(box.lower[plane.axis.index] + (Double(depth) + 0.5) * step)
            for row in rows {
                var walk = slice.walk(row: row, through: map.inverse, nudge: SlicePlane.tieNudge)
                for column in 0..<columns.upperBound {
                    let (x, y, z) = (walk.x + 0.5, walk.y + 0.5, walk.z + 0.5)
                    walk.advance()
                    guard column >= columns.lowerBound, x >= 0, y >= 0, z >= 0, x < nx, y < ny, z < nz else {
                        continue
                    }
                    let value = values[Int(x) + shape[0] * (Int(y) + shape[1] * Int(z))]
                    let old = largest[row * plane.width + column]
                    if abs(value) <= abs(old) || rule.opacity(value) <= 0 { continue }
                    largest[row * plane.width + column] = value
                }
            }
        }
        return largest
    }
}
