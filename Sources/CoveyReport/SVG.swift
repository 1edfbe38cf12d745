import CoveyCore

/// A small drawing within the page. Colours come from the page's classes, so that it follows light, dark and
/// print.
struct SVG {
    let width: Double
    let height: Double
    private var content = ""

    init(width: Double, height: Double) {
        self.width = width
        self.height = height
    }

    /// The element, with the words for those who cannot see it.
    func element(label: String, className: String = "drawing") -> String {
        "<svg class=\"\(className)\" role=\"img\" aria-label=\"\(escaped(label))\" "
            + "viewBox=\"0 0 \(n(width)) \(n(height))\" width=\"\(n(width))\" height=\"\(n(height))\">"
            + "\(content)</svg>"
    }

    mutating func rectangle(
        x: Double, y: Double, width: Double, height: Double, className: String = "", fill: String? = nil,
        title: String? = nil
    ) {
        content +=
            "<rect x=\"\(n(x))\" y=\"\(n(y))\" width=\"\(n(width))\" height=\"\(n(height))\"\(style(className, fill))"
            + (title.map { "><title>\(escaped($0))</title></rect>" } ?? "/>")
    }

    mutating func circle(x: Double, y: Double, radius: Double, className: String, title: String) {
        content +=
            "<circle cx=\"\(n(x))\" cy=\"\(n(y))\" r=\"\(n(radius))\"\(style(className, nil))><title>\(escaped(title))</title></circle>"
    }

    mutating func line(_ x1: Double, _ y1: Double, _ x2: Double, _ y2: Double, className: String) {
        content +=
            "<line x1=\"\(n(x1))\" y1=\"\(n(y1))\" x2=\"\(n(x2))\" y2=\"\(n(y2))\"\(style(className, nil))/>"
    }

    mutating func text(
        _ text: String, x: Double, y: Double, anchor: String = "start", className: String = "ink",
        turned: Bool = false
    ) {
        content +=
            "<text x=\"\(n(x))\" y=\"\(n(y))\" text-anchor=\"\(anchor)\"\(style(className, nil))"
            + (turned ? " transform=\"rotate(-45 \(n(x)) \(n(y)))\"" : "") + ">\(escaped(text))</text>"
    }

    private func style(_ className: String, _ fill: String?) -> String {
        (className.isEmpty ? "" : " class=\"\(className)\"") + (fill.map { " fill=\"\($0)\"" } ?? "")
    }

    private func n(_ value: Double) -> String { shortest((value * 100).rounded() / 100) }
}

/// Round numbers that mark an axis from `lower` to `upper`, about `count` of them.
func axisTicks(_ lower: Double, _ upper: Double, count: Int = 4) -> [Double] {
    guard upper > lower, lower.isFinite, upper.isFinite else { return [lower] }
    let rough = (upper - lower) / Double(count)
    var power = 1.0
    while power > rough { power /= 10 }
    while power * 10 <= rough { power *= 10 }
    let step = ([1, 2, 5].first { $0 * power >= rough } ?? 10) * power
    var ticks: [Double] = []
    var multiple = (lower / step).rounded(.up)
    while multiple * step <= upper + step * 1e-9 {
        ticks.append(multiple * step)
        multiple += 1
    }
    return ticks
}
