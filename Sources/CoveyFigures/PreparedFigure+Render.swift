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
                background: palette.page
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
private struct Page {
    let figure: PreparedFigure
    let layout: FigureLayout
    let dotsPerInch: Double

    private var ink: Color { figure.palette.ink }
    private var pixel: Double { 72 / dotsPerInch }

    /// The box moved and resized to whole pixels, so that a picture's pixels are the page's.
    private func snapped(_ box: Rectangle) -> Rectangle {
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
        let painter = PanelPainter(figure, dotsPerInch: dotsPerInch)
        for (i, cut) in figure.cuts.enumerated() {
            drawPanel(cut, in: layout.panels[i], painter: painter, on: canvas)
            if figure.style.hasAnnotations, !figure.isProjection {
                canvas.text(
                    layout.captions[i],
                    at: Point(layout.panels[i].midX, layout.captionBaselines[i]), FigureLayout.labelFont, ink,
                    alignment: .center)
            }
        }
        if let bar = layout.bar { drawBar(snapped(bar), on: canvas) }
    }

    private func drawPanel(
        _ cut: PreparedFigure.Cut, in panel: Rectangle, painter: PanelPainter, on canvas: borrowing Canvas
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
        }
        if figure.style.hasCrossHair, let center = figure.center {
            drawCrossHair(
                Point(
                    box.x + (center[h] - plane.left) * layout.pointsPerMillimeter,
                    box.y + (plane.top - center[v]) * layout.pointsPerMillimeter), in: box, on: canvas)
        }
        if figure.style.hasAnnotations, cut.axis != .x {
            let y = box.y + FigureLayout.labelFont.capHeight + 1
            let halo = figure.palette.page
            canvas.text("L", at: Point(box.x + 2, y), FigureLayout.labelFont, ink, halo: halo)
            canvas.text(
                "R", at: Point(box.maxX - 2, y), FigureLayout.labelFont, ink, alignment: .trailing, halo: halo
            )
        }
    }

    /// The projection over the shadow of the brain, and the outlines over both.
    private func drawGlass(
        _ cut: PreparedFigure.Cut, _ plane: SlicePlane, in box: Rectangle, painter: PanelPainter,
        on canvas: borrowing Canvas
    ) {
        let outlines = figure.background?.outlines(cut.axis, millimeters: cut.millimeters)
        func paths(_ loops: [[Point]]) -> [Path] {
            loops.filter { $0.count > 12 }.map { loop in
                Path(
                    loop.map {
                        Point(
                            box.x + ($0.x - plane.left) * layout.pointsPerMillimeter,
                            box.y + (plane.top - $0.y) * layout.pointsPerMillimeter)
                    }, isClosed: true)
            }
        }
        for path in paths(outlines?.shadow ?? []) { canvas.fill(path, figure.palette.glass) }
        canvas.draw(painter.projected(plane), in: box)
        for path in paths(outlines?.slice ?? []) {
            canvas.stroke(path, figure.palette.landmark, width: 0.5)
        }
        for path in paths(outlines?.shadow ?? []) { canvas.stroke(path, figure.palette.outline, width: 0.9) }
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

    private func drawBar(_ box: Rectangle, on canvas: borrowing Canvas) {
        let rule = figure.rule
        let rows = max(2, Int((box.height / pixel).rounded()))
        let pixels = (0..<rows).map { row in
            let value = rule.upper - (Double(row) + 0.5) / Double(rows) * (rule.upper - rule.lower)
            let color = figure.style.colorMap.color(at: rule.fraction(value))
            let under = rule.fadedAlpha > 0 ? figure.palette.page : figure.palette.hidden
            return Picture.pixel(under.mixed(with: color, rule.opacity(value)))
        }
        canvas.draw(Picture(width: 1, height: rows, pixels: pixels), in: box)
        canvas.stroke(Path(box), ink, width: 0.6)
        let ticks = Tick.ticks(
            rule, height: box.height, labelHeight: FigureLayout.tickFont.capHeight)
        for tick in ticks {
            let y = box.maxY - rule.fraction(tick.value) * box.height
            let start = tick.isThreshold ? box.x : box.maxX
            canvas.line(
                from: Point(start, y), to: Point(box.maxX + 3, y), ink, width: tick.isThreshold ? 1 : 0.6)
            canvas.text(
                tick.text, at: Point(layout.tickLabelX, y + FigureLayout.tickFont.capHeight / 2),
                FigureLayout.tickFont, ink)
        }
        if figure.hasShortLabel {
            canvas.text(
                figure.label, at: Point(layout.barLabelX, box.midY + FigureLayout.labelFont.capHeight / 2),
                FigureLayout.labelFont, ink)
        } else {
            canvas.text(
                figure.label, at: Point(layout.barLabelX, box.midY), FigureLayout.labelFont, ink,
                alignment: .center, quarterTurns: 1)
        }
    }
}
