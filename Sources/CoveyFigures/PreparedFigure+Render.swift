internal import CoveyCanvas
internal import CoveyImaging

extension PreparedFigure {
    /// Draws the page.
    func render(_ format: PictureFormat) throws(FigureError) -> [UInt8] {
        let layout = try FigureLayout(self)
        // In vector files the slices are pixels still.
        let dotsPerInch = format == .png ? style.dotsPerInch : max(style.dotsPerInch, style.sliceDotsPerInch)
        let page = Page(figure: self, layout: layout, dotsPerInch: dotsPerInch)
        do {
            return try Canvas.draw(
                format, width: layout.width, height: layout.height, pixelsPerInch: style.dotsPerInch,
                background: palette.page, title: title, description: description
            ) { canvas in page.draw(on: canvas) }
        } catch let error as CanvasError {
            switch error {
            case .size:
                throw FigureError.size(
                    widthInches: layout.width / 72, heightInches: layout.height / 72,
                    dotsPerInch: style.dotsPerInch)
            case .cairo(_, let text): throw FigureError.drawing(text)
            }
        } catch {
            throw FigureError.drawing("\(error)")
        }
    }
}

/// A figure about to be drawn on a canvas.
struct Page {
    let figure: PreparedFigure
    let layout: FigureLayout
    let dotsPerInch: Double

    var ink: Color { figure.palette.ink }
    var pixel: Double { 72 / dotsPerInch }

    /// The box moved and resized to whole pixels, so that a picture's pixels are the page's.
    func snapped(_ box: Rectangle) -> Rectangle {
        func snap(_ x: Double) -> Double { (x / pixel).rounded() * pixel }
        return Rectangle(
            x: snap(box.x), y: snap(box.y), width: max(pixel, snap(box.width)),
            height: max(pixel, snap(box.height)))
    }

    func draw(on canvas: borrowing Canvas) {
        for (line, text) in layout.titleLines.enumerated() {
            let y = layout.titleBaseline + Double(line) * FigureLayout.titleFont.lineHeight
            canvas.text(text, at: Point(FigureLayout.margin, y), FigureLayout.titleFont, ink)
        }
        for (line, text) in layout.sentenceLines.enumerated() {
            let y = layout.sentenceBaseline + Double(line) * FigureLayout.sentenceFont.lineHeight
            canvas.text(text, at: Point(FigureLayout.margin, y), FigureLayout.sentenceFont, ink)
        }
        for (row, map) in figure.rows.enumerated() {
            if !map.title.isEmpty {
                canvas.text(map.title, at: layout.rowTitles[row], FigureLayout.rowTitleFont, ink)
            }
            let painter = PanelPainter(figure, row: row)
            for (i, cut) in figure.cuts.enumerated() {
                let place = row * figure.cuts.count + i
                let panel = layout.panels[place]
                drawPanel(cut, of: map.map, in: panel, painter: painter, on: canvas)
                if !layout.sidesStandBelow { drawSides(cut, in: snapped(panel), on: canvas) }
                guard let baseline = layout.captionBaselines[place] else { continue }
                canvas.text(
                    layout.captions[i], at: Point(panel.midX, baseline), FigureLayout.labelFont, ink,
                    alignment: .center)
                if layout.sidesStandBelow, let (left, right) = sides(of: cut) {
                    let (start, end) = (
                        panel.x + FigureLayout.sideInset, panel.maxX - FigureLayout.sideInset
                    )
                    canvas.text(left, at: Point(start, baseline), FigureLayout.labelFont, ink)
                    canvas.text(
                        right, at: Point(end, baseline), FigureLayout.labelFont, ink, alignment: .trailing)
                }
            }
        }
        for bar in layout.bars { draw(bar, on: canvas) }
        for bar in layout.lyingBars { draw(bar, on: canvas) }
        draw(layout.legend, on: canvas)
    }

    private func drawPanel(
        _ cut: PreparedFigure.Cut, of map: MapLayer, in panel: Rectangle, painter: PanelPainter,
        on canvas: borrowing Canvas
    ) {
        let box = snapped(panel)
        let (h, v) = (cut.axis.horizontal, cut.axis.vertical)
        let plane = SlicePlane(
            axis: cut.axis, millimeters: cut.millimeters, left: figure.box.lower[h], top: figure.box.upper[v],
            pixelsPerMillimeter: layout.pointsPerMillimeter / pixel,
            width: Int((box.width / pixel).rounded()), height: Int((box.height / pixel).rounded()))
        if figure.isProjection {
            drawGlass(cut, plane, in: box, painter: painter, on: canvas)
        } else {
            canvas.draw(painter.picture(plane), in: box)
            drawLines(plane, over: map, in: box, on: canvas)
        }
        if figure.style.hasCrossHair, let center = figure.center {
            drawCrossHair(
                Point(
                    box.x + (center[h] - plane.left) * layout.pointsPerMillimeter,
                    box.y + (plane.top - center[v]) * layout.pointsPerMillimeter), in: box, on: canvas)
        }
    }

    /// What lies to the left and to the right. A slice along x has its position below it, a projection nothing but its
    /// directions.
    private func sides(of cut: PreparedFigure.Cut) -> (left: String, right: String)? {
        cut.axis != .x ? ("L", "R") : figure.isProjection ? ("P", "A") : nil
    }

    /// The sides' letters in the upper corners of a panel, where there is no room for them below it.
    private func drawSides(_ cut: PreparedFigure.Cut, in box: Rectangle, on canvas: borrowing Canvas) {
        guard figure.style.hasAnnotations, let (left, right) = sides(of: cut) else { return }
        // In the corners of a small glass brain larger letters would cut its outline.
        let isSmall = figure.isProjection && box.width < 110
        let font = isSmall ? Font(size: 6.5) : FigureLayout.labelFont
        let y = box.y + font.capHeight + (isSmall ? 0 : 1)
        let inset = isSmall ? 0.0 : 2
        let halo = figure.palette.page
        canvas.text(left, at: Point(box.x + inset, y), font, ink, halo: halo)
        canvas.text(right, at: Point(box.maxX - inset, y), font, ink, alignment: .trailing, halo: halo)
    }

    /// The outline of what survives, where voxels around it are seen too, or of what survives in both maps; then
    /// the contours.
    private func drawLines(
        _ plane: SlicePlane, over map: MapLayer, in box: Rectangle, on canvas: borrowing Canvas
    ) {
        func path(_ loop: [Point]) -> Path {
            Path(loop.map { Point(box.x + $0.x * pixel, box.y + $0.y * pixel) }, isClosed: true)
        }
        canvas.clipped(to: box) {
            var survivors = map.survivors(in: plane)
            if let overlay = figure.overlay, map.rule.fadedAlpha == 0 {
                survivors = zip(survivors, overlay.survivors(in: plane)).map { $0 && $1 }
            }
            if map.rule.fadedAlpha > 0 || figure.overlay != nil {
                for loop in Contours.edges(of: survivors, width: plane.width, height: plane.height) {
                    canvas.stroke(path(loop), ink, width: 0.6)
                }
            }
            for contour in figure.contours {
                let paths = contour.loops(in: plane).map(path)
                for path in paths { canvas.stroke(path, figure.palette.halo, width: 2) }
                for path in paths { canvas.stroke(path, contour.color, width: 1.1) }
            }
        }
    }

    /// The projection over the surface of the brain, and the outline around both.
    private func drawGlass(
        _ cut: PreparedFigure.Cut, _ plane: SlicePlane, in box: Rectangle, painter: PanelPainter,
        on canvas: borrowing Canvas
    ) {
        // Specks of a few points are no outline.
        let outlines = (figure.background?.outline(cut.axis) ?? []).filter { $0.count > 12 }.map { loop in
            Path(
                loop.map {
                    Point(
                        box.x + ($0.x - plane.left) * layout.pointsPerMillimeter,
                        box.y + (plane.top - $0.y) * layout.pointsPerMillimeter)
                }, isClosed: true)
        }
        if let background = figure.background {
            canvas.draw(background.reliefPicture(plane, figure.palette), in: box)
        }
        canvas.draw(painter.projected(plane), in: box)
        for path in outlines { canvas.stroke(path, figure.palette.outline, width: 0.9) }
    }

    /// Two lines with a gap where they would cover what they point at.
    private func drawCrossHair(_ point: Point, in box: Rectangle, on canvas: borrowing Canvas) {
        let gap = 7 * layout.pointsPerMillimeter
        let color = figure.palette.crossHair
        canvas.clipped(to: box) {
            canvas.line(from: Point(point.x, box.y), to: Point(point.x, point.y - gap), color, width: 0.7)
            canvas.line(from: Point(point.x, point.y + gap), to: Point(point.x, box.maxY), color, width: 0.7)
            canvas.line(from: Point(box.x, point.y), to: Point(point.x - gap, point.y), color, width: 0.7)
            canvas.line(from: Point(point.x + gap, point.y), to: Point(box.maxX, point.y), color, width: 0.7)
        }
    }
}
