import CoveyCore

/// Pictures of what single subjects do: Cook's distances, and t at the peaks without each subject.
enum InfluencePictures {
    /// One stem per subject; the greatest ones are named.
    static func cooksDistance(_ influence: ReportInfluence, _ model: ReportModel) -> String {
        let distances = influence.cooksDistance
        let known = distances.compactMap(\.self)
        let pitch = min(18, max(4, 560 / Double(max(distances.count, 1))))
        let (left, top, height) = (52.0, 16.0, 110.0)
        let greatest = (known.max() ?? 0) * 1.12
        var svg = SVG(width: left + pitch * Double(distances.count) + 16, height: top + height + 26)
        func y(_ value: Double) -> Double { top + height * (1 - value / max(greatest, 1e-12)) }
        for tick in axisTicks(0, greatest) {
            svg.line(left - 4, y(tick), left, y(tick), className: "axis")
            svg.text(readable(tick), x: left - 7, y: y(tick) + 4, anchor: "end", className: "muted")
        }
        svg.line(left, top, left, y(0), className: "axis")
        svg.line(left, y(0), left + pitch * Double(distances.count), y(0), className: "axis")
        let named = Set(strongest(influence))
        for (r, value) in distances.enumerated() {
            guard let value else { continue }
            let x = left + pitch * (Double(r) + 0.5)
            svg.line(x, y(0), x, y(value), className: "stem")
            svg.circle(
                x: x, y: y(value), radius: 2.6, className: "point",
                title: "\(model.identifiers[r]): \(readable(value))")
            if named.contains(r) {
                svg.text(
                    short(model.identifiers[r], 14), x: x + (r > distances.count / 2 ? 4 : -4),
                    y: y(value) - 5,
                    anchor: r > distances.count / 2 ? "end" : "start")
            }
        }
        svg.text(
            "\(model.rowNoun), in the order of the table", x: left, y: top + height + 18, className: "muted")
        let words = strongest(influence).map { "\(model.identifiers[$0]) \(readable(distances[$0]!))" }
        return svg.element(
            label:
                "Cook’s distance of \(distances.count) \(model.rowNoun), the mean over the voxels. The greatest: "
                + "\(words.joined(separator: ", ")).")
    }

    /// The three subjects with the greatest distances.
    private static func strongest(_ influence: ReportInfluence) -> [Int] {
        let distances = influence.cooksDistance
        return Array(
            distances.indices.filter { distances[$0] != nil }
                .sorted { (distances[$1]!, $0) < (distances[$0]!, $1) }.prefix(3))
    }

    /// One row per peak: t with all subjects as a bar, without each of them as a point, the threshold as a line.
    static func peaks(_ influence: ReportInfluence, _ model: ReportModel) -> String {
        let sizes = influence.peaks.flatMap { peak in
            ([peak.statistic, peak.threshold.map { peak.statistic < 0 ? -$0 : $0 }] + peak.without)
                .compactMap(\.self)
        }
        let (least, greatest) = (sizes.min() ?? 0, sizes.max() ?? 1)
        let margin = max(0.04 * (greatest - least), 1e-9)
        let (lower, upper) = (least - margin, greatest + margin)
        let labels = influence.peaks.map { short($0.name, 26) }
        let left = 16 + 6.2 * Double(labels.map(\.count).max() ?? 0)
        let (top, pitch, width) = (6.0, 24.0, 400.0)
        let height = pitch * Double(influence.peaks.count)
        var svg = SVG(width: left + width + 90, height: top + height + 40)
        func x(_ value: Double) -> Double { left + width * (value - lower) / (upper - lower) }
        for tick in axisTicks(lower, upper, count: 5) {
            svg.line(x(tick), top + height, x(tick), top + height + 4, className: "axis")
            svg.text(readable(tick), x: x(tick), y: top + height + 16, anchor: "middle", className: "muted")
        }
        svg.line(left, top + height, left + width, top + height, className: "axis")
        svg.text("t", x: left + width / 2, y: top + height + 33, anchor: "middle")
        for (k, peak) in influence.peaks.enumerated() {
            let middle = top + pitch * (Double(k) + 0.5)
            let sign = peak.statistic < 0 ? -1.0 : 1
            svg.text(labels[k], x: left - 8, y: middle + 4, anchor: "end")
            svg.line(left, middle, left + width, middle, className: "zero")
            if let threshold = peak.threshold {
                svg.line(x(sign * threshold), middle - 9, x(sign * threshold), middle + 9, className: "limit")
            }
            svg.line(x(peak.statistic), middle - 7, x(peak.statistic), middle + 7, className: "whole")
            for (r, value) in peak.without.enumerated() {
                guard let value else { continue }
                let falls = peak.threshold.map { sign * value < $0 } ?? false
                svg.circle(
                    x: x(value), y: middle, radius: falls ? 3.2 : 2.2,
                    className: falls ? "point strong" : "point",
                    title: "\(peak.name) without \(model.identifiers[r]): \(readable(value))")
            }
            if let first = pivotal(peak).first {
                svg.text(
                    short(model.identifiers[first], 14), x: left + width + 6, y: middle + 4,
                    className: "muted")
            }
        }
        return svg.element(
            label: "t without each subject. "
                + influence.peaks.map { words($0, model) }.joined(separator: " "))
    }

    /// The subjects without whom a peak falls below its threshold, the most harmful first.
    private static func pivotal(_ peak: ReportInfluence.Peak) -> [Int] {
        guard let threshold = peak.threshold else { return [] }
        let sign = peak.statistic < 0 ? -1.0 : 1
        return peak.without.indices.filter { peak.without[$0].map { sign * $0 < threshold } ?? false }
            .sorted { (sign * peak.without[$0]!, $0) < (sign * peak.without[$1]!, $1) }
    }

    /// "Cluster 3: t = 4.87 with all, from 3.02 (without sub-18) to 5.1; below the threshold 3.67 without sub-18."
    private static func words(_ peak: ReportInfluence.Peak, _ model: ReportModel) -> String {
        let sign = peak.statistic < 0 ? -1.0 : 1
        let known = peak.without.indices.filter { peak.without[$0] != nil }
        guard let worst = known.min(by: { sign * peak.without[$0]! < sign * peak.without[$1]! }) else {
            return ""
        }
        let fallen = pivotal(peak).map { model.identifiers[$0] }
        return sentence(
            "\(peak.name): t = \(readable(peak.statistic)) with all, \(readable(peak.without[worst]!)) without "
                + "\(model.identifiers[worst])"
                + (fallen.isEmpty || peak.threshold == nil
                    ? ""
                    : "; below the threshold \(readable(peak.threshold!)) without \(fallen.joined(separator: ", "))")
        )
    }
}

extension HTMLReport {
    /// Pictures of the influence of single subjects, and their numbers.
    static func influence(_ contrast: ReportContrast, _ model: ReportModel) -> String {
        guard let influence = contrast.influence, !influence.peaks.isEmpty else { return "" }
        let hasThreshold = influence.peaks.contains { $0.threshold != nil }
        return textElement("h3", [], "Influence of single subjects")
            + (influence.sentences.isEmpty
                ? hasThreshold
                    ? textElement(
                        "p", [], "Every one of these peaks stays beyond its threshold, whoever is left out.")
                    : ""
                : element(
                    "ul", [("class", "remarks")],
                    influence.sentences.map { textElement("li", [], sentence($0)) }.joined()))
            + element(
                "div", [("class", "pair")],
                element(
                    "figure", [("class", "scroll"), ("tabindex", "0")],
                    InfluencePictures.peaks(influence, model)
                        + textElement(
                            "figcaption", [],
                            "t at the "
                                + (hasThreshold
                                    ? "peaks of the strongest clusters (ten a table, at most)"
                                    : "strongest voxel")
                                + ", with all subjects (bar) and without each one "
                                + "of them (points)"
                                + (hasThreshold
                                    ? "; the dashed line is the threshold that formed the cluster. A subject without whom "
                                        + "the peak falls below it is a larger point, and the first of them is named at the right."
                                    : ".")))
                    + element(
                        "figure", [("class", "scroll"), ("tabindex", "0")],
                        InfluencePictures.cooksDistance(influence, model)
                            + textElement(
                                "figcaption", [],
                                "Cook’s distance, how far all fitted values move without a subject: the mean over the voxels. "
                                    + "The three greatest are named."))
            )
            + folded("The numbers of these plots", influenceTables(influence, model))
    }

    /// The numbers of the pictures; several tables where one would be wider than a sheet.
    private static func influenceTables(_ influence: ReportInfluence, _ model: ReportModel) -> String {
        func cell(_ value: Double?) -> String { value.map { readable($0) } ?? "" }
        let width = 10
        return stride(from: 0, to: influence.peaks.count, by: width).map { first in
            let peaks = influence.peaks[first..<min(first + width, influence.peaks.count)]
            let columns = ["Subject", "Leverage", "Cook’s distance"] + peaks.map { "t without, \($0.name)" }
            let rows = model.identifiers.indices.map { r in
                [
                    model.identifiers[r], model.leverage.isEmpty ? "" : readable(model.leverage[r]),
                    cell(influence.cooksDistance[r]),
                ] + peaks.map { cell($0.without[r]) }
            }
            return plainTable("t at the peaks without each subject", columns, rows)
                + textElement("p", [("class", "file")], "Also in \(influence.file).")
        }.joined()
    }
}
