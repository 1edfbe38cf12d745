import CoveyCore
import CoveyFormats
import CoveyImaging

extension ReportTrace {
    /// Holds every table of a section against the file or the numbers it shows.
    mutating func traceTables(
        _ section: PageElement, contrast: Int?, _ sources: TraceSources, _ viewer: TraceViewer,
        _ prose: inout TraceProse
    ) {
        // A table's file is named in the paragraph below it.
        var waiting: PageElement?
        for child in section.all(where: { $0.name == "table" || $0.classes.contains("file") }) {
            if child.name == "table" {
                if let table = waiting { trace(table, contrast: contrast, sources, viewer, &prose) }
                waiting = child
            } else if let table = waiting {
                let file = child.text.split(separator: " ").first {
                    $0.hasSuffix(".tsv") || $0.hasSuffix(".tsv.")
                }
                traceFile(table, String(file ?? "").replacing(".tsv.", with: ".tsv"), sources)
                waiting = nil
            }
        }
        if let table = waiting { trace(table, contrast: contrast, sources, viewer, &prose) }
        for button in section.all(where: { $0.classes.contains("fold") }) { traceFold(button, section) }
    }

    /// A button that unfolds a table: it says how many columns or clusters the table has, and how many are seen first.
    private mutating func traceFold(_ button: PageElement, _ section: PageElement) {
        guard let table = section.first(id: button.attributes["data-table"] ?? "") else {
            return fail("the button “\(button.text)”", "its table is not there")
        }
        let isOfRows = button.attributes["data-kind"] == "rows"
        let (parts, hidden) =
            isOfRows
            ? (
                table.all("tbody").flatMap { $0.all("tr") }.filter { !$0.classes.contains("subordinate") },
                "later"
            )
            : (table.all("thead").flatMap { $0.all("th") }, "more")
        let expected = [parts.count, parts.count { !$0.classes.contains(hidden) }]
        let said = [button.text, button.attributes["data-fewer"] ?? ""].flatMap { PrintedNumber.all(in: $0) }
        guard said.map(\.value) == expected.map(Double.init) else {
            return fail(
                "the button “\(button.text)”", "the table has \(expected[0]), \(expected[1]) seen first")
        }
        numbers += said.count
    }

    /// A table that is also a file: each of its columns is one of the file's, or two of them as an interval.
    private mutating func traceFile(_ element: PageElement, _ file: String, _ sources: TraceSources) {
        let (columns, rows) = Self.cells(element)
        guard let table = try? Table.read(sources.folder + "/" + file).table else {
            return fail("the table \(file)", "there is no such file")
        }
        guard table.rows.count == rows.count else {
            return fail("the table \(file)", "it has \(rows.count) rows, the file \(table.rows.count)")
        }
        for (c, name) in columns.enumerated() {
            // The column that fits best tells which cell is wrong where none fits.
            var best: (column: Int, wrong: [Int]) = (0, Array(rows.indices))
            for candidate in table.columns.indices {
                let wrong = rows.indices.filter {
                    !Self.agree(rows[$0][c], table.rows[$0], candidate, heading: name)
                }
                if wrong.count < best.wrong.count { best = (candidate, wrong) }
                if wrong.isEmpty { break }
            }
            cells += rows.count - best.wrong.count
            for row in best.wrong.prefix(3) {
                fail(
                    rows[row][c],
                    "column \(name) of row \(rows[row][0]); \(file) has \(table.rows[row][best.column]) in \(table.columns[best.column])"
                )
            }
        }
    }

    /// Whether a cell of the page says what a cell of the file does.
    private static func agree(_ shown: String, _ row: [String], _ column: Int, heading: String) -> Bool {
        let cell = row[column]
        if shown.isEmpty { return Table.isMissing(cell) }
        if shown == cell { return true }
        if shown == "+" || shown == "−" { return cell == (shown == "+" ? "positive" : "negative") }
        if let number = PrintedNumber.only(shown) {
            guard let value = decimalNumber(cell) else { return false }
            return number.prints(heading.contains("%") && !heading.contains("CI") ? 100 * value : value)
        }
        let ends = shown.components(separatedBy: " to ").compactMap(PrintedNumber.only)
        if ends.count == 2, column + 1 < row.count {
            guard let low = decimalNumber(cell), let high = decimalNumber(row[column + 1]) else {
                return false
            }
            return ends[0].prints(low) && ends[1].prints(high)
        }
        // Shares of regions: "Insula 62 %, Putamen 30 %, others 8 %" of "62.1 % Insula; …".
        let parts = PrintedNumber.all(in: cell)
        return shown.hasSuffix("%")
            && PrintedNumber.all(in: shown).allSatisfy { number in
                number.before.hasSuffix("others ")
                    || parts.contains { number.prints($0.value) || number.prints(100 * $0.value) }
            }
    }

    /// The other tables: of the design, of the maps, of the checklist, of the strongest voxels.
    private mutating func trace(
        _ element: PageElement, contrast: Int?, _ sources: TraceSources, _ viewer: TraceViewer,
        _ prose: inout TraceProse
    ) {
        let (columns, rows) = Self.cells(element)
        let design = sources.design
        if columns.first == "Regressor" {
            let inflation = sources.summary["varianceInflation"]
            for row in rows {
                guard let c = design.columns.firstIndex(of: row[0]) else {
                    return fail(row[0], "no such regressor")
                }
                let values = design.moments(c).map { Optional($0) } + [inflation?[row[0]]?.number]
                let scale = design.values[c].map { abs($0) }.max() ?? 1
                for (cell, value) in zip(row.dropFirst(), values) {
                    check(cell, value, tolerance: 1e-12 * scale, "regressor \(row[0])")
                }
            }
        } else if columns.first == "Correlation of" {
            let places = columns.dropFirst().map { design.columns.firstIndex(of: $0) }
            for (r, row) in rows.enumerated() {
                for (c, cell) in row.dropFirst().enumerated() {
                    guard let a = places[r], let b = places[c] else {
                        return fail(row[0], "no such regressor")
                    }
                    check(cell, design.correlation(a, b), tolerance: 1e-9, "correlation with \(row[0])")
                }
            }
        } else if columns.first == "Map" {
            traceFile(element, "maps.tsv", sources)
        } else if ["Subject", "Row"].contains(columns.first), let contrast {
            trace(columns, rows, viewer.contrasts[contrast], design)
        } else if ["Subject", "Row"].contains(columns.first) {
            let known = design.values + (columns.last == "Leverage" ? [design.leverage] : [])
            guard rows.map(\.first) == design.identifiers, columns.count == known.count + 1 else {
                return fail("the table of the design", "it is not design.tsv")
            }
            for (r, row) in rows.enumerated() {
                for (cell, column) in zip(row.dropFirst(), known) {
                    check(cell, column[r], tolerance: 1e-12, "\(row[0]) in design.tsv")
                }
            }
        } else if columns.first == "Part" {
            for row in rows { prose.read(row[2], contrast: nil) }
        } else if columns.first == "Voxel" {
            for row in rows { prose.readStrongest(row, contrast: contrast ?? 0) }
        } else {
            fail("a table", "its first column is \(columns.first ?? "missing")")
        }
    }

    /// The points of the scatters as numbers.
    private mutating func trace(
        _ columns: [String], _ rows: [[String]], _ contrast: TraceViewer.Contrast, _ design: TraceDesign
    ) {
        // "At the peak of cluster 1", "Fitted at the peak of cluster 1"; without a place the regressor, the same for all.
        let known = columns.dropFirst().compactMap { name -> [Double]? in
            let isFitted = name.hasPrefix("Fitted at ")
            let place = contrast.places.first { name == (isFitted ? "Fitted at " : "At ") + $0.name }
            guard let plot = (place ?? contrast.places.first).map({ contrast.scatter.points($0.values) }),
                place != nil || !contrast.scatter.weights.isEmpty
            else { return nil }
            return place == nil || isFitted ? plot.x : plot.y
        }
        guard rows.map(\.first) == design.identifiers, columns.count == known.count + 1 else {
            return fail("the numbers of the scatters", "they are not the subjects' at the peaks")
        }
        for (r, row) in rows.enumerated() {
            for (cell, values) in zip(row.dropFirst(), known) {
                check(
                    cell, values[r], tolerance: 1e-9 * (values.map { abs($0) }.max() ?? 0),
                    "a scatter of \(row[0])")
            }
        }
    }

    private mutating func check(_ cell: String, _ value: Double?, tolerance: Double, _ context: String) {
        if cell.isEmpty, value == nil { return }
        guard let number = PrintedNumber.only(cell), let value,
            number.prints(value) || abs(number.value - value) <= tolerance + 0.5 * number.unit
        else { return fail(cell, "\(context): it is \(value.map { shortest($0) } ?? "not defined")") }
        cells += 1
    }

    /// The headings and the cells of a table.
    static func cells(_ table: PageElement) -> (columns: [String], rows: [[String]]) {
        func cells(_ row: PageElement) -> [String] {
            row.children.filter { $0.name == "th" || $0.name == "td" }.map(\.text)
        }
        let head = table.all("thead").flatMap { $0.all("tr") }.first.map(cells) ?? []
        return (head, table.all("tbody").flatMap { $0.all("tr") }.map(cells))
    }
}
