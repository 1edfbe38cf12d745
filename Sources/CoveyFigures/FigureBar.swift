internal import CoveyCanvas

/// Where a colour bar and its words stand.
struct FigureBar: Sendable {
    /// The map whose colours it explains.
    let map: MapLayer
    let box: Rectangle
    let ticks: [Tick]
    let tickLabelX: Double
    let labelX: Double

    /// Between two bars.
    private static let gap = 16.0
    /// No bar of several is shorter.
    private static let shortest = 46.0

    /// Of a bar 150 points high; the ticks of another one are no wider.
    private static func widestTick(_ map: MapLayer) -> Double {
        Tick.ticks(map.rule, height: 150, labelHeight: FigureLayout.tickFont.capHeight)
            .map { Canvas.width(of: $0.text, FigureLayout.tickFont) }.max() ?? 0
    }

    /// The width of the column that bars stand in: gap, bar, ticks, their labels, the label of the whole.
    static func blockWidth(_ maps: [MapLayer]) -> Double {
        maps.map { map in
            16 + FigureLayout.barWidth + 5 + widestTick(map)
                + (map.label.isEmpty
                    ? 0 : 6 + (map.hasShortLabel ? Canvas.width(of: map.label, FigureLayout.labelFont) : 9))
        }.max() ?? 0
    }

    /// The height that bars need; a single one is content with what there is.
    static func leastHeight(_ maps: [MapLayer]) -> Double {
        maps.count > 1 ? leastHeights(maps).reduce(gap * Double(maps.count - 1) + 8, +) : 0
    }

    private static func leastHeights(_ maps: [MapLayer]) -> [Double] {
        maps.map {
            max(shortest, $0.hasShortLabel ? 0 : Canvas.width(of: $0.label, FigureLayout.labelFont))
        }
    }

    /// Bars one above the other within a column; each has what it needs and its part of what is left.
    static func bars(_ maps: [MapLayer], x: Double, top: Double, height: Double) -> [FigureBar] {
        let gaps = gap * Double(maps.count - 1)
        let least = maps.count > 1 ? leastHeights(maps) : [0]
        let more = (height - gaps - least.reduce(0, +)) / Double(maps.count)
        let heights = least.map { max(8, min($0 + more, max($0, 190))) }
        var y = top + (height - heights.reduce(gaps, +)) / 2
        let tickLabelX = x + FigureLayout.barWidth + 5
        return zip(maps, heights).map { map, height in
            defer { y += height + gap }
            return FigureBar(
                map: map,
                box: Rectangle(
                    x: x, y: y, width: FigureLayout.barWidth, height: height),
                ticks: Tick.ticks(map.rule, height: height, labelHeight: FigureLayout.tickFont.capHeight),
                tickLabelX: tickLabelX,
                // Text that runs upward stands on its right side.
                labelX: tickLabelX + widestTick(map) + 6
                    + (map.hasShortLabel ? 0 : FigureLayout.labelFont.capHeight))
        }
    }
}
