public import CoveyCore
public import CoveyFormats

/// Several maps of each subject: rows of a long table that share a value of the column of subjects.
///
/// Each subject gets a level of its own in the model, so that only what varies within subjects is tested, against its
/// variation within subjects; maps are exchanged within subjects. With two maps each this is the paired test.
public struct RepeatedMeasures: Sendable, Hashable {
    /// The column of subjects.
    public let column: String
    /// The subjects, in the order of their first rows.
    public let subjects: [String]
    /// The rows of each subject.
    public let rows: [[Int]]
    /// What the rows are called.
    public let identifiers: [String]

    /// The rows of a long table as subjects of their own, called `sub-01#1`, `sub-01#2` and so on where the column of
    /// identifiers repeats.
    ///
    /// - Parameters:
    ///   - column: the column of subjects.
    ///   - identifierColumn: the column of identifiers; `nil`: the first of ``Subjects/identifierColumnNames``, else
    ///     the column of subjects.
    ///   - mapColumn: the column of map paths.
    /// - Throws: ``ModelError`` as for ``Subjects/init(_:identifierColumn:mapColumn:)``, but for repeats.
    public static func subjects(
        of table: Table, column: String, identifierColumn: String? = nil, mapColumn: String? = nil
    ) throws(ModelError) -> Subjects {
        guard table.position(of: column) != nil else {
            throw .unknownColumn(column, source: table.source, columns: table.columns)
        }
        let name =
            identifierColumn ?? Subjects.identifierColumnNames.first { table.position(of: $0) != nil }
            ?? column
        guard let cells = table.cells(of: name) else {
            throw .unknownColumn(name, source: table.source, columns: table.columns)
        }
        if Set(cells.map(canonicalIdentifier)).count == cells.count {
            return try Subjects(table, identifierColumn: name, mapColumn: mapColumn)
        }
        var seen: [String: Int] = [:]
        let numbered = cells.map { cell -> String in
            guard !Table.isMissing(cell) else { return cell }
            seen[canonicalIdentifier(cell), default: 0] += 1
            return "\(cell)#\(seen[canonicalIdentifier(cell)]!)"
        }
        var added = "row_id"
        while table.position(of: added) != nil { added += "_" }
        return try Subjects(
            Table(
                source: table.source, columns: table.columns + [added],
                rows: zip(table.rows, numbered).map { $0 + [$1] }, lineNumbers: table.lineNumbers),
            identifierColumn: added, mapColumn: mapColumn)
    }

    /// The repeats among rows.
    ///
    /// - Throws: ``ModelError`` where the column is unknown or misses a value, ``ExchangeabilityError/noRepeats(column:source:)``
    ///   where nobody has several rows.
    public init(_ rows: Subjects, column: String) throws {
        try rows.requireValues(in: [column])
        var places: [String: Int] = [:]
        var subjects: [String] = []
        var rowsOf: [[Int]] = []
        for (row, cell) in try rows.cells(of: column).enumerated() {
            let key = canonicalIdentifier(cell)
            if let place = places[key] {
                rowsOf[place].append(row)
            } else {
                places[key] = subjects.count
                subjects.append(cell)
                rowsOf.append([row])
            }
        }
        guard rowsOf.contains(where: { $0.count > 1 }) else {
            throw ExchangeabilityError.noRepeats(column: column, source: rows.table.source)
        }
        self.column = column
        self.subjects = subjects
        self.rows = rowsOf
        identifiers = rows.identifiers
    }

    /// The rows without those of subjects who have one row only, which tell nothing of what varies within subjects;
    /// a note names them.
    public func leavingOutSingles(of rows: Subjects) -> (subjects: Subjects, notes: [Note]) {
        let singles = self.rows.indices.filter { self.rows[$0].count == 1 }
        guard !singles.isEmpty else { return (rows, []) }
        let left = Set(singles.map { self.rows[$0][0] })
        let names = singles.map { printable(subjects[$0], limit: 80) }.joined(separator: ", ")
        return (
            rows.selecting(rows: (0..<rows.count).filter { !left.contains($0) }),
            [
                .warning(
                    "\(counted(singles.count, "subject")) left out for having one map only, which tells nothing of differences within subjects: \(names)"
                )
            ]
        )
    }

    /// Maps are exchanged within subjects.
    public var blocks: ExchangeabilityBlocks {
        typealias Block = ExchangeabilityBlocks.Block
        return ExchangeabilityBlocks(
            root: Block(
                name: "all",
                members: zip(subjects, rows).map { subject, rows in
                    Block(
                        name: "\(column) \(subject)",
                        members: rows.map { Block(row: $0, name: identifiers[$0]) }, exchangesMembers: true)
                }, exchangesMembers: false), source: "within:\(column)")
    }

    /// Refuses blocks that move single maps of a subject to other subjects: what ties the maps of a subject would be lost
    /// in every shuffle, and p would be too small.
    ///
    /// - Throws: ``ExchangeabilityError/blocksAcrossSubjects(column:)``.
    public func requireTogether(_ blocks: ExchangeabilityBlocks) throws(ExchangeabilityError) {
        var subjectOf = [Int](repeating: 0, count: blocks.rowCount)
        for (subject, rows) in rows.enumerated() { for row in rows { subjectOf[row] = subject } }
        // Which rows go together is the same for all permutations but a few, so that some random ones tell.
        for index in 0..<64 {
            var stream = PhiloxStream(seed: 0, domain: 0, index: UInt64(index))
            let source = blocks.permutation(&stream)
            guard rows.allSatisfy({ rows in Set(rows.map { subjectOf[source[$0]] }).count == 1 }) else {
                throw .blocksAcrossSubjects(column: column)
            }
        }
    }

    /// Refuses blocks by which signs of single maps of a subject flip, which the maps' dependence forbids.
    ///
    /// - Throws: ``ExchangeabilityError/signsWithinSubjects(column:)``.
    public func requireOneSign(_ blocks: ExchangeabilityBlocks) throws(ExchangeabilityError) {
        for unit in blocks.flipUnits {
            let together = Set(unit)
            guard rows.allSatisfy({ together.isSuperset(of: $0) || together.isDisjoint(with: $0) }) else {
                throw .signsWithinSubjects(column: column)
            }
        }
    }

    /// Refuses a listed shuffle that gives maps of a subject to several subjects, or flips some of them alone.
    ///
    /// - Throws: ``ExchangeabilityError``.
    public func requireTogether(source: [Int], signs: [Int8]) throws(ExchangeabilityError) {
        var subjectOf = [Int](repeating: 0, count: source.count)
        for (subject, rows) in rows.enumerated() { for row in rows { subjectOf[row] = subject } }
        for rows in rows {
            guard Set(rows.map { subjectOf[source[$0]] }).count == 1 else {
                throw .listBreaksSubjects(column: column, bySigns: false)
            }
            guard Set(rows.map { signs[$0] }).count == 1 else {
                throw .listBreaksSubjects(column: column, bySigns: true)
            }
        }
    }

    /// A column without each subject's mean.
    private func centred(_ values: [Double]) -> [Double] {
        var result = values
        for rows in rows {
            let mean = rows.reduce(0) { $0 + values[$1] } / Double(rows.count)
            for row in rows { result[row] -= mean }
            // What is the same for all maps of a subject leaves exactly nothing.
            if rows.allSatisfy({ values[$0] == values[rows[0]] }) { for row in rows { result[row] = 0 } }
        }
        return result
    }

    /// Refuses a contrast of anything but differences within subjects.
    ///
    /// A contrast is one of differences within subjects where any level of any subject leaves it as it is: where it is
    /// estimable from the design's columns without each subject's mean. A mean over subjects, or a comparison of
    /// subjects, would be tested against the variation within subjects, which is not its error.
    ///
    /// - Parameter design: the design before ``absorbed(into:)``.
    /// - Throws: ``ExchangeabilityError``.
    public func requireWithin(
        _ contrast: ContrastWeights, in design: Design
    ) throws(ExchangeabilityError) {
        let within = Matrix(columns: (0..<design.matrix.columns).map { centred(design.matrix.column($0)) })
        let factorisation = PivotedQR(within)
        let constant = Set(
            design.columns.indices.filter { column in
                (0..<within.rows).allSatisfy { within[$0, column] == 0 }
            })
        for row in 0..<contrast.weights.rows {
            let weights = contrast.weights.row(row)
            let weighted = weights.indices.filter { weights[$0] != 0 }
            let between = weighted.filter(constant.contains)
            let isWithin =
                between.isEmpty && factorisation.rank > 0
                && factorisation.projection(ofContrast: weights).estimabilityDefect < 1e-7
            guard !isWithin else { continue }
            throw between.isEmpty
                ? .absorbed(contrast: contrast.name, subjects: column)
                : .betweenSubjects(
                    contrast: contrast.name, columns: between.map { design.names[$0] }, subjects: column)
        }
    }

    /// The design with a level for each subject.
    ///
    /// Columns that are the same for all maps of each subject are left out, except the constant: the levels hold
    /// them. Of the indicators of the subjects as many are added as the design does not already span.
    ///
    /// - Throws: ``ModelError`` where a subject's column would be called as one of the design.
    public func absorbed(into design: Design) throws(ModelError) -> Design {
        let n = design.subjectCount
        let absorbed = design.columns.indices.filter { column in
            let values = design.matrix.column(column)
            return !design.isConstant(column)
                && rows.allSatisfy { rows in rows.allSatisfy { values[$0] == values[rows[0]] } }
        }
        let kept = design.columns.indices.filter { !absorbed.contains($0) }
        var basis: [[Double]] = []
        /// Whether a column adds to the span of those before it.
        func adds(_ column: [Double]) -> Bool {
            var rest = column
            for _ in 0..<2 {
                for unit in basis {
                    let dot = zip(unit, rest).reduce(0) { $0 + $1.0 * $1.1 }
                    for i in rest.indices { rest[i] -= dot * unit[i] }
                }
            }
            let length = norm(rest)
            guard length > 1e-9 * norm(column) else { return false }
            basis.append(rest.map { $0 / length })
            return true
        }
        var columns = kept.map { design.columns[$0] }
        var values = kept.map { design.matrix.column($0) }
        for column in values { _ = adds(column) }
        var names = Set(columns.map(\.name))
        for (subject, rows) in zip(subjects, rows) {
            var indicator = [Double](repeating: 0, count: n)
            for row in rows { indicator[row] = 1 }
            guard adds(indicator) else { continue }
            let name = "\(column)[\(subject)]"
            guard names.insert(name).inserted else { throw .duplicateColumn(name, source: design.source) }
            columns.append(
                DesignColumn(
                    name: name, term: column,
                    origin: .product([.level(column: column, level: subject, coding: .treatment)])))
            values.append(indicator)
        }
        let added = columns.count - kept.count
        let sizes = rows.map(\.count)
        let maps =
            sizes.min() == sizes.max() ? "\(sizes[0]) maps each" : "\(sizes.min()!) to \(sizes.max()!) maps"
        var notes = design.notes
        notes.append(
            .information(
                "repeated measures: \(counted(subjects.count, "subject")) (\(quoted(column))) with \(maps); each has a level of its own in the model (\(counted(added, "column")))"
                    + (absorbed.isEmpty
                        ? ""
                        : ", which holds all of \(andList(absorbed.map { design.names[$0] })) too")))
        return Design(
            columns: columns, matrix: Matrix(columns: values), identifiers: design.identifiers,
            source: design.source,
            omittedLevels: design.omittedLevels.filter { level in
                columns.contains { $0.term == level.term }
            }.map { level in
                OmittedLevel(
                    name: level.name, term: level.term, coding: level.coding,
                    weights: kept.map { level.weights[$0] } + [Double](repeating: 0, count: added))
            }, notes: notes)
    }
}
