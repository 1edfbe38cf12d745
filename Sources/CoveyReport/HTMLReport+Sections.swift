import CoveyCore

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

extension HTMLReport {
    /// The model, its design, and who is in it.
    static func modelSection(_ content: ReportContent) -> String {
        let model = content.model
        let regressors = (0..<model.matrix.columns).map { c -> [String] in
            let column = model.matrix.column(c)
            let mean = column.reduce(0, +) / Double(max(column.count, 1))
            let squares = column.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
            let deviation = (squares / Double(max(column.count - 1, 1))).squareRoot()
            return [
                // What centring leaves of a mean is rounding.
                model.names[c], readable(abs(mean) < 1e-12 * deviation ? 0 : mean, digits: 4),
                readable(deviation, digits: 4),
                readable(column.min() ?? 0, digits: 4), readable(column.max() ?? 0, digits: 4),
                model.varianceInflation[c].map { readable($0) } ?? "",
            ]
        }
        let correlations =
            model.correlatedNames.count < 2
            ? ""
            : plainTable(
                "Correlation of the regressors that vary", ["Correlation of"] + model.correlatedNames,
                model.correlatedNames.enumerated().map { r, name in
                    [name] + model.correlations.row(r).map { minus(fixed($0, decimals: 2)) }
                })
        let parts = [
            textElement("h2", [("id", "model-title")], "Model and subjects"),
            element("p", [("class", "formula")], textElement("code", [], model.formula)),
            model.remarks.map { textElement("p", [], $0) }.joined(),
            textElement("h3", [], "Design matrix and contrasts"),
            "<div class=\"model-pair\">",
            element(
                "figure", [("class", "scroll"), ("tabindex", "0")],
                DesignPictures.matrix(model, content.contrasts)
                    + textElement(
                        "figcaption", [],
                        "Rows are \(model.rowNoun), columns regressors; each column is coloured over its own greatest "
                            + "magnitude: blue below 0, white at 0, red above. The contrasts' weights stand below."
                    )),
            "<div>",
            plainTable(
                "Regressors", ["Regressor", "Mean", "SD", "Least", "Greatest", "Variance inflation"],
                regressors),
            correlations,
            leverage(model),
            "</div></div>",
            textElement("h3", [], "What the design means"),
            doctor(content.doctor),
            textElement("h3", [], "Subjects"),
            subjects(content),
            mapComparison(content),
            notes(content),
        ]
        return element(
            "section", [("id", "model"), ("aria-labelledby", "model-title")], parts.joined(separator: "\n"))
    }

    /// The leverages as a picture; nothing where the design differs by voxel.
    private static func leverage(_ model: ReportModel) -> String {
        guard !model.leverage.isEmpty else { return "" }
        return textElement("h3", [], "Leverage")
            + element(
                "figure", [("class", "scroll"), ("tabindex", "0")],
                DesignPictures.leverage(model)
                    + textElement(
                        "figcaption", [],
                        "How much each subject's own value pulls its fit: 0 to 1, on average rank / subjects. "
                            + "The line stands at \(readable(model.leverageLimit)), three times the average.")
            )
    }

    /// The doctor's lines: an indented one belongs to the one above it.
    private static func doctor(_ lines: [String]) -> String {
        let items = lines.filter { !$0.isEmpty }.map { line in
            textElement(
                "p", line.hasPrefix(" ") ? [("class", "indented")] : [],
                String(line.drop { $0 == " " }))
        }
        return element("div", [("class", "doctor")], items.joined())
    }

    private static func subjects(_ content: ReportContent) -> String {
        let (names, noun) = (content.model.identifiers, content.model.rowNoun)
        return
            (content.exclusions.isEmpty
            ? textElement("p", [], "All \(names.count) \(noun) were used; none was left out.")
            : textElement("p", [], "\(names.count) \(noun) were used. Left out:")
                + element(
                    "ul", [("class", "exclusions")],
                    content.exclusions.map { textElement("li", [], sentence($0)) }.joined()))
            + folded("The \(names.count) \(noun) analysed", designTable(content.model))
    }

    /// Cells of a design that a page holds; a larger one is in its file alone.
    private static let designCellLimit = 8000
    /// Columns of a design that fit side by side on a sheet.
    private static let designColumnLimit = 16

    /// Who was analysed, with the numbers of the pictures above: the design and the leverages.
    private static func designTable(_ model: ReportModel) -> String {
        let names = model.identifiers
        guard names.count * model.matrix.columns <= designCellLimit, model.matrix.columns <= designColumnLimit
        else {
            return textElement("p", [], names.joined(separator: ", ") + ". Their values are in design.tsv.")
        }
        let hasLeverage = !model.leverage.isEmpty
        return plainTable(
            "One row per \(model.rowNoun == "maps" ? "map" : "subject") of the design",
            [model.rowNoun == "maps" ? "Row" : "Subject"] + model.names + (hasLeverage ? ["Leverage"] : []),
            names.indices.map { r in
                [names[r]] + model.matrix.row(r).map { readable($0, digits: 4) }
                    + (hasLeverage ? [readable(model.leverage[r])] : [])
            })
    }

    /// What a pre-flight tells of each map.
    private static func mapComparison(_ content: ReportContent) -> String {
        guard let table = content.mapComparison else { return "" }
        let looks = content.looks ?? []
        return textElement("h3", [], table.title)
            + (looks.isEmpty
                ? textElement("p", [], "No map stands out.")
                : textElement("p", [], "To be looked at:")
                    + element("ul", [], looks.map { textElement("li", [], $0) }.joined()))
            + folded(
                "The \(table.rows.count) maps one by one",
                textElement("p", [], table.caption)
                    + plainTable("One row per map", table.columns, table.rows.map(\.cells)))
    }

    private static func notes(_ content: ReportContent) -> String {
        // Warnings stand at the top of the page.
        let notes = content.notes.filter { $0.severity != .warning }
        guard !notes.isEmpty else { return "" }
        return textElement("h3", [], "Notes of the run")
            + element(
                "ul", [("class", "run-notes")],
                notes.map { textElement("li", [], sentence($0.text)) }.joined())
    }

    /// The paragraphs to paste, with a button, and the works cited.
    static func methodsSection(_ content: ReportContent) -> String {
        let methods = content.methods
        return element(
            "section", [("id", "methods"), ("aria-labelledby", "methods-title")],
            textElement("h2", [("id", "methods-title")], "Methods, ready to paste")
                + element(
                    "div", [("id", "methods-text")],
                    methods.paragraphs.map { textElement("p", [], $0) }.joined()
                        + textElement("h3", [], "References")
                        + element(
                            "ul", [("class", "references")],
                            methods.references.map { textElement("li", [("class", "reference")], $0) }
                                .joined()))
                + element(
                    "p", [],
                    textElement("button", [("type", "button"), ("id", "copy-methods")], "Copy the text")
                        + " <span id=\"copied\" role=\"status\"></span>"))
    }

    /// The checklist as a table and as JSON to be saved.
    static func itemsSection(_ content: ReportContent) -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        let json = (try? encoder.encode(content.items)).map { String(decoding: $0, as: UTF8.self) } ?? ""
        let rows = content.items.map { item in
            element(
                "tr", [],
                textElement("td", [], item.section) + textElement("th", [("scope", "row")], item.item)
                    + textElement("td", [], item.answer))
        }
        let head = ["Part", "Item", "Answer"].map { textElement("th", [("scope", "col")], $0) }.joined()
        return element(
            "section", [("id", "items"), ("aria-labelledby", "items-title")],
            textElement("h2", [("id", "items-title")], "Reporting checklist")
                + element(
                    "div",
                    [
                        ("class", "scroll"), ("tabindex", "0"), ("role", "region"),
                        ("aria-label", "Reporting checklist"),
                    ],
                    element(
                        "table", [("class", "items")],
                        textElement(
                            "caption", [],
                            "The items of COBIDAS (Nichols et al. 2017) on statistical modelling and inference that the "
                                + "program knows; acquisition, preprocessing and the first level are yours to add."
                        )
                            + element("thead", [], element("tr", [], head))
                            + element("tbody", [], rows.joined())))
                + folded(
                    "The same as JSON",
                    element("pre", [("tabindex", "0")], textElement("code", [("id", "items-json")], json)),
                    isPrinted: false))
    }
}
