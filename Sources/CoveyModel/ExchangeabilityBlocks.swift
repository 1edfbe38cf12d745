/// Which rows may be exchanged with which: blocks of rows, nested to any depth.
///
/// Every block either exchanges its members as wholes or keeps them where they are; a member is a row or another
/// block. A shuffle exchanges members at every block that allows it, and nothing else. Members that are exchanged
/// have the same structure, and go into each other row by row.
///
/// - Free exchange: one block that exchanges its rows.
/// - Within blocks: a block that keeps its members, each of which exchanges its rows.
/// - Whole blocks: a block that exchanges its members, each of which keeps its rows in order.
///
/// Signs flip by ``flipUnits``: what is exchanged as a whole flips as a whole.
///
/// Winkler et al. 2015, NeuroImage 123:253-268; the file format is that of PALM's `-eb`.
public struct ExchangeabilityBlocks: Sendable, Hashable {
    /// A set of rows that belong together, or one row.
    public struct Block: Sendable, Hashable {
        /// What the block is called: a value of a column, an index of a file, a row's name.
        public let name: String
        /// What is inside; empty for a single row.
        public let members: [Block]
        /// Whether the members are exchanged with each other as wholes.
        public let exchangesMembers: Bool
        /// The rows inside, in the order in which they go into those of a block exchanged with this one.
        public let rows: [Int]

        /// One row.
        public init(row: Int, name: String) {
            self.name = name
            members = []
            exchangesMembers = false
            rows = [row]
        }

        /// A block of members.
        ///
        /// - Precondition: there are members, and those that are exchanged have one structure.
        public init(name: String, members: [Block], exchangesMembers: Bool) {
            precondition(!members.isEmpty, "a block without rows")
            precondition(
                !exchangesMembers || members.allSatisfy { $0.hasStructure(of: members[0]) },
                "blocks of different structure cannot be exchanged")
            self.name = name
            self.members = members
            self.exchangesMembers = exchangesMembers
            rows = members.flatMap(\.rows)
        }

        /// Whether this is one row.
        public var isRow: Bool { members.isEmpty }

        /// Whether the block could take the place of the other: as many members, exchanged or kept alike, at
        /// every depth.
        public func hasStructure(of other: Block) -> Bool {
            members.count == other.members.count && exchangesMembers == other.exchangesMembers
                && zip(members, other.members).allSatisfy { $0.hasStructure(of: $1) }
        }

        /// Blocks that hold blocks or rows, this one included.
        var inner: [Block] { isRow ? [] : [self] + members.flatMap(\.inner) }
    }

    /// The block that holds all rows.
    public let root: Block
    /// Where the blocks come from, for messages: a file, or columns of the table.
    public let source: String

    /// Blocks from their tree.
    ///
    /// - Precondition: the tree holds every row once, counted from 0.
    public init(root: Block, source: String) {
        precondition(root.rows.sorted() == Array(0..<root.rows.count), "every row once")
        self.root = root
        self.source = source
    }

    /// Every row may be exchanged with every other.
    ///
    /// - Precondition: `rowCount > 0`.
    public static func free(_ rowCount: Int) -> ExchangeabilityBlocks {
        ExchangeabilityBlocks(
            root: Block(
                name: "all", members: (0..<rowCount).map { Block(row: $0, name: "row \($0 + 1)") },
                exchangesMembers: true),
            source: "free exchange")
    }

    /// Number of rows.
    public var rowCount: Int { root.rows.count }

    /// Whether every row may be exchanged with every other.
    public var isFree: Bool { root.exchangesMembers && root.members.allSatisfy(\.isRow) }

    /// For each row the number of its block, where rows are exchanged freely inside each block and never across;
    /// `nil` where anything is exchanged as a whole.
    public var withinBlocks: [Int]? {
        func isPlain(_ block: Block) -> Bool {
            block.members.allSatisfy { block.exchangesMembers ? $0.isRow : isPlain($0) }
        }
        return isPlain(root) ? orbits : nil
    }

    /// The tree as text, the same for the same exchanges alone: the rows, counted from 0, of each block in `( )` where
    /// its members are exchanged and in `[ ]` where they stay.
    public var structure: String {
        func text(_ block: Block) -> String {
            if block.isRow { return "\(block.rows[0])" }
            let inside = block.members.map(text).joined(separator: " ")
            return block.exchangesMembers ? "(\(inside))" : "[\(inside)]"
        }
        return text(root)
    }

    /// The sets of rows whose signs flip together.
    ///
    /// The members of an exchanging block are one set each, whatever is inside; a block that keeps its members
    /// passes the question on to them. Within-block exchange thus flips every row on its own, whole-block
    /// exchange every block. This is PALM's rule.
    public var flipUnits: [[Int]] {
        func units(_ block: Block) -> [[Int]] {
            if block.isRow { return [block.rows] }
            return block.exchangesMembers ? block.members.map(\.rows) : block.members.flatMap(units)
        }
        return units(root)
    }

    /// For each row the number of the set of rows it can be exchanged with, directly or step by step: a column
    /// of the design with one value per set stays the same under every permutation.
    public var orbits: [Int] {
        var orbit = [Int](repeating: 0, count: rowCount)
        var next = 0
        // The rows of blocks that can take each other's place, position by position, are reached from one another.
        func visit(_ twins: [Block]) {
            if twins[0].isRow {
                for twin in twins { orbit[twin.rows[0]] = next }
                next += 1
            } else if twins[0].exchangesMembers {
                visit(twins.flatMap(\.members))
            } else {
                for place in twins[0].members.indices { visit(twins.map { $0.members[place] }) }
            }
        }
        visit([root])
        return orbit
    }
}
