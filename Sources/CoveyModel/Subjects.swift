public import CoveyCore
public import CoveyFormats

/// Who takes part: a table with one row per subject, each under an identifier of its own, and the file of
/// each one's map where it is known.
///
/// Subjects join everything else by identifier, never by position.
public struct Subjects: Sendable, Hashable {
    /// The names by which the column of identifiers is known, in order of preference.
    public static let identifierColumnNames = ["participant_id", "subject_label"]
    /// The names by which the column of map paths is known, in order of preference.
    public static let mapColumnNames = ["map", "effects_map_path", "path"]

    /// One row per subject.
    public let table: Table
    /// The column of identifiers.
    public let identifierColumn: String
    /// The column of map paths; `nil` where the table names no maps.
    public let mapColumn: String?
    /// The identifiers, row by row: unique and not empty.
    public let identifiers: [String]
    /// Paths that came from elsewhere than the table, row by row.
    private let joined: [String]?

    /// Number of subjects.
    public var count: Int { identifiers.count }

    /// The subjects of a table.
    ///
    /// - Parameters:
    ///   - identifierColumn: the column of identifiers; `nil`: the first of ``identifierColumnNames``.
    ///   - mapColumn: the column of map paths; `nil`: the first of ``mapColumnNames``, if any.
    /// - Throws: ``ModelError`` where there are no rows, no such column, or identifiers are missing or occur
    ///   twice (`01` and `sub-01` are the same subject).
    public init(_ table: Table, identifierColumn: String? = nil, mapColumn: String? = nil) throws(ModelError)
    {
        let wanted = identifierColumn.map { [$0] } ?? Self.identifierColumnNames
        guard let column = wanted.first(where: { table.position(of: $0) != nil }),
            let cells = table.cells(of: column)
        else {
            throw .noIdentifierColumn(source: table.source, wanted: wanted, columns: table.columns)
        }
        guard !table.rows.isEmpty else { throw .noRows(source: table.source) }
        if let mapColumn, table.position(of: mapColumn) == nil {
            throw .unknownColumn(mapColumn, source: table.source, columns: table.columns)
        }
        try Self.check(identifiers: cells, column: column, lines: table.lineNumbers, source: table.source)
        self.init(
            table: table, identifierColumn: column,
            mapColumn: mapColumn ?? Self.mapColumnNames.first { table.position(of: $0) != nil },
            identifiers: cells, joined: nil)
    }

    init(
        table: Table, identifierColumn: String, mapColumn: String?, identifiers: [String],
        joined: [String]?
    ) {
        self.table = table
        self.identifierColumn = identifierColumn
        self.mapColumn = mapColumn
        self.identifiers = identifiers
        self.joined = joined
    }

    /// Refuses identifiers that are missing or not unique.
    static func check(
        identifiers: [String], column: String, lines: [Int], source: String
    ) throws(ModelError) {
        let missing = identifiers.indices.filter { Table.isMissing(identifiers[$0]) }
        guard missing.isEmpty else {
            throw .missingIdentifiers(column: column, lines: missing.map { lines[$0] }, source: source)
        }
        var rows: [String: [Int]] = [:]
        for (row, identifier) in identifiers.enumerated() {
            rows[canonicalIdentifier(identifier), default: []].append(row)
        }
        if let row = identifiers.indices.first(where: {
            rows[canonicalIdentifier(identifiers[$0])]!.count > 1
        }) {
            throw .duplicateIdentifier(
                identifiers[row], lines: rows[canonicalIdentifier(identifiers[row])]!.map { lines[$0] },
                source: source)
        }
    }

    /// The file of each subject's map, row by row, relative paths taken from the table's folder.
    ///
    /// - Throws: ``ModelError`` where the table names no maps, misses one, or names one twice.
    public func mapPaths() throws(ModelError) -> [String] {
        if let joined { return joined }
        guard let mapColumn else {
            throw .noMapColumn(source: table.source, columns: table.columns)
        }
        try requireValues(in: [mapColumn])
        let folder = table.source.lastIndex(of: "/").map { String(table.source[...$0]) } ?? ""
        let paths = table.cells(of: mapColumn)!.map { $0.hasPrefix("/") ? $0 : folder + $0 }
        try requireDistinct(paths)
        return paths
    }

    private func requireDistinct(_ paths: [String]) throws(ModelError) {
        var owners: [String: [String]] = [:]
        for (path, identifier) in zip(paths, identifiers) { owners[path, default: []].append(identifier) }
        if let path = paths.first(where: { owners[$0]!.count > 1 }) {
            throw .sharedMap(path: path, identifiers: owners[path]!)
        }
    }

    /// Where a row stands.
    func place(_ row: Int) -> CellPlace {
        CellPlace(line: table.lineNumbers[row], identifier: identifiers[row])
    }

    /// The cells of a column.
    func cells(of column: String) throws(ModelError) -> [String] {
        guard let cells = table.cells(of: column) else {
            throw .unknownColumn(column, source: table.source, columns: table.columns)
        }
        return cells
    }

    /// Refuses missing values in columns that are needed.
    public func requireValues(in columns: [String]) throws(ModelError) {
        for column in columns {
            let cells = try cells(of: column)
            let missing = cells.indices.filter { Table.isMissing(cells[$0]) }
            guard missing.isEmpty else {
                throw .missingValues(column: column, at: missing.map(place), source: table.source)
            }
        }
    }

    /// Leaves out the subjects who miss a value in any of the columns, and says who they are.
    ///
    /// - Throws: ``ModelError`` where a column is unknown or nobody is left.
    public func droppingMissing(
        _ columns: [String]
    ) throws(ModelError) -> (subjects: Subjects, notes: [Note]) {
        var dropped = Set<Int>()
        var notes: [Note] = []
        for column in columns {
            let cells = try cells(of: column)
            let missing = cells.indices.filter { Table.isMissing(cells[$0]) }
            guard !missing.isEmpty else { continue }
            dropped.formUnion(missing)
            let names = missing.map { printable(identifiers[$0], limit: 80) }.joined(separator: ", ")
            notes.append(
                .warning(
                    "\(counted(missing.count, "subject")) left out for a missing \(quoted(column)): \(names)")
            )
        }
        guard dropped.count < count else {
            throw .nobodyLeft(columns: columns, source: table.source)
        }
        return (selecting(rows: (0..<count).filter { !dropped.contains($0) }), notes)
    }

    /// The subjects of the given rows, in that order.
    ///
    /// - Precondition: no row occurs twice.
    public func selecting(rows: [Int]) -> Subjects {
        precondition(Set(rows).count == rows.count, "a subject selected twice")
        return Subjects(
            table: Table(
                source: table.source, columns: table.columns, rows: rows.map { table.rows[$0] },
                lineNumbers: rows.map { table.lineNumbers[$0] }),
            identifierColumn: identifierColumn, mapColumn: mapColumn,
            identifiers: rows.map { identifiers[$0] }, joined: joined.map { all in rows.map { all[$0] } })
    }

    /// The subjects with some columns under other names, from old to new.
    ///
    /// - Throws: ``ModelError`` where an old name is unknown or a new one taken.
    public func renaming(_ names: [String: String]) throws(ModelError) -> Subjects {
        for old in names.keys.sorted() where table.position(of: old) == nil {
            throw .unknownColumn(old, source: table.source, columns: table.columns)
        }
        let columns = table.columns.map { names[$0] ?? $0 }
        var seen = Set<String>()
        for column in columns where !seen.insert(column).inserted {
            throw .duplicateColumn(column, source: table.source)
        }
        return Subjects(
            table: Table(
                source: table.source, columns: columns, rows: table.rows, lineNumbers: table.lineNumbers),
            identifierColumn: names[identifierColumn] ?? identifierColumn,
            mapColumn: mapColumn.map { names[$0] ?? $0 }, identifiers: identifiers, joined: joined)
    }

    /// The subjects with the given files for maps, row by row.
    func with(maps: [String]) throws(ModelError) -> Subjects {
        try requireDistinct(maps)
        return Subjects(
            table: table, identifierColumn: identifierColumn, mapColumn: mapColumn,
            identifiers: identifiers, joined: maps)
    }
}

/// An identifier without the BIDS prefix `sub-`, by which subjects are compared.
public func canonicalIdentifier(_ identifier: String) -> String {
    identifier.hasPrefix("sub-") && identifier.count > 4 ? String(identifier.dropFirst(4)) : identifier
}
