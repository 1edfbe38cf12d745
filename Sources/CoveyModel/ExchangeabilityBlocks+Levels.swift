extension ExchangeabilityBlocks {
    /// What is exchanged where a single column of numbers or names forms the blocks.
    public enum Exchange: String, Sendable, Codable, CaseIterable {
        /// Rows inside each block; no row leaves its block.
        case within
        /// Blocks as wholes; rows keep their order inside.
        case whole
        /// Blocks as wholes, and the rows inside each.
        case both

        /// Whether blocks are exchanged with each other.
        public var movesBlocks: Bool { self != .within }
        /// Whether rows are exchanged inside their block, where no deeper blocks are named.
        public var movesRows: Bool { self != .whole }
    }

    /// Blocks from PALM's table of levels: one line per row of the design, one column per level, outermost first.
    ///
    /// The index of a block says what happens to the blocks of the next level inside it: positive, they are
    /// exchanged as wholes; negative, they stay where they are. Rows that share every index keep their order among
    /// themselves (PALM's `palm_reindex` makes their last index negative before it numbers the rows): rows that are to
    /// change places need numbers of their own in a last column. Blocks that are exchanged are matched by the order of
    /// the indices inside them.
    ///
    /// A single column has no signs to read: `exchange` says what happens to its blocks.
    ///
    /// - Parameters:
    ///   - levels: the indices, row by row.
    ///   - source: the file, for messages.
    ///   - exchange: what a single column means.
    ///   - names: what the rows are called in messages; `nil`: by their number.
    /// - Throws: ``ExchangeabilityError`` where an index is 0, the first of several columns has more than one
    ///   value, or blocks that are to be exchanged differ in structure.
    public init(
        levels: [[Int]], source: String, exchange: Exchange = .within, names: [String]? = nil
    ) throws(ExchangeabilityError) {
        guard let width = levels.first?.count, width > 0 else { throw .empty(source: source) }
        for (row, indices) in levels.enumerated() {
            guard indices.count == width else {
                throw .ragged(source: source, row: row + 1, found: indices.count, expected: width)
            }
            guard !indices.contains(0) else { throw .zeroIndex(source: source, row: row + 1) }
        }
        let builder = LevelBuilder(levels: levels, source: source, names: names)
        if width == 1 {
            root = try builder.block(
                "all", Array(levels.indices), level: 0, exchanges: exchange.movesBlocks,
                exchangesRows: exchange.movesRows)
        } else {
            let roots = Set(levels.map { $0[0] })
            guard roots.count == 1 else { throw .severalRoots(source: source, values: roots.sorted()) }
            root = try builder.block(
                "all", Array(levels.indices), level: 1, exchanges: levels[0][0] > 0,
                exchangesRows: false)
        }
        self.source = source
    }

    /// Blocks from the values of columns of a table, outermost first.
    ///
    /// - Parameters:
    ///   - columns: for each level what is exchanged, the column's name and its cells, row by row.
    ///   - matching: the cells by which rows of whole blocks are matched, so that a row only ever takes the place of
    ///     one with the same value; `nil`: by their order.
    ///   - names: what the rows are called in messages.
    /// - Throws: ``ExchangeabilityError`` where blocks that are to be exchanged differ in structure, or their rows
    ///   cannot be matched.
    public init(
        columns: [(exchange: Exchange, name: String, cells: [String])], matching: [String]? = nil,
        source: String, names: [String]
    ) throws(ExchangeabilityError) {
        precondition(!columns.isEmpty && columns.allSatisfy { $0.cells.count == names.count })
        var order = Array(names.indices)
        if let matching {
            // Rows in the order of what they are matched by; equal rows of two blocks stand at equal places.
            order.sort { (matching[$0], $0) < (matching[$1], $1) }
        }
        func block(
            _ name: String, _ rows: [Int], level: Int, exchanges: Bool
        ) throws(ExchangeabilityError) -> Block {
            var members: [Block] = []
            if level == columns.count {
                members = rows.map { Block(row: $0, name: names[$0]) }
            } else {
                let column = columns[level]
                for (value, inside) in groups(of: rows, by: { column.cells[$0] }) {
                    let inner =
                        level + 1 < columns.count
                        ? columns[level + 1].exchange.movesBlocks : column.exchange.movesRows
                    members.append(
                        try block("\(column.name) \(value)", inside, level: level + 1, exchanges: inner))
                }
                if exchanges {
                    try requireOneStructure(members, source: source)
                    if let matching, column.exchange == .whole {
                        try Self.requireMatch(members, by: matching, source: source)
                    }
                }
            }
            return Block(name: name, members: members, exchangesMembers: exchanges)
        }
        root = try block("all", order, level: 0, exchanges: columns[0].exchange.movesBlocks)
        self.source = source
    }

    /// Refuses blocks whose rows, place by place, do not have the same values.
    private static func requireMatch(
        _ members: [Block], by matching: [String], source: String
    ) throws(ExchangeabilityError) {
        func values(_ block: Block) -> [String] { block.rows.map { matching[$0] } }
        let wanted = values(members[0])
        for member in members {
            let found = values(member)
            guard found == wanted else {
                throw .unmatchedRows(
                    source: source, first: members[0].name, firstValues: wanted, second: member.name,
                    secondValues: found)
            }
            guard Set(found).count == found.count else {
                throw .repeatedMatch(source: source, block: member.name, values: found)
            }
        }
    }
}

/// Builds the tree of a table of indices.
private struct LevelBuilder {
    let levels: [[Int]]
    let source: String
    let names: [String]?

    func block(
        _ name: String, _ rows: [Int], level: Int, exchanges: Bool,
        exchangesRows: Bool
    ) throws(ExchangeabilityError) -> ExchangeabilityBlocks.Block {
        let isLast = level == levels[0].count - 1
        var members: [ExchangeabilityBlocks.Block] = []
        let found = groups(of: rows, by: { levels[$0][level] }).sorted {
            (abs($0.value), $0.value) < (abs($1.value), $1.value)
        }
        for (index, inside) in found {
            if isLast {
                let leaves = inside.map {
                    ExchangeabilityBlocks.Block(row: $0, name: names?[$0] ?? "row \($0 + 1)")
                }
                members.append(
                    leaves.count == 1
                        ? leaves[0]
                        : ExchangeabilityBlocks.Block(
                            name: "\(index)", members: leaves,
                            exchangesMembers: exchangesRows))
            } else {
                members.append(
                    try block(
                        "\(index)", inside, level: level + 1, exchanges: index > 0,
                        exchangesRows: exchangesRows))
            }
        }
        if exchanges { try requireOneStructure(members, source: source) }
        return ExchangeabilityBlocks.Block(name: name, members: members, exchangesMembers: exchanges)
    }
}

/// Rows by a value, in the order of first appearance.
private func groups<Value: Hashable>(
    of rows: [Int], by value: (Int) -> Value
) -> [(value: Value, rows: [Int])] {
    var places: [Value: Int] = [:]
    var result: [(value: Value, rows: [Int])] = []
    for row in rows {
        let key = value(row)
        if let place = places[key] {
            result[place].rows.append(row)
        } else {
            places[key] = result.count
            result.append((key, [row]))
        }
    }
    return result
}

/// Refuses blocks that are to be exchanged and could not take each other's place.
private func requireOneStructure(
    _ members: [ExchangeabilityBlocks.Block], source: String
) throws(ExchangeabilityError) {
    for member in members where !member.hasStructure(of: members[0]) {
        throw .unequalBlocks(
            source: source, first: members[0].name, firstRows: members[0].rows.count, second: member.name,
            secondRows: member.rows.count)
    }
}
