import CoveyCore

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

extension HTMLReport {
    /// One contrast: the answer, the viewer, tables, scatters, figures for print.
    static func contrast(
        _ contrast: ReportContrast, number: Int, _ content: ReportContent, _ images: ReportImages
    ) -> String {
        let id = "contrast-\(number)"
        let parts = [
            textElement("h2", [("id", "\(id)-title")], contrast.name),
            textElement("p", [("class", "answer")], contrast.answer),
            folded(
                "What was asked, tested and found, line by line",
                element(
                    "ul", [("class", "remarks")], contrast.remarks.map { textElement("li", [], $0) }.joined())
            ),
            viewer(contrast, number),
            contrast.tables.enumerated().map { placesTable($1, id: "\(id)-table-\($0)", number) }.joined(),
            influence(contrast, content.model),
            scatters(contrast, content),
            figures(contrast, images),
        ]
        return element(
            "section", [("id", id), ("class", "contrast"), ("aria-labelledby", "\(id)-title")],
            parts.joined(separator: "\n"))
    }

    /// The frame that the script fills. Without a script the figures say what the viewer would.
    private static func viewer(_ contrast: ReportContrast, _ number: Int) -> String {
        """
        <div class="viewer" id="viewer-\(number)" data-contrast="\(number)" role="group" \
        aria-label="Interactive viewer of \(escaped(contrast.name))">
        <p class="waiting">The viewer needs a browser of 2023 or later with scripts; the figures below show \
        the same maps.</p>
        </div>
        <p class="print-only">The interactive viewer is for the screen. What it lets a reader look up are the maps of \
        the result folder; what was tested and found stands here.</p>
        """
    }

    private static func scatters(_ contrast: ReportContrast, _ content: ReportContent) -> String {
        guard !contrast.places.isEmpty else { return "" }
        let shown = Array(contrast.places.prefix(shownPlaces))
        let others = Array(contrast.places.dropFirst(shownPlaces))
        return textElement("h3", [], "Subjects at the peaks")
            + textElement(
                "p", [],
                "\(contrast.scatter.yName), one point per subject, against \(contrast.scatter.xName)"
                    + (contrast.scatter.isAdjusted ? ", both less what the other regressors explain" : "")
                    + ". The places were chosen because their statistics are extreme: slopes and intervals there are exaggerated."
            )
            + scatters(shown, contrast, content.model)
            + (others.isEmpty
                ? ""
                : folded("Subjects at the other peaks", scatters(others, contrast, content.model)))
    }

    /// Peaks whose subjects are seen at once.
    private static let shownPlaces = 6

    /// The plots of some places, and their numbers.
    private static func scatters(
        _ places: [ReportPlace], _ contrast: ReportContrast, _ model: ReportModel
    ) -> String {
        let pictures = places.map { place in
            element(
                "figure", [],
                ScatterPicture.picture(place, contrast.scatter, identifiers: model.identifiers)
                    + element(
                        "figcaption", [],
                        textElement("strong", [], sentence(place.name)) + " "
                            + escaped(sentence(place.remark))))
        }
        return element("div", [("class", "multiples")], pictures.joined())
            + pointsTables(contrast, places, model)
    }

    /// The points of the scatters as tables, for those who do not see them: each as wide as a page.
    private static func pointsTables(
        _ contrast: ReportContrast, _ places: [ReportPlace], _ model: ReportModel
    ) -> String {
        let width = 8
        let tables = stride(from: 0, to: places.count, by: width).map { start in
            pointsTable(contrast, Array(places.dropFirst(start).prefix(width)), model)
        }
        return folded("The numbers of these plots", tables.joined())
    }

    private static func pointsTable(
        _ contrast: ReportContrast, _ places: [ReportPlace], _ model: ReportModel
    ) -> String {
        let plots = places.map { contrast.scatter.plot($0.values) }
        let hasOneX = !contrast.scatter.weights.isEmpty
        let head =
            ["Subject"] + (hasOneX ? [short(contrast.scatter.xName, 34)] : [])
            + places.flatMap { place in
                (hasOneX ? [] : ["Fitted at \(place.name)"]) + ["At \(place.name)"]
            }
        let rows = model.identifiers.indices.map { r in
            [model.identifiers[r]] + (hasOneX ? [readable(plots[0].x[r])] : [])
                + plots.flatMap { (hasOneX ? [] : [readable($0.x[r])]) + [readable($0.y[r])] }
        }
        return plainTable("\(contrast.scatter.yName) of each subject", head, rows)
    }

    private static func figures(_ contrast: ReportContrast, _ images: ReportImages) -> String {
        let pictures = contrast.figures.compactMap { figure -> String? in
            guard let bytes = images.figures[figure.name] else { return nil }
            let data = dataAddress(ofSVG: bytes)
            return element(
                "figure", [("class", "print"), ("tabindex", "0")],
                "<img alt=\"\(escaped(figure.alternative))\" src=\"\(data)\">"
                    + textElement("figcaption", [], figure.alternative))
        }
        return pictures.isEmpty ? "" : textElement("h3", [], "Figures") + pictures.joined()
    }
}
