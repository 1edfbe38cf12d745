import CoveyCore
internal import CoveyFigures

/// Pictures of a design: the matrix with the contrasts under it, and the leverages.
enum DesignPictures {
    /// The design as a matrix of colours, each column over its own greatest magnitude, and every contrast's
    /// weights in a row below it.
    static func matrix(_ model: ReportModel, _ contrasts: [ReportContrast]) -> String {
        let (rows, columns) = (model.matrix.rows, model.matrix.columns)
        let cell = (width: columns > 16 ? 26.0 : 52.0, height: min(14, max(2, 300 / Double(max(rows, 1)))))
        let names = model.names.map { short($0, 24) }
        let labels = contrasts.map { short($0.name, 22) }
        let rowLabel = "\(rows) \(model.rowNoun)"
        let left = 14 + 6.6 * Double((labels + [rowLabel]).map(\.count).max() ?? 0)
        let top = 16 + 4.8 * Double(names.map(\.count).max() ?? 0)
        let weightRows = contrasts.flatMap { contrast in
            (0..<contrast.weights.rows).map {
                (name: $0 == 0 ? short(contrast.name, 22) : "", contrast.weights.row($0))
            }
        }
        let gap = 14.0
        let weightHeight = 20.0
        var svg = SVG(
            width: left + cell.width * Double(columns) + 70,
            height: top + cell.height * Double(rows) + gap + weightHeight * Double(weightRows.count) + 6)
        for (c, name) in names.enumerated() {
            svg.text(name, x: left + cell.width * (Double(c) + 0.5), y: top - 6, turned: true)
        }
        svg.text(rowLabel, x: left - 8, y: top + 12, anchor: "end", className: "muted")
        for c in 0..<columns {
            let column = model.matrix.column(c)
            let greatest = column.reduce(0) { max($0, abs($1)) }
            for r in 0..<rows {
                svg.rectangle(
                    x: left + cell.width * Double(c), y: top + cell.height * Double(r),
                    width: cell.width - 1, height: cell.height + 0.05,
                    fill: color(greatest > 0 ? column[r] / greatest : 0),
                    title: "\(model.identifiers[r]), \(model.names[c]): \(readable(column[r], digits: 4))")
            }
        }
        for (k, row) in weightRows.enumerated() {
            let y = top + cell.height * Double(rows) + gap + weightHeight * Double(k)
            svg.text(row.name, x: left - 8, y: y + 13, anchor: "end")
            let greatest = row.1.reduce(0) { max($0, abs($1)) }
            for (c, weight) in row.1.enumerated() {
                let share = greatest > 0 ? weight / greatest : 0
                svg.rectangle(
                    x: left + cell.width * Double(c), y: y, width: cell.width - 1, height: weightHeight - 2,
                    className: "cell", fill: color(share))
                svg.text(
                    readable(weight), x: left + cell.width * (Double(c) + 0.5), y: y + 13, anchor: "middle",
                    className: abs(share) > 0.6 ? "on-dark" : "on-light")
            }
        }
        let words =
            "Design matrix of \(rows) \(model.rowNoun) by \(columns) regressors: "
            + model.names.joined(separator: ", ") + ". "
            + contrasts.map { contrast in
                "Contrast \(contrast.name): weights "
                    + (0..<contrast.weights.rows).map { r in
                        contrast.weights.row(r).map { readable($0) }.joined(separator: ", ")
                    }.joined(separator: "; ")
            }.joined(separator: ". ")
        return svg.element(label: words)
    }

    /// One stem per subject, the limit as a line, and the names of those above it.
    static func leverage(_ model: ReportModel) -> String {
        let count = model.leverage.count
        let pitch = min(18, max(4, 560 / Double(max(count, 1))))
        let (left, top, height) = (44.0, 14.0, 120.0)
        let greatest = max(model.leverage.max() ?? 0, model.leverageLimit) * 1.1
        var svg = SVG(width: left + pitch * Double(count) + 16, height: top + height + 26)
        func y(_ value: Double) -> Double { top + height * (1 - value / max(greatest, 1e-12)) }
        for tick in axisTicks(0, greatest) {
            svg.line(left - 4, y(tick), left, y(tick), className: "axis")
            svg.text(readable(tick), x: left - 7, y: y(tick) + 4, anchor: "end", className: "muted")
        }
        svg.line(left, top, left, y(0), className: "axis")
        svg.line(left, y(0), left + pitch * Double(count), y(0), className: "axis")
        var above: [String] = []
        for (r, value) in model.leverage.enumerated() {
            let x = left + pitch * (Double(r) + 0.5)
            let stands = value > model.leverageLimit
            svg.line(x, y(0), x, y(value), className: stands ? "stem strong" : "stem")
            svg.circle(
                x: x, y: y(value), radius: 2.6, className: stands ? "point strong" : "point",
                title: "\(model.identifiers[r]): \(readable(value))")
            if stands {
                above.append(model.identifiers[r])
                svg.text(
                    short(model.identifiers[r], 14), x: x, y: y(value) - 6,
                    anchor: r > count / 2 ? "end" : "start")
            }
        }
        svg.line(
            left, y(model.leverageLimit), left + pitch * Double(count), y(model.leverageLimit),
            className: "limit")
        svg.text(
            "\(model.rowNoun), in the order of the table", x: left, y: top + height + 18, className: "muted")
        let words =
            "Leverage of \(count) \(model.rowNoun), at most \(readable(model.leverage.max() ?? 0)); the limit is "
            + "\(readable(model.leverageLimit)). "
            + (above.isEmpty ? "Nobody is above it." : "Above it: \(above.joined(separator: ", ")).")
        return svg.element(label: words)
    }

    /// From -1 to 1: blue, white, red.
    private static func color(_ share: Double) -> String {
        let color = ColorMap.redBlue.color(at: (share + 1) / 2)
        return "#"
            + [color.red, color.green, color.blue].map {
                let byte = String(Int(($0 * 255).rounded()), radix: 16)
                return byte.count == 1 ? "0" + byte : byte
            }.joined()
    }
}

/// The text, cut with an ellipsis where it is longer than `limit`.
func short(_ text: String, _ limit: Int) -> String {
    text.count <= limit ? text : text.prefix(limit - 1) + "…"
}
