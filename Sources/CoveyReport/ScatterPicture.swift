import CoveyCore

/// Subjects' adjusted values at a voxel against the contrast's regressor, with the line of the fit.
enum ScatterPicture {
    static func picture(_ place: ReportPlace, _ scatter: ReportScatter, identifiers: [String]) -> String {
        let plot = scatter.plot(place.values)
        let (left, top, width, height) = (50.0, 22.0, 210.0, 150.0)
        var svg = SVG(width: left + width + 10, height: top + height + 38)
        let xs = widened(plot.x)
        let line = xs.map { ($0 - scatter.origin) * plot.slope + plot.level }
        let ys = widened(plot.y + (scatter.weights.isEmpty ? [] : line))
        func px(_ x: Double) -> Double { left + width * (x - xs[0]) / (xs[1] - xs[0]) }
        func py(_ y: Double) -> Double { top + height * (1 - (y - ys[0]) / (ys[1] - ys[0])) }
        for tick in Set(plot.x).count == 1 ? [plot.x[0]] : axisTicks(xs[0], xs[1]) {
            svg.line(px(tick), top + height, px(tick), top + height + 4, className: "axis")
            svg.text(
                readable(tick), x: px(tick), y: top + height + 16, anchor: "middle", className: "muted")
        }
        for tick in axisTicks(ys[0], ys[1]) {
            svg.line(left - 4, py(tick), left, py(tick), className: "axis")
            svg.text(readable(tick), x: left - 6, y: py(tick) + 4, anchor: "end", className: "muted")
        }
        if ys[0] < 0, ys[1] > 0 { svg.line(left, py(0), left + width, py(0), className: "zero") }
        svg.line(left, top, left, top + height, className: "axis")
        svg.line(left, top + height, left + width, top + height, className: "axis")
        if !scatter.weights.isEmpty {
            svg.line(px(xs[0]), py(line[0]), px(xs[1]), py(line[1]), className: "fit")
        }
        let spread = spread(plot.x, within: xs[1] - xs[0])
        for r in plot.y.indices {
            svg.circle(
                x: px(plot.x[r] + spread[r]), y: py(plot.y[r]), radius: 2.8, className: "point",
                title: "\(identifiers[r]): \(readable(plot.x[r])), \(readable(plot.y[r]))")
        }
        svg.text(scatter.yName, x: 2, y: 11)
        svg.text(
            short(scatter.xName, 34), x: left + width / 2, y: top + height + 33, anchor: "middle")
        let words =
            "\(scatter.yName) of \(plot.y.count) subjects against \(scatter.xName) at \(place.name): \(place.remark)"
        return svg.element(label: words)
    }

    /// The least and the greatest value and a little more; never empty.
    private static func widened(_ values: [Double]) -> [Double] {
        guard let least = values.min(), let greatest = values.max() else { return [0, 1] }
        let margin = greatest > least ? 0.06 * (greatest - least) : max(abs(least), 1) * 0.5
        return [least - margin, greatest + margin]
    }

    /// Moves points of equal x apart, by a rule without chance; nothing where most x differ.
    private static func spread(_ x: [Double], within width: Double) -> [Double] {
        guard Set(x).count <= max(4, x.count / 4) else { return x.map { _ in 0 } }
        return x.indices.map { (Double($0 * 7 % 11) / 10 - 0.5) * 0.08 * width }
    }
}
