/// A table of text cells with named columns: what a TSV or CSV file holds, before anything is known of its
/// meaning.
///
/// Cells are kept as written, without the quotes and the white space around them. Rows remember the line of
/// the file they began on, so that a message can point at it.
public struct Table: Sendable, Hashable {
    /// The file the table was read from, as the user named it; "table" where it came from nowhere.
    public let source: String
    /// Column names, unique and not empty.
    public let columns: [String]
    /// One row per entry, each as long as ``columns``.
    public let rows: [[String]]
    /// The line of the file (counted from 1) on which each row begins.
    public let lineNumbers: [Int]

    /// A table from its parts. Line numbers default to those of a file with one header line.
    ///
    /// - Precondition: names are unique and every row is as long as `columns`.
    public init(source: String = "table", columns: [String], rows: [[String]], lineNumbers: [Int]? = nil) {
        precondition(Set(columns).count == columns.count, "column names must be unique")
        precondition(rows.allSatisfy { $0.count == columns.count }, "rows must be as long as the header")
        self.source = source
        self.columns = columns
        self.rows = rows
        self.lineNumbers = lineNumbers ?? rows.indices.map { $0 + 2 }
        precondition(self.lineNumbers.count == rows.count)
    }

    /// Whether a cell counts as missing: empty, or `n/a`, `NA`, `NaN`, `#N/A` in any case.
    public static func isMissing(_ cell: String) -> Bool {
        cell.isEmpty || (cell.utf8.count <= 4 && ["n/a", "na", "nan", "#n/a"].contains(cell.lowercased()))
    }

    /// The position of a column, `nil` where the table has none of that name.
    public func position(of column: String) -> Int? { columns.firstIndex(of: column) }

    /// The cells of a column, top to bottom; `nil` where the table has none of that name.
    public func cells(of column: String) -> [String]? {
        position(of: column).map { at in rows.map { $0[at] } }
    }
}
