public import CoveyCore
public import CoveyFormats

/// A file of exchangeability blocks: PALM's table of levels (CSV or TSV), with or without a header, or FSL's group
/// file (`.grp`).
///
/// A table with a header may say whose its rows are, in a column of identifiers, and is then joined by identifier;
/// any other file has one line per row of the table, in its order.
public struct BlockFile: Sendable, Hashable {
    /// The file, as the user named it.
    public let source: String
    /// The indices, row by row; see ``ExchangeabilityBlocks/init(levels:source:exchange:names:)``.
    public let levels: [[Int]]
    /// Whose the rows are; `nil` where the file does not say.
    public let identifiers: [String]?
    /// What should be said aloud about the file.
    public let notes: [Note]

    /// Blocks of rows that name nobody.
    public init(levels: [[Int]], source: String) {
        self.init(source: source, levels: levels, identifiers: nil, notes: [])
    }

    private init(source: String, levels: [[Int]], identifiers: [String]?, notes: [Note]) {
        self.source = source
        self.levels = levels
        self.identifiers = identifiers
        // Below a positive index they are a block that is exchanged as a whole, which nobody takes for anything else.
        let kept = Dictionary(grouping: levels) { $0 }.values.contains {
            $0.count > 1 && $0[0].count > 1 && $0[0][$0[0].count - 2] < 0
        }
        self.notes =
            notes
            + (!kept
                ? []
                : [
                    .warning(
                        "rows of \(printable(source)) that share every index keep their order among themselves, as in PALM; to exchange them, number them in a last column"
                    )
                ])
    }

    /// Reads a table of levels from text.
    ///
    /// - Throws: ``ExchangeabilityError`` where an entry is no whole number, ``ModelError`` where identifiers are
    ///   missing or occur twice, `FormatError` where the text is no table.
    public init(text: String, source: String) throws {
        let separators: Set<Character> = [",", "\t", " ", ";", "\r"]
        let lines = text.split(whereSeparator: \.isNewline).map {
            $0.split(whereSeparator: separators.contains)
        }.filter { !$0.isEmpty }
        guard let first = lines.first else { throw ExchangeabilityError.empty(source: source) }
        let hasHeader = first.contains { Double($0) == nil }
        guard hasHeader else {
            self.init(
                source: source, levels: try Self.whole(lines.map { $0.map(String.init) }, source: source),
                identifiers: nil, notes: [])
            return
        }
        let (table, notes) = try Table.parse(Array(text.utf8), source: source)
        let identifierColumn = Subjects.identifierColumnNames.first { table.position(of: $0) != nil }
        let identifiers = identifierColumn.flatMap(table.cells(of:))
        if let identifiers, let identifierColumn {
            try Subjects.check(
                identifiers: identifiers, column: identifierColumn, lines: table.lineNumbers, source: source)
        }
        let kept = table.columns.indices.filter { table.columns[$0] != identifierColumn }
        self.init(
            source: source,
            levels: try Self.whole(table.rows.map { row in kept.map { row[$0] } }, source: source),
            identifiers: identifiers, notes: notes)
    }

    /// FSL's group file: one number per row.
    ///
    /// - Throws: ``ExchangeabilityError`` where the numbers are not whole or there are several columns.
    public init(groups: VEST, source: String) throws(ExchangeabilityError) {
        guard groups.matrix.columns == 1 else { throw .notOneColumn(source: source) }
        var levels: [[Int]] = []
        for row in 0..<groups.matrix.rows {
            guard let index = Int(exactly: groups.matrix[row, 0]) else {
                throw .notWhole(source: source, row: row + 1, value: shortest(groups.matrix[row, 0]))
            }
            levels.append([index])
        }
        self.init(
            source: source, levels: levels, identifiers: nil,
            notes: [
                .information(
                    "\(printable(source)) is read as randomise -e reads it: its numbers are blocks of exchangeability. FEAT and FSL's GLM take the same numbers for groups of variance, which they are not here"
                )
            ])
    }

    /// The blocks of the chosen rows of the table.
    ///
    /// - Parameters:
    ///   - identifiers: all rows of the table, in its order.
    ///   - chosen: the rows that are analysed.
    ///   - exchange: what a single column means.
    /// - Throws: ``ExchangeabilityError`` where the file is not of these rows, or for its blocks.
    public func blocks(
        of identifiers: [String], chosen: [Int], exchange: ExchangeabilityBlocks.Exchange
    ) throws(ExchangeabilityError) -> ExchangeabilityBlocks {
        let rows: [Int]
        if let own = self.identifiers {
            let places = Dictionary(
                own.enumerated().map { (canonicalIdentifier($1), $0) }, uniquingKeysWith: { a, _ in a })
            let missing = chosen.map { identifiers[$0] }.filter { places[canonicalIdentifier($0)] == nil }
            guard missing.isEmpty else { throw .rowsMissing(source: source, identifiers: missing) }
            rows = chosen.map { places[canonicalIdentifier(identifiers[$0])]! }
        } else {
            guard levels.count == identifiers.count else {
                throw .rowCount(source: source, found: levels.count, expected: identifiers.count)
            }
            rows = chosen
        }
        return try ExchangeabilityBlocks(
            levels: rows.map { levels[$0] }, source: source, exchange: exchange,
            names: chosen.map { identifiers[$0] })
    }

    private static func whole(
        _ cells: [[String]], source: String
    ) throws(ExchangeabilityError) -> [[Int]] {
        var levels: [[Int]] = []
        for (row, line) in cells.enumerated() {
            var indices: [Int] = []
            for cell in line {
                guard let value = decimalNumber(cell), let index = Int(exactly: value) else {
                    throw .notWhole(source: source, row: row + 1, value: cell)
                }
                indices.append(index)
            }
            levels.append(indices)
        }
        return levels
    }
}

extension ExchangeabilityBlocks {
    /// The blocks as FSL's group file, for `randomise -e` (with `--permuteBlocks` where blocks are exchanged as
    /// wholes): the number of each row's block. FEAT would take the numbers for groups of variance.
    ///
    /// - Throws: ``ExchangeabilityError/notOneColumn(source:)`` where the blocks are nested deeper.
    public func groupFile() throws(ExchangeabilityError) -> VEST {
        var numbers = [Double](repeating: 0, count: rowCount)
        if isFree {
            numbers = [Double](repeating: 1, count: rowCount)
        } else {
            for (index, member) in root.members.enumerated() {
                let inside = member.isRow || member.members.allSatisfy(\.isRow)
                // One column says "within" or "whole" for all blocks alike.
                guard inside, member.isRow || member.exchangesMembers != root.exchangesMembers else {
                    throw .notOneColumn(source: source)
                }
                for row in member.rows { numbers[row] = Double(index + 1) }
            }
        }
        return VEST(matrix: Matrix(columns: [numbers]))
    }
}
