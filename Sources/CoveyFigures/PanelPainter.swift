internal import CoveyCanvas
internal import CoveyImaging

/// Turns one slice into pixels: the background, the map's voxels over it, and the outline of what survives.
struct PanelPainter: Sendable {
    let figure: PreparedFigure
    let dotsPerInch: Double
    private let colors: [UInt32]
    private let grays: [UInt32]
    private let outline: UInt32

    init(_ figure: PreparedFigure, dotsPerInch: Double) {
        self.figure = figure
        self.dotsPerInch = dotsPerInch
        colors = figure.style.colorMap.pixels(256)
        grays = (0..<256).map { Picture.pixel(figure.palette.anatomy(Double($0) / 255)) }
        outline = Picture.pixel(figure.palette.ink)
    }

    /// The picture of a projection along the plane's axis.
    func projected(_ plane: SlicePlane) -> Picture {
        Picture(
            width: plane.width, height: plane.height,
            pixels: projection(plane).map { value in
                let opacity = figure.rule.opacity(value)
                guard opacity > 0 else { return 0 }
                return colors[Int(figure.rule.fraction(value) * 255 + 0.5)] & 0xFF_FFFF
                    | UInt32(opacity * 255 + 0.5) << 24
            })
    }

    /// The picture of a slice.
    func picture(_ plane: SlicePlane) -> Picture {
        var picture = Picture(width: plane.width, height: plane.height)
        if let background = figure.background { paint(background, plane, into: &picture) }
        paintStatistic(plane, into: &picture)
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

    private func paintStatistic(_ plane: SlicePlane, into picture: inout Picture) {
        let rule = figure.rule
        let values = figure.tested
        let shape = figure.grid.shape
        let (nx, ny, nz) = (Double(shape[0]), Double(shape[1]), Double(shape[2]))
        var survives = [Bool](repeating: false, count: rule.fadedAlpha > 0 ? picture.pixels.count : 0)
        for row in 0..<plane.height {
            var walk = plane.walk(row: row, through: figure.inverse, nudge: SlicePlane.tieNudge)
            let start = row * plane.width
            for column in 0..<plane.width {
                let (x, y, z) = (walk.x + 0.5, walk.y + 0.5, walk.z + 0.5)
                walk.advance()
                guard x >= 0, y >= 0, z >= 0, x < nx, y < ny, z < nz else { continue }
                let value = values[Int(x) + shape[0] * (Int(y) + shape[1] * Int(z))]
                let opacity = rule.opacity(value)
                if opacity <= 0 { continue }
                let color = colors[Int(rule.fraction(value) * 255 + 0.5)]
                if opacity >= 1 {
                    picture.pixels[start + column] = color
                    if !survives.isEmpty { survives[start + column] = true }
                } else {
                    picture.pixels[start + column] = blended(
                        color, over: picture.pixels[start + column], opacity)
                }
            }
        }
        if !survives.isEmpty { paintOutline(of: survives, plane, into: &picture) }
    }

    /// Darkens the pixels just outside those that survive.
    private func paintOutline(of survives: [Bool], _ plane: SlicePlane, into picture: inout Picture) {
        let (width, height) = (plane.width, plane.height)
        let reach = max(1, Int((dotsPerInch / 150).rounded()))
        for row in 0..<height {
            for column in 0..<width where !survives[row * width + column] {
                var touches = false
                for y in max(0, row - reach)...min(height - 1, row + reach) where !touches {
                    for x in max(0, column - reach)...min(width - 1, column + reach) {
                        if survives[y * width + x] {
                            touches = true
                            break
                        }
                    }
                }
                if touches { picture.pixels[row * width + column] = outline }
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
