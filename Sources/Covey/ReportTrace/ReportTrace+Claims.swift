import CoveyCore
import CoveyReport

extension ReportTrace {
    /// Holds what sentences claim in words against the run: that something survives or nothing does, by which test, and
    /// that a figure's threshold is reached or not.
    mutating func traceClaims(
        _ section: PageElement, contrast: Int, _ report: AnalysisReport, _ sources: TraceSources,
        _ found: TracedContrast
    ) {
        guard let summary = sources.summary["contrasts"]?.list[contrast] else { return }
        for answer in section.all(where: { $0.classes.contains("answer") }) {
            claims += 1
            if let problem = Self.problem(answer.text, Self.outcomes(summary)) {
                fail("the answer “\(answer.text.prefix(60))…”", problem)
            }
        }
        let figures = report.content.contrasts[contrast].figures
        for image in section.all("img") {
            let alternative = image.attributes["alt"] ?? ""
            let isDenied = alternative.contains("is reached nowhere")
            guard isDenied || alternative.contains(" is reached ("),
                let figure = figures.first(where: { $0.alternative == alternative }),
                let kind = figure.map.split(separator: "_stat-", maxSplits: 1).last,
                let values = found.maps["stat-" + kind.replacing("_statmap.nii.gz", with: "")]
            else { continue }
            claims += 1
            let threshold = Double(Float(figure.threshold))
            let isReached = values.contains { value in
                switch figure.side {
                case .greater: value >= threshold
                case .less: value <= -threshold
                case .both: abs(value) >= threshold
                }
            }
            if isReached == isDenied {
                fail("the figure “\(alternative.prefix(60))…”", "\(figure.map) says otherwise")
            }
        }
    }

    /// What was tested with correction, by the words for it, and whether something was found; empty where nothing was.
    private static func outcomes(_ summary: TraceDocument) -> [(words: String, isFound: Bool)] {
        func isFound(_ document: TraceDocument, _ key: String) -> Bool { (document[key]?.number ?? 0) > 0 }
        if let quantities = summary["permutation"]?["quantities"]?.list {
            let heights = Set(quantities.compactMap { $0["formingThreshold"]?.number })
            return quantities.map { quantity in
                let name = quantity["quantity"]?.text ?? ""
                let height = quantity["formingThreshold"]?.number
                let formed =
                    heights.count > 1
                    ? height.map { " formed at \(significant($0, digits: 3))" } ?? "" : ""
                let words =
                    name == "voxel"
                    ? "by their own statistic"
                    : name == "tfce" ? "by TFCE" : "by cluster \(name.filter(\.isLetter))\(formed)"
                return (words, isFound(quantity, "survivors"))
            }
        }
        let isPseudo = summary["variant"]?.text?.contains("pseudo") == true
        if !isPseudo,
            let first = summary["thresholds"]?.list.first(where: { $0["correction"]?.text != "uncorrected" })
        {
            return [("", isFound(first, "survivorCount"))]
        }
        if let field = summary["randomField"] {
            let tables = field["tables"]?.list ?? []
            return [("by their height", isFound(field, "survivors"))]
                + tables.map { ("by cluster extent", isFound($0, "survivingClusters")) }
        }
        return []
    }

    /// What is wrong with an answer's claims; `nil`: nothing.
    private static func problem(_ answer: String, _ outcomes: [(words: String, isFound: Bool)]) -> String? {
        let isUncorrected = answer.hasPrefix("No corrected inference was asked for")
        guard !outcomes.isEmpty else {
            return isUncorrected ? nil : "summary.json has no corrected inference"
        }
        if isUncorrected { return "summary.json has corrected inference" }
        let isDenied = answer.hasPrefix("Nothing survives ")
        guard outcomes.contains(where: \.isFound) != isDenied else {
            return isDenied ? "something survives in summary.json" : "nothing survives in summary.json"
        }
        guard outcomes.count > 1, !isDenied else { return nil }
        let denied = answer.firstMatch(of: /, and nothing ([^;]*);/).map { String($0.output.1) } ?? ""
        return outcomes.first { denied.contains($0.words) == $0.isFound }.map { outcome in
            "\(outcome.words) \(outcome.isFound ? "something" : "nothing") survives in summary.json"
        }
    }
}
