/// Which columns of the subjects' table form exchangeability blocks, from the outermost level in.
///
/// Written `within:site,whole:family,match:session`: no row leaves its site; inside each site families are
/// exchanged as wholes, and a row takes the place of one with the same session. At each level
///
/// - `within:COLUMN`: the blocks stay where they are, and what is inside is exchanged;
/// - `whole:COLUMN`: the blocks are exchanged as wholes, rows in order inside;
/// - `both:COLUMN`: the blocks are exchanged as wholes, and the rows inside each.
public struct BlockColumns: Sendable, Hashable, Codable {
    /// One level.
    public struct Level: Sendable, Hashable, Codable {
        /// What is exchanged.
        public let exchange: ExchangeabilityBlocks.Exchange
        /// The column whose values are the blocks.
        public let column: String

        /// A level.
        public init(_ exchange: ExchangeabilityBlocks.Exchange, _ column: String) {
            self.exchange = exchange
            self.column = column
        }
    }

    /// The levels, the outermost first.
    public let levels: [Level]
    /// The column by which rows of whole blocks are matched; `nil`: by their order in the table.
    public let matching: String?

    /// Levels from the outermost in.
    ///
    /// - Precondition: there is a level.
    public init(_ levels: [Level], matching: String? = nil) {
        precondition(!levels.isEmpty, "blocks of no column")
        self.levels = levels
        self.matching = matching
    }

    /// Reads a specification.
    ///
    /// - Throws: ``ExchangeabilityError/badSpecification(_:part:)``.
    public init(_ text: String) throws(ExchangeabilityError) {
        var levels: [Level] = []
        var matching: String?
        for part in text.split(separator: ",", omittingEmptySubsequences: false) {
            let pair = part.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
            let column = pair.count == 2 ? String(trimmed(pair[1])) : ""
            let word = String(trimmed(pair[0]))
            guard !column.isEmpty, matching == nil else { throw .badSpecification(text, part: String(part)) }
            if let exchange = ExchangeabilityBlocks.Exchange(rawValue: word) {
                levels.append(Level(exchange, column))
            } else if word == "match" {
                matching = column
            } else {
                throw .badSpecification(text, part: String(part))
            }
        }
        guard !levels.isEmpty else { throw .badSpecification(text, part: text) }
        self.init(levels, matching: matching)
    }

    /// The specification as it is written.
    public var text: String {
        (levels.map { "\($0.exchange.rawValue):\($0.column)" } + (matching.map { ["match:\($0)"] } ?? []))
            .joined(separator: ",")
    }

    /// Every column that is read.
    public var columns: [String] { levels.map(\.column) + (matching.map { [$0] } ?? []) }

    /// Whether rows of whole blocks go into each other by their order in the table alone.
    public var matchesByOrder: Bool { matching == nil && levels.last?.exchange == .whole }

    /// The blocks that the columns make of the subjects' rows.
    ///
    /// - Throws: ``ModelError`` where a column is unknown or misses a value, ``ExchangeabilityError`` where blocks
    ///   that are to be exchanged differ in structure.
    public func blocks(of subjects: Subjects) throws -> ExchangeabilityBlocks {
        try subjects.requireValues(in: columns)
        let read = try levels.map { ($0.exchange, $0.column, try subjects.cells(of: $0.column)) }
        return try ExchangeabilityBlocks(
            columns: read.map { (exchange: $0.0, name: $0.1, cells: $0.2) },
            matching: try matching.map { try subjects.cells(of: $0) }, source: text,
            names: subjects.identifiers)
    }
}
