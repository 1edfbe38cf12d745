import CoveyCore
import CoveyFormats
import CoveyReport

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

extension ReportTrace {
    /// Holds the pictures of a section against what they show. Their words are traced as prose is.
    mutating func tracePictures(
        _ section: PageElement, contrast: Int?, _ report: AnalysisReport, _ sources: TraceSources,
        _ viewer: TraceViewer
    ) {
        for figure in section.all("figure") {
            let caption = figure.all("figcaption").first?.text ?? ""
            for image in figure.all("img") {
                pictures += 1
                if image.attributes["alt"] != caption {
                    fail("the words of a figure", "they are not its caption")
                }
                let drawn = report.images.figures.values.contains { bytes in
                    image.attributes["src"] == dataAddress(ofSVG: bytes)
                }
                if !drawn {
                    fail("the figure '\(caption.prefix(60))'", "drawn again from its map it looks otherwise")
                }
            }
            for drawing in figure.all("svg") {
                pictures += 1
                guard let words = drawing.attributes["aria-label"], !words.isEmpty else {
                    fail("a drawing", "it has no words")
                    continue
                }
                let points = drawing.all("circle").compactMap(Self.point)
                if words.hasPrefix("Design matrix") {
                    traceMatrix(drawing, sources.design)
                } else if words.hasPrefix("Leverage") {
                    trace(points, words, sources.design.identifiers, y: sources.design.leverage)
                } else if let contrast,
                    let place = viewer.contrasts[contrast].places.first(where: {
                        words.contains("at \($0.name):")
                    })
                {
                    let (x, y) = viewer.contrasts[contrast].scatter.points(place.values)
                    trace(points, words, sources.design.identifiers, x: x, y: y)
                } else if words.hasPrefix("Cook") || words.hasPrefix("t without") {
                    traceInfluence(drawing, words, contrast ?? 0, sources)
                } else {
                    fail("the drawing '\(words.prefix(40))'", "nothing is known of it")
                }
            }
        }
    }

    /// A point of a plot: who, the numbers beside the name, and where it stands.
    struct Point {
        let name: String
        let values: [PrintedNumber]
        let x: Double
        let y: Double
    }

    static func point(_ circle: PageElement) -> Point? {
        let parts = (circle.all("title").first?.text ?? "").components(separatedBy: ": ")
        guard parts.count > 1, let x = decimalNumber(circle.attributes["cx"] ?? ""),
            let y = decimalNumber(circle.attributes["cy"] ?? "")
        else { return nil }
        return Point(
            name: parts.dropLast().joined(separator: ": "),
            values: parts[parts.count - 1].components(separatedBy: ", ").compactMap(PrintedNumber.only), x: x,
            y: y)
    }

    /// Every subject has one point, its numbers are the values, and its height is proportional to them.
    mutating func trace(
        _ points: [Point], _ words: String, _ names: [String], x: [Double]? = nil, y: [Double]
    ) {
        let title = "the plot '\(words.prefix(50))'"
        guard points.map(\.name) == names, y.count == names.count else {
            return fail(title, "its points are not the subjects")
        }
        for (k, point) in points.enumerated() {
            let values = (x.map { [$0[k]] } ?? []) + [y[k]]
            guard point.values.count == values.count,
                zip(point.values, values).allSatisfy({ $0.prints($1) || abs($0.value - $1) < 1e-9 })
            else {
                fail(title, "\(point.name) is not at \(values.map { shortest($0) }.joined(separator: ", "))")
                continue
            }
            numbers += values.count
        }
        if !Self.isLine(y, points.map(\.y)) { fail(title, "its points do not stand at their values") }
        // Points of one x are moved apart.
        if let x, Set(x).count > max(4, x.count / 4), !Self.isLine(x, points.map(\.x)) {
            fail(title, "its points do not stand at their values")
        }
    }

    /// Whether positions are values on a scale, to a hundredth of a pixel and what rounding does to a scale.
    static func isLine(_ values: [Double], _ positions: [Double]) -> Bool {
        guard let low = values.indices.min(by: { values[$0] < values[$1] }),
            let high = values.indices.max(by: { values[$0] < values[$1] }), values[high] > values[low]
        else { return true }
        let slope = (positions[high] - positions[low]) / (values[high] - values[low])
        return values.indices.allSatisfy {
            abs(positions[low] + slope * (values[$0] - values[low]) - positions[$0]) < 0.021
        }
    }

    private mutating func traceMatrix(_ drawing: PageElement, _ design: TraceDesign) {
        let cells = drawing.all("rect").compactMap { $0.all("title").first?.text }
        let expected = design.columns.indices.flatMap { c in
            design.identifiers.indices.map { r in
                ("\(design.identifiers[r]), \(design.columns[c]): ", design.values[c][r])
            }
        }
        guard cells.count == expected.count else {
            return fail("the design matrix", "it has \(cells.count) cells")
        }
        for (cell, (name, value)) in zip(cells, expected) {
            let scale = design.values.joined().reduce(0) { max($0, abs($1)) }
            guard cell.hasPrefix(name), let number = PrintedNumber.only(String(cell.dropFirst(name.count))),
                number.prints(value) || abs(number.value - value) < 1e-12 * scale
            else {
                fail("the design matrix", "'\(cell)' is \(shortest(value))")
                continue
            }
            numbers += 1
        }
    }

    /// Cook's distances, and t at the peaks without each subject, by the table of influence.
    private mutating func traceInfluence(
        _ drawing: PageElement, _ words: String, _ contrast: Int, _ sources: TraceSources
    ) {
        let found = sources.summary["contrasts"]?.list[contrast]
        let file = "contrast-\(found?["label"]?.text ?? "")_influence.tsv"
        guard let table = try? Table.read("\(sources.folder)/\(file)").table else {
            return fail("the picture of influence", "there is no file \(file)")
        }
        let points = drawing.all("circle").compactMap(Self.point)
        func values(_ column: Int, _ name: (String) -> String) -> [(name: String, value: Double)] {
            table.rows.compactMap { row in decimalNumber(row[column]).map { (name(row[0]), $0) } }
        }
        guard !words.hasPrefix("Cook") else {
            let known = values(2) { $0 }
            return trace(points, words, known.map(\.name), y: known.map(\.value))
        }
        let known = table.columns.indices.dropFirst(3).flatMap { column -> [(name: String, value: Double)] in
            let peak = table.columns[column].replacing("t_without, ", with: "")
            return values(column) { "\(peak) without \($0)" }
        }
        let bars = drawing.all("line").filter { $0.classes.contains("whole") }
            .compactMap { decimalNumber($0.attributes["x1"] ?? "") }
        let statistics = (found?["influence"]?.list ?? []).compactMap { $0["statistic"]?.number }
        guard points.map(\.name) == known.map(\.name), bars.count == statistics.count,
            zip(points, known).allSatisfy({ $0.values.count == 1 && $0.values[0].prints($1.value) }),
            Self.isLine(known.map(\.value) + statistics, points.map(\.x) + bars)
        else { return fail("the picture of influence", "its points are not those of \(file)") }
        numbers += points.count
    }
}

extension TraceViewer.Scatter {
    /// The points of an added-variable plot: docs/report.md, "The scatter".
    func points(_ y: [Double]) -> (x: [Double], y: [Double]) {
        var fitted = [Double](repeating: 0, count: y.count)
        for column in basis {
            let along = dot(column, y)
            for r in fitted.indices { fitted[r] += along * column[r] }
        }
        guard !weights.isEmpty else { return (fitted, y) }
        let effect = dot(weights, y)
        let level = addsMean ? y.reduce(0, +) / Double(y.count) : 0
        return (x, y.indices.map { (x[$0] - origin) * effect + y[$0] - fitted[$0] + level })
    }
}
