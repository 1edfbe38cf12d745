internal import CoveyCanvas

/// The colour bars and the legend.
extension Page {
    func draw(_ bar: FigureBar, on canvas: borrowing Canvas) {
        let (box, map, rule) = (snapped(bar.box), bar.map, bar.map.rule)
        let pixels = Array(
            self.pixels(of: map, count: max(2, Int((box.height / pixel).rounded()))).reversed())
        canvas.draw(Picture(width: 1, height: pixels.count, pixels: pixels), in: box)
        canvas.stroke(Path(box), ink, width: 0.6)
        for tick in bar.ticks {
            let y = box.maxY - rule.fraction(tick.value) * box.height
            let start = tick.isThreshold ? box.x : box.maxX
            canvas.line(
                from: Point(start, y), to: Point(box.maxX + 3, y), ink, width: tick.isThreshold ? 1 : 0.6)
            canvas.text(
                tick.text, at: Point(bar.tickLabelX, y - tick.shift + FigureLayout.tickFont.capHeight / 2),
                FigureLayout.tickFont, ink)
        }
        if map.hasShortLabel {
            canvas.text(
                map.label, at: Point(bar.labelX, box.midY + FigureLayout.labelFont.capHeight / 2),
                FigureLayout.labelFont, ink)
        } else {
            canvas.text(
                map.label, at: Point(bar.labelX, box.midY), FigureLayout.labelFont, ink,
                alignment: .center, quarterTurns: 1)
        }
    }

    func draw(_ bar: LyingBars.Bar, on canvas: borrowing Canvas) {
        let (box, rule) = (snapped(bar.box), bar.map.rule)
        let pixels = pixels(of: bar.map, count: max(2, Int((box.width / pixel).rounded())))
        canvas.draw(Picture(width: pixels.count, height: 1, pixels: pixels), in: box)
        canvas.stroke(Path(box), ink, width: 0.6)
        for tick in bar.ticks {
            let x = box.x + rule.fraction(tick.value) * box.width
            canvas.line(
                from: Point(x, tick.isThreshold ? box.y : box.maxY), to: Point(x, box.maxY + 3), ink,
                width: tick.isThreshold ? 1 : 0.6)
            canvas.text(
                tick.text, at: Point(x + tick.shift, bar.tickBaseline), FigureLayout.tickFont, ink,
                alignment: .center)
        }
        for (line, text) in bar.label.enumerated() {
            let y = bar.labelPlace.y + Double(line) * FigureLayout.labelFont.lineHeight
            canvas.text(
                text, at: Point(bar.labelPlace.x, y), FigureLayout.labelFont, ink, alignment: .center)
        }
    }

    /// A colour bar's pixels, from the lower to the upper end.
    private func pixels(of map: MapLayer, count: Int) -> [UInt32] {
        let rule = map.rule
        return (0..<count).map { step in
            let value =
                rule.upper - (Double(count - 1 - step) + 0.5) / Double(count) * (rule.upper - rule.lower)
            let color = map.colorMap.color(at: rule.fraction(value))
            let under = rule.fadedAlpha > 0 ? figure.palette.page : figure.palette.hidden
            return Picture.pixel(under.mixed(with: color, rule.opacity(value)))
        }
    }

    func draw(_ legend: FigureLegend, on canvas: borrowing Canvas) {
        for entry in legend.entries {
            let y = entry.position.y - FigureLegend.font.capHeight / 2
            let end = entry.position.x + FigureLegend.sample
            if entry.isRegion {
                let side = FigureLegend.font.capHeight
                canvas.fill(
                    Rectangle(x: end - side, y: entry.position.y - side, width: side, height: side),
                    entry.color)
            } else {
                canvas.line(from: Point(entry.position.x, y), to: Point(end, y), entry.color, width: 1.6)
            }
            canvas.text(
                entry.text,
                at: Point(entry.position.x + FigureLegend.sample + FigureLegend.gap, entry.position.y),
                FigureLegend.font, ink)
        }
    }
}
