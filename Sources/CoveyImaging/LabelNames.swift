import CoveyCore
public import CoveyFormats

/// The names of an atlas's labels, from the kinds of tables that atlases come with.
///
/// * TSV or CSV with a column of numbers (`index`, `value`, `id`) and one of names (`name`, `label`, `region`), as
///   BIDS has it;
/// * FSL's XML, where images that sum up probabilities hold one more than the index; AAL's XML;
/// * FreeSurfer's colour table and its relatives: number, name, colours; of two names, as MRtrix3 has them, the
///   longer one's column;
/// * AAL's text: abbreviation, name, number;
/// * a plain list of names, one a line, counted from 1, or from 0 where the first is `Background`.
public struct LabelNames: Sendable, Hashable {
    /// The name of each label.
    public let names: [Int: String]
    /// How the table was understood.
    public let kind: Kind

    /// The kinds of tables.
    public enum Kind: String, Sendable, Hashable {
        /// Columns with a header.
        case columns = "columns with a header"
        /// FSL's XML or AAL's.
        case xml = "XML"
        /// Number, name, colours.
        case colourTable = "numbers and names"
        /// Abbreviation, name, number.
        case trailingNumbers = "names and numbers"
        /// One name a line.
        case list = "a list of names"
    }

    /// Understands a table.
    ///
    /// A number that comes twice keeps its first name.
    ///
    /// - Throws: ``FormatError`` where it holds no names.
    public init(_ text: String, source: String) throws(FormatError) {
        let found: (Kind, [(Int, String)])
        if text.drop(while: \.isWhitespace).hasPrefix("<") {
            found = (.xml, Self.xml(text))
        } else if let columns = try Self.columns(text, source) {
            found = (.columns, columns)
        } else {
            found = Self.lines(text)
        }
        kind = found.0
        names = Dictionary(found.1) { first, _ in first }
        guard !names.isEmpty else {
            throw FormatError(source, .badText(line: nil, "holds no names of labels"))
        }
    }

    private static func xml(_ text: String) -> [(Int, String)] {
        let fsl = text.matches(of: /<label[^>]*\bindex\s*=\s*"(\d+)"[^>]*>([^<]*)<\/label>/)
        if !fsl.isEmpty {
            // Maps of the most probable label hold the index of the volume, counted from 1.
            let isLabel = text.firstMatch(of: /<type>\s*([A-Za-z]+)\s*<\/type>/)?.1.lowercased() == "label"
            return fsl.compactMap { match in
                Int(match.1).map { ($0 + (isLabel ? 0 : 1), plain(match.2)) }
            }
        }
        return text.matches(of: /<index>\s*(\d+)\s*<\/index>\s*<name>([^<]*)<\/name>/).compactMap { match in
            Int(match.1).map { ($0, plain(match.2)) }
        }
    }

    private static func plain(_ text: Substring) -> String {
        var plain = String(text)
        for (entity, character) in [
            ("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&apos;", "'"), ("&amp;", "&"),
        ] { plain = plain.replacing(entity, with: character) }
        return trimmed(plain)
    }

    private static func columns(_ text: String, _ source: String) throws(FormatError) -> [(Int, String)]? {
        let lines = text.split(whereSeparator: \.isNewline)
        guard let header = lines.first, header.contains(where: { "\t,;".contains($0) }) else { return nil }
        let cells = header.split(whereSeparator: { "\t,;".contains($0) })
            .map { trimmed(String($0)).lowercased().filter { $0 != "\"" } }
        func name(_ wanted: [String]) -> String? { wanted.first { cells.contains($0) } }
        guard let number = name(["index", "value", "id", "label_id", "mapping"]),
            let words = name(["name", "label", "region", "region_name", "labels", "names", "abbreviation"])
        else { return nil }
        let table = try Table.parse(Array(text.utf8), source: source).table
        func place(_ name: String) -> Int? { table.columns.firstIndex { $0.lowercased() == name } }
        guard let number = place(number), let words = place(words) else { return nil }
        var rows: [(Int, String)] = []
        for (row, line) in zip(table.rows, table.lineNumbers) {
            guard let value = decimalNumber(row[number]), value == value.rounded(), abs(value) < 2e9 else {
                throw FormatError(
                    source, .badText(line: line, "has \(quoted(row[number])) for the number of a label"))
            }
            rows.append((Int(value), row[words]))
        }
        return rows
    }

    private static func lines(_ text: String) -> (Kind, [(Int, String)]) {
        let lines = text.split(whereSeparator: \.isNewline).map { trimmed(String($0)) }
            .filter { !$0.isEmpty && !$0.hasPrefix("#") }
        // Tabs, and commas after a number, separate cells that hold spaces.
        let hasCommas = lines.allSatisfy { $0.starts(with: /-?\d+\s*,/) }
        let split = lines.map { line -> [String] in
            if line.contains("\t") || hasCommas {
                return line.split(whereSeparator: { $0 == "\t" || hasCommas && $0 == "," })
                    .map { trimmed(String($0)) }
            }
            return line.split(whereSeparator: \.isWhitespace).map(String.init)
        }
        let numbered = split.compactMap { cells -> (number: Int, names: [String], hasColours: Bool)? in
            guard cells.count > 1, let number = Int(cells[0]) else { return nil }
            func isNumber(_ cell: String) -> Bool { decimalNumber(cell) != nil }
            // Colours stand behind the name, or before it.
            var names = cells.dropFirst()
            while names.count > 1, let last = names.last, isNumber(last) { names = names.dropLast() }
            if names.prefix(3).allSatisfy(isNumber), names.count > 3 { names = names.dropFirst(3) }
            return (number, Array(names), names.count + 1 < cells.count)
        }
        if !lines.isEmpty, numbered.count == lines.count {
            // A short and a long name before the colours; of names with spaces some have another number of words.
            let hasPairs = numbered.allSatisfy { $0.names.count == 2 && $0.hasColours }
            return (
                .colourTable,
                numbered.map { ($0.number, hasPairs ? $0.names[1] : $0.names.joined(separator: " ")) }
            )
        }
        let trailing = split.compactMap { cells -> (Int, String)? in
            guard cells.count >= 2, let number = Int(cells[cells.count - 1]) else { return nil }
            return (number, cells[cells.count - 2])
        }
        if !lines.isEmpty, trailing.count == lines.count { return (.trailingNumbers, trailing) }
        let first = lines.first?.lowercased() == "background" ? 0 : 1
        return (.list, lines.enumerated().map { ($0 + first, $1) })
    }

    private static func trimmed(_ text: String) -> String {
        let front = text.drop(while: \.isWhitespace)
        return String(front.reversed().drop(while: \.isWhitespace).reversed())
    }
}
