internal import CoveyCanvas
internal import CoveyImaging

/// Turns slices of one row of a figure into pixels: the background, then the regions', then the maps' voxels over it.
struct PanelPainter: Sendable {
    let map: MapLayer
    private let background: BackgroundImage?
    private let overlay: MapLayer?
    private let regions: RegionLayer?
    private let colors: [UInt32]
    private let overlayColors: [UInt32]
    private let grays: [UInt32]

    init(_ figure: PreparedFigure, row: Int = 0) {
        map = figure.rows[row].map
        background = figure.background
        overlay = figure.overlay
        regions = figure.regions
        colors = map.colorMap.pixels(256)
        overlayColors = figure.overlay?.colorMap.pixels(256) ?? []
        grays = (0..<256).map { Picture.pixel(figure.palette.anatomy(Double($0) / 255)) }
    }

    /// The picture of a projection along the plane's axis.
    func projected(_ plane: SlicePlane) -> Picture {
        Picture(
            width: plane.width, height: plane.height,
            pixels: projection(plane).map { value in
                let opacity = map.rule.opacity(value)
                guard opacity > 0 else { return 0 }
                return colors[Int(map.rule.fraction(value) * 255 + 0.5)] & 0xFF_FFFF
                    | UInt32(opacity * 255 + 0.5) << 24
            })
    }

    /// The picture of a slice.
    func picture(_ plane: SlicePlane) -> Picture {
        var picture = Picture(width: plane.width, height: plane.height)
        if let background { paint(background, plane, into: &picture) }
        regions?.forEachPixel(of: plane) { place, color in
            picture.pixels[place] = blended(color, over: picture.pixels[place], RegionLayer.opacity)
        }
        paint(map, colors, plane, into: &picture)
        if let overlay { paint(overlay, overlayColors, plane, into: &picture) }
        return picture
    }

    private func paint(_ image: BackgroundImage, _ plane: SlicePlane, into picture: inout Picture) {
        // The edge of the brain is one pixel soft, however large the voxels are.
        let sharpness = Float(max(1, plane.pixelsPerMillimeter * image.voxelSize))
        for row in 0..<plane.height {
            var walk = plane.walk(row: row, through: image.inverse)
            let start = row * plane.width
            for column in 0..<plane.width {
                let (brightness, coverage) = image.sample(walk.x, walk.y, walk.z)
                walk.advance()
                if coverage == 0 { continue }
                let alpha = min(max((coverage - 0.5) * sharpness + 0.5, 0), 1)
                let gray = grays[Int(brightness * 255 + 0.5)]
                picture.pixels[start + column] = gray & 0xFF_FFFF | UInt32(alpha * 255 + 0.5) << 24
            }
        }
    }

    private func paint(_ map: MapLayer, _ colors: [UInt32], _ plane: SlicePlane, into picture: inout Picture)
    {
        let (rule, values, shape) = (map.rule, map.tested, map.grid.shape)
        for row in 0..<plane.height {
            var walk = plane.walk(row: row, through: map.inverse, nudge: SlicePlane.tieNudge)
            let start = row * plane.width
            for column in 0..<plane.width {
                let offset = walk.voxel(in: shape)
                walk.advance()
                guard let offset else { continue }
                let value = values[offset]
                let opacity = rule.opacity(value) * map.opacity
                if opacity <= 0 { continue }
                let color = colors[Int(rule.fraction(value) * 255 + 0.5)]
                picture.pixels[start + column] =
                    opacity >= 1 ? color : blended(color, over: picture.pixels[start + column], opacity)
            }
        }
    }

    private func blended(_ color: UInt32, over under: UInt32, _ opacity: Double) -> UInt32 {
        let underAlpha = Double(under >> 24) / 255
        let alpha = opacity + underAlpha * (1 - opacity)
        func mix(_ shift: UInt32) -> UInt32 {
            let top = Double(color >> shift & 255) * opacity
            let bottom = Double(under >> shift & 255) * underAlpha * (1 - opacity)
            return UInt32((top + bottom) / alpha + 0.5) << shift
        }
        return mix(0) | mix(8) | mix(16) | UInt32(alpha * 255 + 0.5) << 24
    }
}
