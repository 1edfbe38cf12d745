import CoveyCore

extension HTMLReport {
    /// Clusters that are seen before a reader asks for all.
    private static let firstCount = 20

    /// A table whose rows lead to places: what is read first, the rest behind two buttons.
    ///
    /// Without a script, everything is shown; in print, all rows and the columns read first.
    static func placesTable(_ table: ReportTable, id: String, _ number: Int) -> String {
        guard !table.rows.isEmpty else {
            return textElement("h3", [], table.title) + textElement("p", [], table.caption)
        }
        let chosen = Set(table.chosenColumns ?? Array(table.columns.indices))
        func classes(_ index: Int, _ other: String = "") -> [(String, String)] {
            let names = [other, chosen.contains(index) ? "" : "more"].filter { !$0.isEmpty }
            return names.isEmpty ? [] : [("class", names.joined(separator: " "))]
        }
        let head = table.columns.enumerated().map { index, name in
            // Headings stand over their numbers.
            let cells = table.rows.map { $0.cells[index] }.filter { !$0.isEmpty }
            let isNumeric = index > 0 && !cells.isEmpty && cells.allSatisfy(isNumber)
            return textElement("th", [("scope", "col")] + classes(index, isNumeric ? "number" : ""), name)
        }.joined()
        var clusters = 0
        let body = table.rows.map { row in
            if !row.isSubordinate { clusters += 1 }
            let cells = row.cells.enumerated().map { index, cell in
                index == 0
                    ? element("th", [("scope", "row")], rowHead(cell, row.place, number))
                    : textElement("td", classes(index, cellClass(cell)), cell)
            }
            let names = (row.isSubordinate ? ["subordinate"] : []) + (clusters > firstCount ? ["later"] : [])
            return element(
                "tr", names.isEmpty ? [] : [("class", names.joined(separator: " "))], cells.joined())
        }
        let scroll = element(
            "div", [("class", "scroll"), ("tabindex", "0"), ("role", "region"), ("aria-label", table.title)],
            element(
                "table", [("class", "places"), ("id", id)],
                textElement("caption", [], table.caption)
                    + element("thead", [], element("tr", [], head))
                    + element("tbody", [], body.joined())))
        func button(_ kind: String, _ more: String, _ fewer: String) -> String {
            textElement(
                "button",
                [
                    ("type", "button"), ("class", "fold"), ("hidden", ""), ("data-kind", kind),
                    ("data-table", id),
                    ("data-more", more), ("data-fewer", fewer), ("aria-controls", id),
                ], more)
        }
        let isWide = chosen.count < table.columns.count
        let buttons =
            (isWide
                ? button("columns", "Show all \(table.columns.count) columns", "Show \(chosen.count) columns")
                : "")
            + (clusters > firstCount
                ? button("rows", "Show all \(clusters) clusters", "Show the first \(firstCount) clusters")
                : "")
        let file = table.file.map {
            textElement(
                "p", [("class", "file")],
                isWide
                    ? "Printed with \(chosen.count) of \(table.columns.count) columns; all are in \($0)."
                    : "Also as \($0).")
        }
        return textElement("h3", [], table.title) + scroll
            + (buttons.isEmpty ? "" : element("p", [("class", "tools")], buttons)) + (file ?? "")
    }

    /// The first cell of a row: a button where it leads to a place.
    private static func rowHead(_ cell: String, _ place: [Double]?, _ number: Int) -> String {
        guard let place else { return escaped(cell) }
        return textElement(
            "button",
            [
                ("type", "button"), ("class", "go"), ("data-viewer", "\(number)"),
                ("data-place", place.map { shortest($0) }.joined(separator: ",")),
                ("title", "Show this place in the viewer"),
            ], cell)
    }

    /// What most readers pass over: closed on the screen, open in print.
    static func folded(_ title: String, _ content: String, isPrinted: Bool = true) -> String {
        element(
            "details", isPrinted ? [] : [("class", "screen-only")],
            textElement("summary", [], title) + content)
    }
}
