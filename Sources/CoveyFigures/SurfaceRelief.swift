internal import CoveyCanvas
internal import CoveyImaging

extension BackgroundImage {
    /// How bright the tissue just below the surface of the image is, seen along an axis: folds, which are dark in a
    /// T1-weighted image, show as lines. From 0 to 1, NaN beside the image.
    ///
    /// Seen are the subject's right side, back and top, as the panels of a figure are turned: x from the right,
    /// y from behind, z from above. The mean is over 2 to 10 mm below the surface, where the brain is at least half
    /// of a voxel's surroundings.
    func relief(_ plane: SlicePlane) -> [Float] {
        let axis = plane.axis.index
        let step = voxelSize / 2
        let isFromAbove = plane.axis != .y
        let depths = Int((box.size(axis) / step).rounded(.up))
        let (first, last) = (Int((2 / step).rounded()), Int((10 / step).rounded()))
        var entered = [Int](repeating: -1, count: plane.width * plane.height)
        var sums = [Float](repeating: 0, count: entered.count)
        var counts = [Float](repeating: 0, count: entered.count)
        for depth in 0..<depths {
            let way = (Double(depth) + 0.5) * step
            let slice = plane.at(isFromAbove ? box.upper[axis] - way : box.lower[axis] + way)
            for row in 0..<plane.height {
                var walk = slice.walk(row: row, through: inverse)
                for i in (row * plane.width)..<((row + 1) * plane.width) {
                    defer { walk.advance() }
                    if entered[i] >= 0, depth - entered[i] > last { continue }
                    let (brightness, coverage) = sample(walk.x, walk.y, walk.z)
                    guard coverage >= 0.5 else { continue }
                    if entered[i] < 0 { entered[i] = depth }
                    if depth - entered[i] >= first {
                        sums[i] += brightness
                        counts[i] += 1
                    }
                }
            }
        }
        return sums.indices.map { counts[$0] > 0 ? sums[$0] / counts[$0] : .nan }
    }

    /// The relief as a picture on a figure's plane, in greys near the page's.
    func reliefPicture(_ plane: SlicePlane, _ palette: Palette) -> Picture {
        // The image holds no detail finer than its voxels.
        let share = max(1, plane.pixelsPerMillimeter * voxelSize / 2)
        let coarse = SlicePlane(
            axis: plane.axis, millimeters: plane.millimeters, left: plane.left, top: plane.top,
            pixelsPerMillimeter: plane.pixelsPerMillimeter / share,
            width: Int((Double(plane.width) / share).rounded(.up)) + 1,
            height: Int((Double(plane.height) / share).rounded(.up)) + 1)
        let relief = relief(coarse)
        let seen = relief.filter { !$0.isNaN }.sorted()
        guard let low = seen.isEmpty ? nil : seen[seen.count / 20] else {
            return Picture(width: plane.width, height: plane.height)
        }
        let high = max(seen[seen.count - 1 - seen.count / 20], low + 1e-6)
        let grays = (0..<256).map { Picture.pixel(palette.relief(Double($0) / 255)) }
        var picture = Picture(width: plane.width, height: plane.height)
        for row in 0..<plane.height {
            let y = max(0, (Double(row) + 0.5) / share - 0.5)
            for column in 0..<plane.width {
                let x = max(0, (Double(column) + 0.5) / share - 0.5)
                let (brightness, coverage) = Self.interpolated(relief, width: coarse.width, x, y)
                guard coverage > 0 else { continue }
                let shade = min(max((brightness - low) / (high - low), 0), 1)
                picture.pixels[row * plane.width + column] =
                    grays[Int(shade * 255)] & 0xFF_FFFF | UInt32(coverage * 255) << 24
            }
        }
        return picture
    }

    private static func interpolated(
        _ field: [Float], width: Int, _ x: Double, _ y: Double
    ) -> (value: Float, coverage: Float) {
        let (ix, iy) = (min(Int(x), width - 2), min(Int(y), field.count / width - 2))
        let (fx, fy) = (Float(x - Double(ix)), Float(y - Double(iy)))
        var (sum, weights): (Float, Float) = (0, 0)
        for (dx, dy, weight) in [
            (0, 0, (1 - fx) * (1 - fy)), (1, 0, fx * (1 - fy)), (0, 1, (1 - fx) * fy), (1, 1, fx * fy),
        ] {
            let value = field[(iy + dy) * width + ix + dx]
            if value.isNaN { continue }
            sum += weight * value
            weights += weight
        }
        return weights > 0 ? (sum / weights, weights) : (0, 0)
    }
}
