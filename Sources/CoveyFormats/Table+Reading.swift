public import CoveyCore
import CoveyKernels

/// How a table was written, and so what may be understood of it.
public enum TableDialect: Sendable, Hashable {
    /// By hand or by a spreadsheet: tabs, commas or semicolons, quoted cells across lines, UTF-8 or UTF-16,
    /// decimal commas, empty rows and columns at the end. What was understood is told in notes.
    case spreadsheet
    /// By a program, as designs are: UTF-8, tabs or commas, one row a line, points in numbers. Anything else is
    /// a mistake.
    case strict
}

extension Table {
    /// Tables above this many bytes are refused.
    public static let maximumByteCount = 256 << 20

    /// Reads a table of text.
    ///
    /// The separator is the tab where the header has one, else the comma or the semicolon, whichever the header
    /// has more of. Quotes follow RFC 4180: a quoted cell may hold separators, doubled quotes and, in a
    /// spreadsheet's table, line ends. A byte-order mark and CR LF line ends are accepted; blank lines at the end
    /// are ignored.
    ///
    /// In a spreadsheet's table, columns of numbers with decimal commas get points: see ``TableDialect``.
    ///
    /// - Returns: the table, and what should be known of how it was read.
    /// - Throws: ``FormatError`` naming the line.
    public static func read(
        _ path: String, dialect: TableDialect = .spreadsheet
    ) throws(FormatError) -> (table: Table, notes: [Note]) {
        let bytes = try wholeFile(path, limit: maximumByteCount)
        return try parse(bytes, source: path, dialect: dialect)
    }

    /// Parses the bytes of a table; see ``read(_:dialect:)``.
    public static func parse(
        _ bytes: [UInt8], source: String, dialect: TableDialect = .spreadsheet
    ) throws(FormatError) -> (table: Table, notes: [Note]) {
        var notes: [Note] = []
        let text = try TableText(bytes, source, dialect, &notes)
        let separator = try TableSeparator(text, source, dialect, &notes)
        var reader = RecordReader(
            text.bytes, from: separator.headerOffset, line: separator.headerLine, separator: separator.byte,
            source: source, allowsLineEnds: dialect == .spreadsheet)
        guard let header = try reader.next() else {
            throw FormatError(source, .badText(line: nil, "the table is empty"))
        }
        var records: [RecordReader.Record] = []
        while let record = try reader.next() { records.append(record) }
        var columns = header.cells
        if dialect == .spreadsheet { dropEmptyEdges(&columns, &records, source, &notes) }
        try check(columns, line: header.line, source)
        for record in records {
            guard !record.isBlank else {
                throw FormatError(
                    source, .badText(line: record.line, "is blank (empty) amid the rows; remove it"))
            }
            guard record.cells.count == columns.count else {
                throw FormatError(
                    source,
                    .badText(
                        line: record.line,
                        "has \(record.cells.count) fields, the header has \(columns.count) columns"))
            }
        }
        guard !records.isEmpty else {
            throw FormatError(source, .badText(line: nil, "the table has a header but no rows (empty)"))
        }
        var rows = records.map(\.cells)
        if dialect == .spreadsheet {
            DecimalCommas.resolve(
                columns, &rows, isSemicolonSeparated: separator.byte == UInt8(ascii: ";"),
                isCommaSeparated: separator.byte == UInt8(ascii: ","), source, &notes)
        }
        return (Table(source: source, columns: columns, rows: rows, lineNumbers: records.map(\.line)), notes)
    }

    /// Leaves out columns at the right without a name or a value, and rows at the bottom without a value:
    /// spreadsheets write them for cells that were touched once.
    private static func dropEmptyEdges(
        _ columns: inout [String], _ records: inout [RecordReader.Record], _ source: String,
        _ notes: inout [Note]
    ) {
        let rowCount = records.count
        while let last = records.last, last.cells.allSatisfy(\.isEmpty) { records.removeLast() }
        if records.count < rowCount, columns.count > 1 {
            notes.append(
                .information(
                    "\(quoted(source)): \(rowCount - records.count) empty rows at the end are ignored"))
        }
        let columnCount = columns.count
        while columns.count > 1, columns.last == "",
            records.allSatisfy({ $0.cells.count == columns.count && $0.cells.last == "" })
        {
            columns.removeLast()
            for place in records.indices { records[place].cells.removeLast() }
        }
        if columns.count < columnCount {
            notes.append(
                .information(
                    "\(quoted(source)): \(columnCount - columns.count) empty columns at the right are ignored"
                ))
        }
    }

    private static func check(
        _ columns: [String], line: Int, _ source: String
    ) throws(FormatError) {
        for (place, name) in columns.enumerated() {
            guard !name.isEmpty else {
                throw FormatError(source, .badText(line: line, "column \(place + 1) has an empty name"))
            }
            if let first = columns.firstIndex(of: name), first != place {
                throw FormatError(
                    source,
                    .badText(
                        line: line,
                        "has two columns named \(quoted(name)) (duplicate): \(first + 1) and \(place + 1)"))
            }
        }
    }

    /// The table as tab-separated text, which ``parse(_:source:dialect:)`` reads back to the same cells.
    ///
    /// Cells that would be read differently without quotes are quoted. In a cell, a line end of any kind is
    /// written as LF.
    public var tabSeparated: String {
        func written(_ cell: String) -> String {
            let isBare = !cell.contains { $0 == "\t" || $0 == "\"" || $0.isNewline }
            // A table of one column has no tab: blanks and separators must not be taken for something else.
            let isPlain = columns.count > 1 || !(cell.isEmpty || cell.contains { " ,;".contains($0) })
            if isBare, isPlain, cell.first != " ", cell.last != " " { return cell }
            let doubled = cell.split(separator: "\"", omittingEmptySubsequences: false)
            return "\"" + doubled.joined(separator: "\"\"") + "\""
        }
        return ([columns] + rows).map { $0.map(written).joined(separator: "\t") + "\n" }.joined()
    }
}

/// The text of a small UTF-8 file: lists, contrasts, shuffles.
public func readText(_ path: String) throws(FormatError) -> String {
    let bytes = try wholeFile(path, limit: Table.maximumByteCount)
    guard !bytes.contains(0), let text = String(validating: bytes, as: UTF8.self) else {
        throw FormatError(path, .badText(line: nil, "not UTF-8 text (binary data or another encoding)"))
    }
    return text
}

/// Every byte of a regular file of at most `limit` bytes.
func wholeFile(_ path: String, limit: Int) throws(FormatError) -> [UInt8] {
    let file: RegularFile
    do {
        file = try RegularFile(path)
    } catch {
        throw FormatError(path, .unreadable(error))
    }
    guard file.byteCount <= limit else {
        throw FormatError(path, .tooLarge(needed: file.byteCount, limit: limit))
    }
    do {
        return try file.read(file.byteCount)
    } catch {
        throw FormatError(path, .unreadable(error))
    }
}
