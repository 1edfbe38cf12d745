internal import CoveyCanvas

/// Where everything stands on the page, in points. All slices of a figure have the same scale.
struct FigureLayout: Sendable {
    static let margin = 9.0
    static let titleFont = Font(size: 10.5, isBold: true)
    static let sentenceFont = Font(size: 9)
    static let labelFont = Font(size: 9)
    static let tickFont = Font(size: 8.5)
    static let barWidth = 9.0
    static let panelGap = 10.0
    /// Slices are no taller than this on a page that grows with its content.
    static let tallestPanel = 216.0
    static let slicesInRow = 7

    var width: Double
    var height: Double
    var titleLines: [String]
    var sentenceLines: [String]
    /// Baselines of the first line of the title and of the sentence.
    var titleBaseline: Double
    var sentenceBaseline: Double
    /// The box of each slice.
    var panels: [Rectangle]
    /// The position of each slice as it is written below it, all of one form; the unit gives way first where
    /// the panels are narrow, then the axis.
    var captions: [String]
    /// The baseline of the position written below each slice.
    var captionBaselines: [Double]
    var pointsPerMillimeter: Double
    /// `nil` without a colour bar.
    var bar: Rectangle?
    var tickLabelX: Double
    var barLabelX: Double

    /// - Throws: ``FigureError/size(widthInches:heightInches:dotsPerInch:)`` where the slices have no room.
    init(_ figure: PreparedFigure) throws(FigureError) {
        let style = figure.style
        let sizeError = FigureError.size(
            widthInches: style.widthInches, heightInches: style.heightInches ?? 0,
            dotsPerInch: style.dotsPerInch)
        let fixed = style.heightInches.map { $0 * 72 }
        guard style.widthInches >= 2, style.widthInches <= 100, (fixed ?? 72) >= 72, (fixed ?? 72) <= 7200,
            style.dotsPerInch >= 20, style.dotsPerInch <= 2400,
            style.widthInches * (style.heightInches ?? 4) * style.dotsPerInch * style.dotsPerInch <= 2e8
        else { throw sizeError }
        width = style.widthInches * 72
        let inner = width - 2 * Self.margin

        titleLines = Canvas.wrapped(figure.title, width: inner, Self.titleFont)
        sentenceLines = Canvas.wrapped(figure.sentence, width: inner, Self.sentenceFont)
        var y = Self.margin
        titleBaseline = y + Self.titleFont.capHeight
        y += Double(titleLines.count) * Self.titleFont.lineHeight
        if !titleLines.isEmpty { y += 1 }
        sentenceBaseline = y + Self.sentenceFont.capHeight
        y += Double(sentenceLines.count) * Self.sentenceFont.lineHeight
        if !titleLines.isEmpty || !sentenceLines.isEmpty { y += 5 }

        // The colour bar's column: gap, bar, ticks, their labels, the label of the whole.
        var barBlock = 0.0
        var widestTick = 0.0
        if style.hasColorBar {
            let ticks = Tick.ticks(
                figure.rule, height: 150, labelHeight: Self.tickFont.capHeight)
            widestTick = ticks.map { Canvas.width(of: $0.text, Self.tickFont) }.max() ?? 0
            barBlock = 16 + Self.barWidth + 5 + widestTick
            if !figure.label.isEmpty {
                barBlock += 6 + (figure.hasShortLabel ? Canvas.width(of: figure.label, Self.labelFont) : 9)
            }
        }

        let columns = figure.panelsInRow ?? Self.columns(for: figure.cuts.count)
        let rows = (figure.cuts.count + columns - 1) / columns
        let sizes = figure.cuts.map { cut in
            (width: figure.box.size(cut.axis.horizontal), height: figure.box.size(cut.axis.vertical))
        }
        let rowWidth =
            (0..<rows).map { row in
                sizes[(row * columns)..<min((row + 1) * columns, sizes.count)].reduce(0) { $0 + $1.width }
            }.max() ?? 1
        let rowHeights = (0..<rows).map { row in
            sizes[(row * columns)..<min((row + 1) * columns, sizes.count)].reduce(0) { max($0, $1.height) }
        }
        let allRows = rowHeights.reduce(0, +)
        let tallest = rowHeights.max() ?? 1
        let caption = style.hasAnnotations && !figure.isProjection ? 4 + Self.labelFont.capHeight + 3 : 0
        let rowGap = 8.0

        let panelSpace = inner - barBlock - Double(columns - 1) * Self.panelGap
        var scale = panelSpace / rowWidth
        if let fixed {
            let room =
                fixed - y - Self.margin - Double(rows) * caption - Double(rows - 1) * rowGap
            scale = min(scale, room / allRows)
            height = fixed
        } else {
            scale = min(scale, Self.tallestPanel / tallest)
            height =
                y + scale * allRows + Double(rows) * caption + Double(rows - 1) * rowGap + Self.margin
        }
        guard scale > 0.05 else { throw sizeError }
        pointsPerMillimeter = scale

        // What is left over on a page of fixed height goes half above and half below the slices.
        let used = scale * allRows + Double(rows) * caption + Double(rows - 1) * rowGap
        let top = y + max(0, (height - y - Self.margin - used) / 2)
        let usedWidth = rowWidth * scale + Double(columns - 1) * Self.panelGap
        let left = Self.margin + max(0, (inner - barBlock - usedWidth) / 2)
        panels = []
        captionBaselines = []
        var rowTop = top
        for row in 0..<rows {
            let rowHeight = rowHeights[row] * scale
            let inRow = (row * columns)..<min((row + 1) * columns, sizes.count)
            // The rows of a mosaic differ in width: each stands in the middle.
            let free =
                figure.panelsInRow == nil ? 0 : (rowWidth - sizes[inRow].reduce(0) { $0 + $1.width }) * scale
            var x = left + free / 2
            for i in inRow {
                let size = (width: sizes[i].width * scale, height: sizes[i].height * scale)
                panels.append(
                    Rectangle(
                        x: x, y: rowTop + (rowHeight - size.height) / 2, width: size.width,
                        height: size.height))
                captionBaselines.append(rowTop + rowHeight + 4 + Self.labelFont.capHeight)
                x += size.width + Self.panelGap
            }
            rowTop += rowHeight + caption + rowGap
        }
        let room = zip(sizes.map { $0.width * scale + Self.panelGap - 4 }, figure.cuts)
        let forms = [
            { (cut: PreparedFigure.Cut, place: String) in "\(cut.axis.rawValue) = \(place) mm" },
            { cut, place in "\(cut.axis.rawValue) = \(place)" }, { _, place in place },
        ]
        let form = forms.first { form in
            room.allSatisfy { width, cut in
                Canvas.width(of: form(cut, millimeterText(cut.millimeters)), Self.labelFont) <= width
            }
        }
        captions = figure.cuts.map { (form ?? forms[2])($0, millimeterText($0.millimeters)) }
        if style.hasColorBar {
            let barHeight = min(used - caption, 190)
            let barX = min(left + usedWidth, width - Self.margin - barBlock) + 16
            bar = Rectangle(
                x: barX, y: top + (used - caption - barHeight) / 2, width: Self.barWidth, height: barHeight)
            tickLabelX = barX + Self.barWidth + 5
            // Text that runs upward stands on its right side.
            barLabelX = tickLabelX + widestTick + 6 + (figure.hasShortLabel ? 0 : Self.labelFont.capHeight)
        } else {
            bar = nil
            tickLabelX = 0
            barLabelX = 0
        }
    }

    /// Rows as equal as possible, of at most ``slicesInRow``.
    private static func columns(for count: Int) -> Int {
        let rows = (count + slicesInRow - 1) / slicesInRow
        return (count + rows - 1) / rows
    }
}
