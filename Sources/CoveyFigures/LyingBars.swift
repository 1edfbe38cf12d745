internal import CoveyCanvas

/// The colour bars of a narrow page: they lie side by side below the slices, which then have its whole width.
struct LyingBars: Sendable {
    /// A colour bar whose values grow to the right.
    struct Bar: Sendable {
        let map: MapLayer
        let box: Rectangle
        let ticks: [Tick]
        /// The baseline of the tick labels.
        let tickBaseline: Double
        /// The label, above the bar.
        let label: [String]
        /// The middle of the label's first baseline.
        let labelPlace: Point
    }

    private static let tickFont = FigureLayout.tickFont
    private static let labelFont = FigureLayout.labelFont
    private static let gap = 20.0
    private static let widest = 230.0

    private let maps: [MapLayer]
    private let columnWidth: Double
    private let labels: [[String]]
    private let labelHeight: Double
    /// With the gap above.
    let height: Double

    /// - Parameter width: the room for all of them.
    init(_ maps: [MapLayer], width: Double) {
        self.maps = maps
        let count = Double(max(1, maps.count))
        let columnWidth = min(Self.widest, (width - (count - 1) * Self.gap) / count)
        self.columnWidth = columnWidth
        labels = maps.map { Canvas.wrapped($0.label, width: columnWidth, Self.labelFont) }
        labelHeight = Double(labels.map(\.count).max() ?? 0) * Self.labelFont.lineHeight
        height = maps.isEmpty ? 0 : 6 + labelHeight + FigureLayout.barWidth + 5 + Self.tickFont.capHeight
    }

    /// The bars in the middle of the room.
    func bars(left: Double, top: Double, width: Double) -> [Bar] {
        let used = Double(maps.count) * (columnWidth + Self.gap) - Self.gap
        let start = left + (width - used) / 2
        return maps.enumerated().map { i, map in
            func width(_ text: String) -> Double { Canvas.width(of: text, Self.tickFont) }
            // The labels of the two ends reach beyond the bar.
            let all = Tick.ticks(map.rule, length: 1e6, coarseness: 1e6) { _, _, _ in 0 }
            let ends: [Double] = [all.first, all.last].map { $0.map { width($0.text) } ?? 0 }
            let inset = max(ends[0], ends[1]) / 2
            let length = columnWidth - 2 * inset
            let x = start + Double(i) * (columnWidth + Self.gap)
            let box = Rectangle(
                x: x + inset, y: top + 6 + labelHeight, width: length, height: FigureLayout.barWidth)
            let ticks = Tick.ticks(map.rule, length: length, coarseness: 40) { a, b, isRound in
                (width(a) + width(b)) / 2 + (isRound ? 14 : 5)
            }
            let first = box.y - Double(labels[i].count) * Self.labelFont.lineHeight
            return Bar(
                map: map, box: box, ticks: ticks, tickBaseline: box.maxY + 5 + Self.tickFont.capHeight,
                label: labels[i], labelPlace: Point(box.midX, first + Self.labelFont.capHeight))
        }
    }
}
