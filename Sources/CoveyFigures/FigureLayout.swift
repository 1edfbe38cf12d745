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
    /// From the edge of a slice to the letter of its side below it.
    static let sideInset = 6.0
    static let rowGap = 8.0
    /// On a page narrower than this the colour bars lie below the slices.
    static let narrowPage = 4.5 * 72
    static let rowTitleFont = Font(size: 9, isBold: true)

    var width: Double
    var height: Double
    var titleLines: [String]
    var sentenceLines: [String]
    /// Baselines of the first line of the title and of the sentence.
    var titleBaseline: Double
    var sentenceBaseline: Double
    /// The box of each slice: all of the first map, then all of the next.
    var panels: [Rectangle]
    /// The baseline and the left end of each map's title.
    var rowTitles: [Point]
    /// The position of each slice as it is written below it, all of one form; the unit gives way first where
    /// the panels are narrow, then the axis.
    var captions: [String]
    /// The baseline of the position written below each slice; `nil` where a slice further down has the same.
    var captionBaselines: [Double?]
    /// Whether the sides' letters stand on both sides of those positions, where they cover no voxel.
    var sidesStandBelow: Bool
    var pointsPerMillimeter: Double
    /// The colour bars beside the slices.
    var bars: [FigureBar]
    /// The colour bars below the slices of a narrow page.
    var lyingBars: [LyingBars.Bar]
    /// The legend of lines and regions.
    var legend: FigureLegend

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
        legend = FigureLegend(figure, width: inner)
        let allBars = style.hasColorBar ? figure.bars : []
        let isNarrow = width < Self.narrowPage
        let (beside, below) = (isNarrow ? [] : allBars, LyingBars(isNarrow ? allBars : [], width: inner))
        let foot = legend.height + below.height

        let columns = figure.panelsInRow ?? Self.columns(for: figure.cuts.count)
        let rows = (figure.cuts.count + columns - 1) / columns
        let sizes = figure.cuts.map { cut in
            (width: figure.box.size(cut.axis.horizontal), height: figure.box.size(cut.axis.vertical))
        }
        func inRow(_ row: Int) -> Range<Int> { (row * columns)..<min((row + 1) * columns, sizes.count) }
        let rowWidth = (0..<rows).map { sizes[inRow($0)].reduce(0) { $0 + $1.width } }.max() ?? 1
        let rowHeights = (0..<rows).map { sizes[inRow($0)].reduce(0) { max($0, $1.height) } }
        let maps = figure.rows.count
        let millimeters = rowHeights.reduce(0, +) * Double(maps)
        // Below a map that stands alone in its row, the next one has the same slices.
        let hasCaptions = style.hasAnnotations && !figure.isProjection
        let captionedMaps = !hasCaptions ? 0 : rows == 1 ? 1 : maps
        let caption = 4 + Self.labelFont.capHeight + 3
        let rowTitle =
            figure.rows.contains { !$0.title.isEmpty } ? Self.rowTitleFont.lineHeight + 2 : 0
        let fittings =
            Double(captionedMaps * rows) * caption + Double(maps) * rowTitle
            + Double(maps * rows - 1) * Self.rowGap

        let barBlock = FigureBar.blockWidth(beside)
        var scale = (inner - barBlock - Double(columns - 1) * Self.panelGap) / rowWidth
        if let fixed {
            scale = min(scale, (fixed - y - Self.margin - foot - fittings) / millimeters)
        } else {
            scale = min(scale, Self.tallestPanel / (rowHeights.max() ?? 1))
        }
        guard scale > 0.05 else { throw sizeError }
        pointsPerMillimeter = scale
        let used = scale * millimeters + fittings
        let least = FigureBar.leastHeight(beside)
        height = fixed ?? y + max(used, least) + foot + Self.margin

        // What is left over goes half above and half below the slices.
        let room = height - y - Self.margin - foot
        let top = y + max(0, (room - used) / 2)
        let usedWidth = rowWidth * scale + Double(columns - 1) * Self.panelGap
        let left = Self.margin + max(0, (inner - barBlock - usedWidth) / 2)
        panels = []
        captionBaselines = []
        rowTitles = []
        var rowTop = top
        for map in 0..<maps {
            rowTitles.append(Point(left, rowTop + Self.rowTitleFont.capHeight))
            rowTop += rowTitle
            let isCaptioned = map >= maps - captionedMaps
            for row in 0..<rows {
                let rowHeight = rowHeights[row] * scale
                // The rows of a mosaic differ in width: each stands in the middle.
                let free =
                    figure.panelsInRow == nil
                    ? 0 : (rowWidth - sizes[inRow(row)].reduce(0) { $0 + $1.width }) * scale
                var x = left + free / 2
                for i in inRow(row) {
                    let size = (width: sizes[i].width * scale, height: sizes[i].height * scale)
                    panels.append(
                        Rectangle(
                            x: x, y: rowTop + (rowHeight - size.height) / 2, width: size.width,
                            height: size.height))
                    captionBaselines.append(
                        isCaptioned ? rowTop + rowHeight + 4 + Self.labelFont.capHeight : nil)
                    x += size.width + Self.panelGap
                }
                rowTop += rowHeight + (isCaptioned ? caption : 0) + Self.rowGap
            }
        }
        let captions = Self.captions(figure.cuts, widths: sizes.map { $0.width * scale })
        self.captions = captions
        sidesStandBelow =
            hasCaptions
            && zip(sizes, captions).allSatisfy { size, caption in
                Canvas.width(of: "L" + caption + "R", Self.labelFont) + 10 + 2 * Self.sideInset
                    <= size.width * scale
            }
        let stretch = used - (captionedMaps > 0 ? caption : 0)
        bars =
            beside.isEmpty
            ? []
            : FigureBar.bars(
                beside, x: min(left + usedWidth, width - Self.margin - barBlock) + 16,
                top: stretch >= least ? top : y + max(0, (room - least) / 2),
                height: stretch >= least ? stretch : min(least, room))
        lyingBars = below.bars(
            left: Self.margin, top: height - Self.margin - foot, width: inner)
        legend.move(to: Point(Self.margin, height - Self.margin - legend.height))
    }

    /// The positions of cuts in the longest form that fits below all of them.
    private static func captions(_ cuts: [PreparedFigure.Cut], widths: [Double]) -> [String] {
        let forms = [
            { (cut: PreparedFigure.Cut, place: String) in "\(cut.axis.rawValue) = \(place) mm" },
            { cut, place in "\(cut.axis.rawValue) = \(place)" }, { _, place in place },
        ]
        let form = forms.first { form in
            zip(widths, cuts).allSatisfy { width, cut in
                Canvas.width(of: form(cut, millimeterText(cut.millimeters)), Self.labelFont)
                    <= width + panelGap - 4
            }
        }
        return cuts.map { (form ?? forms[2])($0, millimeterText($0.millimeters)) }
    }

    /// Rows as equal as possible, of at most ``slicesInRow``.
    private static func columns(for count: Int) -> Int {
        let rows = (count + slicesInRow - 1) / slicesInRow
        return (count + rows - 1) / rows
    }
}
