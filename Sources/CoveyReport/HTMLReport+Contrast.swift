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
            element(
                "ul", [("class", "remarks")], contrast.remarks.map { textElement("li", [], $0) }.joined()),
            viewer(contrast, number),
            contrast.tables.map { table($0, number) }.joined(),
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
        """
    }

    private static func table(_ table: ReportTable, _ number: Int) -> String {
        let head = table.columns.enumerated().map { index, name in
            // Headings stand over their numbers.
            let cells = table.rows.map { $0.cells[index] }.filter { !$0.isEmpty }
            let isNumeric = index > 0 && !cells.isEmpty && cells.allSatisfy(isNumber)
            return textElement("th", [("scope", "col")] + (isNumeric ? [("class", "number")] : []), name)
        }.joined()
        let body = table.rows.map { row in
            let cells = row.cells.enumerated().map { index, cell in
                guard index == 0 else { return numberCell(cell) }
                guard let place = row.place else { return textElement("th", [("scope", "row")], cell) }
                let button = textElement(
                    "button",
                    [
                        ("type", "button"), ("class", "go"), ("data-viewer", "\(number)"),
                        ("data-place", place.map { shortest($0) }.joined(separator: ",")),
                        ("title", "Show this place in the viewer"),
                    ], cell)
                return element("th", [("scope", "row")], button)
            }
            return element(
                "tr", row.isSubordinate ? [("class", "subordinate")] : [], cells.joined())
        }
        let source = table.file.map { textElement("p", [("class", "file")], "Also as \($0).") } ?? ""
        return textElement("h3", [], table.title)
            + (table.rows.isEmpty
                ? textElement("p", [], table.caption)
                : element(
                    "div",
                    [
                        ("class", "scroll"), ("tabindex", "0"), ("role", "region"),
                        ("aria-label", table.title),
                    ],
                    element(
                        "table", [("class", "places")],
                        textElement("caption", [], table.caption)
                            + element("thead", [], element("tr", [], head))
                            + element("tbody", [], body.joined()))) + source)
    }

    private static func scatters(_ contrast: ReportContrast, _ content: ReportContent) -> String {
        guard !contrast.places.isEmpty else { return "" }
        let pictures = contrast.places.map { place in
            element(
                "figure", [],
                ScatterPicture.picture(place, contrast.scatter, identifiers: content.model.identifiers)
                    + element(
                        "figcaption", [],
                        textElement("strong", [], sentence(place.name)) + " "
                            + escaped(sentence(place.remark))))
        }
        return textElement("h3", [], "Subjects at the peaks")
            + textElement(
                "p", [],
                "\(contrast.scatter.yName), one point per subject, against \(contrast.scatter.xName)"
                    + (contrast.scatter.isAdjusted ? ", both less what the other regressors explain" : "")
                    + ". The places were chosen because their statistics are extreme: slopes and intervals there are exaggerated."
            )
            + element("div", [("class", "multiples")], pictures.joined())
    }

    private static func figures(_ contrast: ReportContrast, _ images: ReportImages) -> String {
        let pictures = contrast.figures.compactMap { figure -> String? in
            guard let bytes = images.figures[figure.name] else { return nil }
            let data = "data:image/svg+xml;base64," + Data(bytes).base64EncodedString()
            return element(
                "figure", [("class", "print")],
                "<img alt=\"\(escaped(figure.alternative))\" src=\"\(data)\">"
                    + textElement("figcaption", [], figure.alternative))
        }
        return pictures.isEmpty ? "" : textElement("h3", [], "Figures") + pictures.joined()
    }
}
