public import CoveyCore
public import CoveyFormats

/// How a factor's levels become columns.
public enum FactorCoding: String, Sendable, Codable, CaseIterable {
    /// One column of 0 and 1 per level but the reference: differences from the reference level.
    case treatment
    /// One column per level but the last, which is -1 in all: deviations from the mean of the levels.
    case sum
    /// One column of 0 and 1 per level: the levels' means.
    case cellMeans = "cell means"
}

/// Where the numbers of a design column come from.
public enum ColumnOrigin: Sendable, Hashable {
    /// 1 for everyone.
    case intercept
    /// A product of factor levels and covariates of the table; one element is a column on its own.
    case product([Element])
    /// A column of a ready design.
    case given

    /// One factor of the product.
    public enum Element: Sendable, Hashable {
        /// A column of numbers, after the functions named in `expression`; `centring` says in words what was
        /// subtracted, and is empty where nothing was.
        case covariate(column: String, expression: String, centring: String)
        /// A level of a categorical column.
        case level(column: String, level: String, coding: FactorCoding)
    }
}

/// A column of a design: its name, its term and where it comes from.
public struct DesignColumn: Sendable, Hashable {
    /// The name by which contrasts know the column.
    public let name: String
    /// The term of the formula it belongs to; its own name in a ready design.
    public let term: String
    /// Where its numbers come from.
    public let origin: ColumnOrigin

    /// A column.
    public init(name: String, term: String, origin: ColumnOrigin) {
        self.name = name
        self.term = term
        self.origin = origin
    }
}

/// A factor level that has no column of its own, and what it is in terms of the others: all weights 0 for
/// the reference of treatment coding, -1 on every other level for the last one of sum coding.
public struct OmittedLevel: Sendable, Hashable {
    /// The name the column would have, such as `group[a]`.
    public let name: String
    /// The term it belongs to.
    public let term: String
    /// The coding that left it out.
    public let coding: FactorCoding
    /// Its weights on the design's columns.
    public let weights: [Double]
}

/// The regressors of a group analysis: one row per subject, one named column per regressor.
///
/// A design knows where its columns come from and whose its rows are. It may still be unfit for fitting;
/// ``validate()`` says why.
public struct Design: Sendable, Hashable {
    /// The columns.
    public let columns: [DesignColumn]
    /// The numbers: subjects x columns, all finite.
    public let matrix: Matrix
    /// Who the rows are; `nil` where the design does not say.
    public let identifiers: [String]?
    /// The formula or the file the design comes from.
    public let source: String
    /// Factor levels without a column.
    public let omittedLevels: [OmittedLevel]
    /// What was decided on the way: codings, reference levels, centring.
    public let notes: [Note]

    /// A design from its parts.
    ///
    /// - Precondition: names are unique, the matrix is finite and its shape is that of the names.
    public init(
        columns: [DesignColumn], matrix: Matrix, identifiers: [String]?, source: String,
        omittedLevels: [OmittedLevel] = [], notes: [Note] = []
    ) {
        precondition(columns.count == matrix.columns && matrix.elements.allSatisfy(\.isFinite))
        precondition(identifiers.map { $0.count == matrix.rows } ?? true, "one identifier per row")
        precondition(Set(columns.map(\.name)).count == columns.count, "column names must be unique")
        precondition(omittedLevels.allSatisfy { $0.weights.count == columns.count })
        self.columns = columns
        self.matrix = matrix
        self.identifiers = identifiers
        self.source = source
        self.omittedLevels = omittedLevels
        self.notes = notes
    }

    /// A design of named columns.
    ///
    /// - Precondition: as for ``init(columns:matrix:identifiers:source:omittedLevels:notes:)``.
    public init(names: [String], matrix: Matrix, identifiers: [String]? = nil, source: String = "design") {
        self.init(
            columns: names.map { DesignColumn(name: $0, term: $0, origin: .given) }, matrix: matrix,
            identifiers: identifiers, source: source)
    }

    /// Number of rows.
    public var subjectCount: Int { matrix.rows }
    /// The columns' names.
    public var names: [String] { columns.map(\.name) }
    /// The terms, in the order of their first columns.
    public var terms: [String] {
        var seen = Set<String>()
        return columns.map(\.term).filter { seen.insert($0).inserted }
    }

    /// The design with some columns under other names, from old to new. Terms and levels of that name follow.
    ///
    /// - Throws: ``ModelError`` where an old name is unknown or a new one taken.
    public func renaming(_ names: [String: String]) throws(ModelError) -> Design {
        for old in names.keys.sorted() where !self.names.contains(old) {
            throw .unknownColumn(old, source: source, columns: self.names)
        }
        var seen = Set(omittedLevels.map(\.name))
        for column in columns {
            let name = names[column.name] ?? column.name
            guard seen.insert(name).inserted else { throw .duplicateColumn(name, source: source) }
        }
        return Design(
            columns: columns.map {
                DesignColumn(
                    name: names[$0.name] ?? $0.name, term: names[$0.term] ?? $0.term, origin: $0.origin)
            }, matrix: matrix, identifiers: identifiers, source: source,
            omittedLevels: omittedLevels.map {
                OmittedLevel(
                    name: $0.name, term: names[$0.term] ?? $0.term, coding: $0.coding, weights: $0.weights)
            }, notes: notes)
    }

    /// The design as a table: `participant_id` where the rows are known, then one column per regressor, every
    /// number written so that it reads back exactly.
    public func table() -> Table {
        Table(
            source: source, columns: (identifiers == nil ? [] : ["participant_id"]) + names,
            rows: (0..<subjectCount).map { row in
                (identifiers.map { [$0[row]] } ?? []) + matrix.row(row).map(shortest)
            })
    }

    /// Checks that there are as many maps as rows.
    public func requireRows(forMaps count: Int) throws(ModelError) {
        guard count == subjectCount else {
            throw .rowCount(rows: subjectCount, maps: count, source: source)
        }
    }
}
