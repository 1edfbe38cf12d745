internal import CoveyCanvas

/// What the lines and the regions of a figure are, below its slices.
struct FigureLegend: Sendable {
    /// A sample and its name.
    struct Entry: Sendable {
        let color: Color
        /// Whether the sample is a square rather than a line.
        let isRegion: Bool
        let text: String
        /// The left end of the sample, on the baseline of the text.
        var position: Point
    }

    static let font = Font(size: 8.5)
    /// The length of a sample, and what lies between it and its text.
    static let sample = 14.0
    static let gap = 5.0

    private(set) var entries: [Entry] = []
    private(set) var height = 0.0

    /// Entries side by side, on as many lines as they need.
    init(_ figure: PreparedFigure, width: Double) {
        let between = 14.0
        var x = 0.0
        var baseline = 8 + Self.font.capHeight
        let lines = zip(figure.contours, figure.contoursSeen).map { contour, isSeen in
            (
                name: contour.name + (isSeen || contour.name.isEmpty ? "" : " (in none of these slices)"),
                color: contour.color, isRegion: false
            )
        }
        let regions = figure.regions?.seen.map { (name: $0.name, color: $0.color, isRegion: true) } ?? []
        for layer in lines + regions where !layer.name.isEmpty {
            for (line, text) in Canvas.wrapped(
                layer.name, width: width - Self.sample - Self.gap, Self.font
            ).enumerated() {
                let wide = Self.sample + Self.gap + Canvas.width(of: text, Self.font)
                if x > 0, line > 0 || x + wide > width {
                    x = 0
                    baseline += Self.font.lineHeight
                }
                entries.append(
                    Entry(
                        color: line == 0 ? layer.color : layer.color.transparent,
                        isRegion: layer.isRegion, text: text,
                        position: Point(x, baseline)))
                x += wide + between
            }
        }
        if !entries.isEmpty { height = baseline + 3 }
    }

    /// Puts the upper left corner somewhere.
    mutating func move(to corner: Point) {
        for i in entries.indices {
            entries[i].position.x += corner.x
            entries[i].position.y += corner.y
        }
    }
}

extension Color {
    fileprivate var transparent: Color { Color(red: red, green: green, blue: blue, alpha: 0) }
}
