public import CoveyCore
import CoveyKernels

extension Table {
    /// Tables above this many bytes are refused.
    public static let maximumByteCount = 256 << 20

    /// Reads a table of text: tab-separated, or comma-separated where the name ends in `.csv` or the header has
    /// commas and no tab.
    ///
    /// Quotes follow RFC 4180 (a quoted cell may hold separators and doubled quotes, but must close on its own
    /// line); a UTF-8 byte-order mark and CR LF line ends are accepted; blank lines at the end are ignored.
    ///
    /// - Returns: the table, and what should be known of how it was read.
    /// - Throws: ``FormatError`` naming the line.
    public static func read(_ path: String) throws(FormatError) -> (table: Table, notes: [Note]) {
        let bytes = try wholeFile(path, limit: maximumByteCount)
        return try parse(bytes, source: path)
    }

    /// Parses the bytes of a table; see ``read(_:)``.
    public static func parse(
        _ bytes: [UInt8], source: String
    ) throws(FormatError) -> (table: Table, notes: [Note]) {
        let text = try decodedText(bytes, source)
        var lines = text.split(separator: "\n", omittingEmptySubsequences: false).map { line in
            line.hasSuffix("\r") ? line.dropLast() : line
        }
        while let last = lines.last, last.allSatisfy(\.isWhitespace) { lines.removeLast() }
        guard let header = lines.first else {
            throw FormatError(source, .badText(line: nil, "the table is empty"))
        }
        var notes: [Note] = []
        let separator = try separator(header, source, &notes)
        func cells(_ line: Int) throws(FormatError) -> [String] {
            try split(lines[line], at: separator, line: line + 1, source)
        }
        let columns = try cells(0)
        try check(columns, source)
        var rows: [[String]] = []
        var numbers: [Int] = []
        for line in lines.indices.dropFirst() {
            if lines[line].allSatisfy(\.isWhitespace) {
                throw FormatError(
                    source, .badText(line: line + 1, "is blank (empty) amid the rows; remove it"))
            }
            let row = try cells(line)
            guard row.count == columns.count else {
                throw FormatError(
                    source,
                    .badText(
                        line: line + 1, "has \(row.count) fields, the header has \(columns.count) columns"))
            }
            rows.append(row)
            numbers.append(line + 1)
        }
        guard !rows.isEmpty else {
            throw FormatError(source, .badText(line: nil, "the table has a header but no rows (empty)"))
        }
        return (Table(source: source, columns: columns, rows: rows, lineNumbers: numbers), notes)
    }

    /// The table as tab-separated text, which ``parse(_:source:)`` reads back to the same cells, unless a cell
    /// holds a line end.
    ///
    /// Cells that would be read differently without quotes are quoted.
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

    private static func decodedText(_ bytes: [UInt8], _ source: String) throws(FormatError) -> String {
        guard !bytes.isEmpty else { throw FormatError(source, .empty) }
        func fail(_ reason: String) -> FormatError { FormatError(source, .badText(line: nil, reason)) }
        if bytes.starts(with: [0xFF, 0xFE]) || bytes.starts(with: [0xFE, 0xFF]) {
            throw fail("encoded as UTF-16; save the table as UTF-8 text")
        }
        if let zero = bytes.firstIndex(of: 0) {
            let line = bytes[..<zero].count { $0 == 0x0A } + 1
            throw FormatError(
                source, .badText(line: line, "holds a NUL character: binary data or UTF-16, not UTF-8 text"))
        }
        let body = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? bytes[3...] : bytes[...]
        guard let text = String(validating: body, as: UTF8.self) else {
            throw fail("not UTF-8 text (another encoding or binary data); save the table as UTF-8")
        }
        // Swift takes CR LF for one character; lines are split at LF alone.
        var plain = String.UnicodeScalarView()
        var line = 1
        var previous: Unicode.Scalar?
        for scalar in text.unicodeScalars {
            if previous == "\r", scalar != "\n" {
                throw FormatError(
                    source,
                    .badText(
                        line: line,
                        "has a carriage return (CR) that ends no line; save the table with LF line ends"
                    ))
            }
            if scalar != "\r" { plain.append(scalar) }
            if scalar == "\n" { line += 1 }
            previous = scalar
        }
        return String(plain)
    }

    private static func separator(
        _ header: Substring, _ source: String, _ notes: inout [Note]
    ) throws(FormatError) -> Character {
        // Separators within quotes are part of a name.
        let pieces = header.split(separator: "\"", omittingEmptySubsequences: false)
        let header = pieces.indices.filter { $0 % 2 == 0 }.map { pieces[$0] }.joined()
        if header.contains("\t") {
            if source.lowercased().hasSuffix(".csv") {
                notes.append(.information("\(quoted(source)) is read as tab-separated: its header has tabs"))
            }
            return "\t"
        }
        if header.contains(",") {
            if !source.lowercased().hasSuffix(".csv") {
                notes.append(.information("\(quoted(source)) is read as comma-separated, for lack of tabs"))
            }
            return ","
        }
        for (character, name) in [(Character(";"), "semicolons (;)"), (" ", "spaces")]
        where header.contains(character) {
            throw FormatError(
                source,
                .badText(line: 1, "looks separated by \(name); use a tab (or comma) as the column separator"))
        }
        return "\t"
    }

    private static func check(_ columns: [String], _ source: String) throws(FormatError) {
        for (place, name) in columns.enumerated() {
            guard !name.isEmpty else {
                throw FormatError(source, .badText(line: 1, "column \(place + 1) has an empty name"))
            }
            if let first = columns.firstIndex(of: name), first != place {
                throw FormatError(
                    source,
                    .badText(
                        line: 1,
                        "has two columns named \(quoted(name)) (duplicate): \(first + 1) and \(place + 1)"))
            }
        }
    }

    private static func split(
        _ line: Substring, at separator: Character, line number: Int, _ source: String
    ) throws(FormatError) -> [String] {
        guard line.contains("\"") else {
            return line.split(separator: separator, omittingEmptySubsequences: false).map(trimmed)
        }
        var cells: [String] = []
        var rest = line
        while true {
            if rest.first == "\"" {
                rest = rest.dropFirst()
                var cell = ""
                while true {
                    guard let quote = rest.firstIndex(of: "\"") else {
                        throw FormatError(
                            source, .badText(line: number, "has a quote that does not close on its line"))
                    }
                    cell += rest[..<quote]
                    rest = rest[rest.index(after: quote)...]
                    guard rest.first == "\"" else { break }
                    cell += "\""
                    rest = rest.dropFirst()
                }
                guard rest.isEmpty || rest.first == separator else {
                    throw FormatError(source, .badText(line: number, "has text after a closing quote"))
                }
                cells.append(cell)
            } else {
                let cell = rest.prefix { $0 != separator }
                guard !cell.contains("\"") else {
                    throw FormatError(source, .badText(line: number, "has a quote in the middle of a field"))
                }
                cells.append(trimmed(cell))
                rest = rest[cell.endIndex...]
            }
            guard rest.first == separator else { return cells }
            rest = rest.dropFirst()
        }
    }

    private static func trimmed(_ cell: Substring) -> String {
        var part = cell
        while let first = part.first, first == " " { part = part.dropFirst() }
        while let last = part.last, last == " " { part = part.dropLast() }
        return String(part)
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
