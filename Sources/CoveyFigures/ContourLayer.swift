internal import CoveyCanvas
internal import CoveyImaging

/// Lines as they are drawn over slices.
struct ContourLayer: Sendable {
    let name: String
    let color: Color
    private let course: FigureContour.Course
    private let image: Volume
    private let inverse: Affine

    init(_ contour: FigureContour, color: Color) throws(FigureError) {
        if case .level(let level) = contour.course, !level.isFinite { throw FigureError.level(level) }
        let image = contour.name.isEmpty ? "contoured image" : contour.name
        switch contour.course {
        case .level(let level):
            let finite = contour.image.values.lazy.filter(\.isFinite)
            let (least, largest) = (finite.min() ?? 0, finite.max() ?? 0)
            guard level < 0 ? least <= level : largest >= level else {
                throw FigureError.levelOutside(level, image: image, least: least, largest: largest)
            }
        case .edges:
            guard try contour.image.labels(image: image).contains(where: { $0 != 0 }) else {
                throw FigureError.nothingToOutline(image: image)
            }
        }
        name = contour.name
        self.color = color
        course = contour.course
        self.image = contour.image
        inverse = try MapLayer.inverse(of: contour.image.grid, image: image)
    }

    /// Whether a slice through a box meets a line.
    func isSeen(in cut: PreparedFigure.Cut, of box: WorldBox) -> Bool {
        let (h, v) = (cut.axis.horizontal, cut.axis.vertical)
        let plane = SlicePlane(
            axis: cut.axis, millimeters: cut.millimeters, left: box.lower[h], top: box.upper[v],
            pixelsPerMillimeter: perMillimeter,
            width: max(1, Int((box.size(h) * perMillimeter).rounded(.up))),
            height: max(1, Int((box.size(v) * perMillimeter).rounded(.up))))
        return !loops(in: plane).isEmpty
    }

    /// Half voxels: they miss no label, and between them straight lines are as good as the interpolation itself.
    private var perMillimeter: Double { 2 / (image.grid.affine.voxelSizes.min() ?? 1) }

    /// The lines in a slice, closed, in pixels of the plane from its upper left corner.
    func loops(in plane: SlicePlane) -> [[Point]] {
        switch course {
        case .level(let level): levelLines(level, in: plane)
        case .edges: edges(in: plane)
        }
    }

    private func levelLines(_ level: Double, in plane: SlicePlane) -> [[Point]] {
        let share = plane.pixelsPerMillimeter / perMillimeter
        let (width, height) = (
            Int((Double(plane.width) / share).rounded(.up)), Int((Double(plane.height) / share).rounded(.up))
        )
        let raster = SlicePlane(
            axis: plane.axis, millimeters: plane.millimeters, left: plane.left, top: plane.top,
            pixelsPerMillimeter: perMillimeter, width: width, height: height)
        let sign = level < 0 ? -1.0 : 1
        let field = (0..<height).flatMap { row in
            var walk = raster.walk(row: row, through: inverse)
            return (0..<width).map { _ in
                defer { walk.advance() }
                return sign * image.interpolated(walk.x, walk.y, walk.z)
            }
        }
        return Contours.loops(field, width: width, height: height, level: sign * level).map { loop in
            loop.map { Point(($0.x + 0.5) * share, ($0.y + 0.5) * share) }
        }
    }

    private func edges(in plane: SlicePlane) -> [[Point]] {
        let shape = image.grid.shape
        var labels = [Double](repeating: 0, count: plane.width * plane.height)
        for row in 0..<plane.height {
            var walk = plane.walk(row: row, through: inverse, nudge: SlicePlane.tieNudge)
            for column in 0..<plane.width {
                if let offset = walk.voxel(in: shape), image.values[offset].isFinite {
                    labels[row * plane.width + column] = image.values[offset]
                }
                walk.advance()
            }
        }
        return Set(labels).subtracting([0]).sorted().flatMap { label in
            Contours.edges(of: labels.map { $0 == label }, width: plane.width, height: plane.height)
        }
    }
}

extension Volume {
    /// The value at a place in fractional voxels, with weights linear in the distance; NaN where the nearest
    /// voxel has none or lies outside. Neighbours without a value do not count.
    fileprivate func interpolated(_ x: Double, _ y: Double, _ z: Double) -> Double {
        let (nx, ny, nz) = (grid.shape[0], grid.shape[1], grid.shape[2])
        guard x >= -0.5, y >= -0.5, z >= -0.5, x < Double(nx) - 0.5, y < Double(ny) - 0.5,
            z < Double(nz) - 0.5,
            values[Int(x + 0.5) + nx * (Int(y + 0.5) + ny * Int(z + 0.5))].isFinite
        else { return .nan }
        // Truncation of numbers that are not negative.
        let (ix, iy, iz) = (Int(x + 1) - 1, Int(y + 1) - 1, Int(z + 1) - 1)
        let (fx, fy, fz) = (x - Double(ix), y - Double(iy), z - Double(iz))
        var (sum, weights) = (0.0, 0.0)
        for z in max(iz, 0)...min(iz + 1, nz - 1) {
            let weightZ = z == iz ? 1 - fz : fz
            for y in max(iy, 0)...min(iy + 1, ny - 1) {
                let weightYZ = weightZ * (y == iy ? 1 - fy : fy)
                for x in max(ix, 0)...min(ix + 1, nx - 1) {
                    let value = values[x + nx * (y + ny * z)]
                    guard value.isFinite else { continue }
                    let weight = weightYZ * (x == ix ? 1 - fx : fx)
                    sum += weight * value
                    weights += weight
                }
            }
        }
        return weights > 0 ? sum / weights : .nan
    }
}
