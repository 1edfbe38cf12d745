import CoveyCore
public import CoveyFormats

extension Design {
    /// A ready design: every column of the table is a regressor, except a column of identifiers
    /// (``Subjects/identifierColumnNames``) where there is one.
    ///
    /// - Throws: ``ModelError`` where a cell is missing or is no plain decimal number, identifiers are not
    ///   unique, or there are no rows or no regressors.
    public init(_ table: Table) throws(ModelError) {
        let identifierColumn = Subjects.identifierColumnNames.first { table.position(of: $0) != nil }
        let names = table.columns.filter { $0 != identifierColumn }
        guard !table.rows.isEmpty else { throw .noRows(source: table.source) }
        guard !names.isEmpty else { throw .noColumns(source: table.source) }
        let identifiers = identifierColumn.flatMap { table.cells(of: $0) }
        if let identifiers, let identifierColumn {
            try Subjects.check(
                identifiers: identifiers, column: identifierColumn, lines: table.lineNumbers,
                source: table.source)
        }
        func place(_ row: Int) -> CellPlace {
            CellPlace(line: table.lineNumbers[row], identifier: identifiers?[row])
        }
        var values: [[Double]] = []
        for name in names {
            let cells = table.cells(of: name)!
            let missing = cells.indices.filter { Table.isMissing(cells[$0]) }
            guard missing.isEmpty else {
                throw .missingValues(column: name, at: missing.map(place), source: table.source)
            }
            var column: [Double] = []
            for (row, cell) in cells.enumerated() {
                guard let value = decimalNumber(cell) else {
                    throw .notANumber(cell, column: name, at: place(row), source: table.source)
                }
                column.append(value)
            }
            values.append(column)
        }
        self.init(
            names: names, matrix: Matrix(columns: values), identifiers: identifiers, source: table.source)
    }
}

extension Design {
    /// The design with its rows in the order of the given identifiers; `01` and `sub-01` are the same subject.
    /// A design that does not say whose its rows are is returned as it is.
    ///
    /// - Throws: ``ModelError`` where a subject has no row or a row no subject.
    public func matching(identifiers wanted: [String]) throws(ModelError) -> Design {
        try requireRows(forMaps: wanted.count)
        guard let identifiers else { return self }
        let rows = Dictionary(
            uniqueKeysWithValues: identifiers.enumerated().map { (canonicalIdentifier($1), $0) })
        let absent = wanted.filter { rows[canonicalIdentifier($0)] == nil }
        guard absent.isEmpty else { throw .subjectsWithoutRow(absent, source: source) }
        return Design(
            columns: columns, matrix: matrix.selectingRows(wanted.map { rows[canonicalIdentifier($0)]! }),
            identifiers: wanted, source: source, omittedLevels: omittedLevels, notes: notes)
    }
}
