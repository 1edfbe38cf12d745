public import CoveyCore

/// Every distinct permutation of a design's rows that its exchangeability blocks allow, counted exactly and
/// numbered; number 0 is the identity.
///
/// Rows of the design that are equal to the bit are interchangeable: two permutations are one where they put equal
/// rows in equal places. What is counted is the orbit of the design under the group of the blocks. A block that
/// keeps its members has the product of their counts. A block that exchanges k members has
///
///     k! / prod(m_j!) * prod(count of each member)
///
/// where m_j is the number of members of kind j, and members are of one kind where exchanges inside them turn one
/// into the other. Free exchange has `n! / prod(m!)`, within-block exchange the product of these.
public struct BlockArrangements: Sendable {
    /// How many there are; `nil` beyond the range of Int.
    public let count: Int?
    /// The logarithm to base 10 of how many there are.
    public let log10Count: Double

    private let root: Node
    private let rowCount: Int

    /// The permutations of a design's rows that blocks allow.
    ///
    /// - Precondition: the blocks are of as many rows as the design.
    public init(design: Matrix, blocks: ExchangeabilityBlocks) {
        precondition(blocks.rowCount == design.rows, "\(blocks.rowCount) rows for \(design.rows)")
        var numbers: [[Double]: Int] = [:]
        let classes = (0..<design.rows).map { row -> Int in
            let key = design.row(row)
            if let known = numbers[key] { return known }
            numbers[key] = numbers.count
            return numbers.count - 1
        }
        var forms: [[Int]: Int] = [:]
        root = Node(blocks.root, classes: classes, forms: &forms)
        rowCount = design.rows
        count = root.count
        log10Count = root.logarithm
    }

    /// Permutation number `index`: which row of the design each place receives.
    ///
    /// - Precondition: ``count`` is known and `index` below it.
    public func source(_ index: Int) -> [Int] {
        precondition(index >= 0 && index < count!, "arrangement \(index) of \(count!)")
        var source = [Int](repeating: 0, count: rowCount)
        root.place(into: root, number: index, &source)
        return source
    }

    /// A block with what its design rows make of it.
    private struct Node: Sendable {
        let members: [Node]
        /// The row, for a single one.
        let row: Int
        /// What the block is up to exchanges inside it.
        let form: Int
        /// The kind of each member, numbered by first appearance; the members of each kind.
        let kinds: [Int]
        let membersOfKind: [[Int]]
        /// Ways to spread the kinds over the members' places.
        let spreads: Int?
        let rankOfIdentity: Int
        /// Ways to arrange all rows inside.
        let count: Int?
        let logarithm: Double

        init(
            _ block: ExchangeabilityBlocks.Block, classes: [Int], forms: inout [[Int]: Int]
        ) {
            func number(_ form: [Int]) -> Int {
                if let known = forms[form] { return known }
                forms[form] = forms.count
                return forms.count - 1
            }
            guard !block.isRow else {
                row = block.rows[0]
                form = number([0, classes[row]])
                (members, kinds, membersOfKind) = ([], [], [])
                (spreads, rankOfIdentity, count, logarithm) = (1, 0, 1, 0)
                return
            }
            row = -1
            var members: [Node] = []
            for member in block.members { members.append(Node(member, classes: classes, forms: &forms)) }
            var logarithm = members.reduce(0) { $0 + $1.logarithm }
            guard block.exchangesMembers else {
                form = number([1] + members.map(\.form))
                (kinds, membersOfKind) = ([], [])
                (spreads, rankOfIdentity) = (1, 0)
                count = Self.product(members)
                self.members = members
                self.logarithm = logarithm
                return
            }
            form = number([2] + members.map(\.form).sorted())
            var kindOfForm: [Int: Int] = [:]
            var membersOfKind: [[Int]] = []
            kinds = members.enumerated().map { place, member in
                if let kind = kindOfForm[member.form] {
                    membersOfKind[kind].append(place)
                    return kind
                }
                kindOfForm[member.form] = membersOfKind.count
                membersOfKind.append([place])
                return membersOfKind.count - 1
            }
            let sizes = membersOfKind.map(\.count)
            logarithm += log10Factorial(members.count) - sizes.reduce(0) { $0 + log10Factorial($1) }
            spreads = multinomial(sizes)
            rankOfIdentity = spreads == nil ? 0 : Self.rank(of: kinds, sizes: sizes)
            if let spreads, let inside = Self.product(members) {
                let (product, overflow) = spreads.multipliedReportingOverflow(by: inside)
                count = overflow ? nil : product
            } else {
                count = nil
            }
            self.members = members
            self.membersOfKind = membersOfKind
            self.logarithm = logarithm
        }

        /// Puts arrangement `number` of this block's rows into the places of `target`.
        func place(into target: Node, number: Int, _ source: inout [Int]) {
            guard !members.isEmpty else {
                source[target.row] = row
                return
            }
            var rest: Int
            let spread: Int
            (rest, spread) = number.quotientAndRemainder(dividingBy: spreads!)
            let chosen = kinds.isEmpty ? Array(members.indices) : membersSpread(spread)
            for (place, index) in chosen.enumerated() {
                let member = members[index]
                let inside: Int
                (rest, inside) = rest.quotientAndRemainder(dividingBy: member.count!)
                member.place(into: target.members[place], number: inside, &source)
            }
        }

        /// Which member each place receives: the kinds in lexicographic order, except that the identity and
        /// number 0 change places; members of one kind in their order.
        private func membersSpread(_ number: Int) -> [Int] {
            var remaining = number == 0 ? rankOfIdentity : number == rankOfIdentity ? 0 : number
            var left = membersOfKind.map(\.count)
            var used = [Int](repeating: 0, count: left.count)
            return members.indices.map { _ in
                for kind in left.indices where left[kind] > 0 {
                    left[kind] -= 1
                    let below = multinomial(left)!
                    if remaining < below {
                        used[kind] += 1
                        return membersOfKind[kind][used[kind] - 1]
                    }
                    remaining -= below
                    left[kind] += 1
                }
                preconditionFailure("rank \(number) beyond the last arrangement")
            }
        }

        private static func rank(of kinds: [Int], sizes: [Int]) -> Int {
            var left = sizes
            var rank = 0
            for kind in kinds {
                for smaller in 0..<kind where left[smaller] > 0 {
                    left[smaller] -= 1
                    rank += multinomial(left)!
                    left[smaller] += 1
                }
                left[kind] -= 1
            }
            return rank
        }

        private static func product(_ members: [Node]) -> Int? {
            var product = 1
            for member in members {
                guard let count = member.count else { return nil }
                let (next, overflow) = product.multipliedReportingOverflow(by: count)
                guard !overflow else { return nil }
                product = next
            }
            return product
        }
    }
}

/// `(sum m)! / prod(m!)`, exactly; `nil` beyond the range of Int.
func multinomial(_ sizes: [Int]) -> Int? {
    var result: UInt = 1
    var total: UInt = 0
    for size in sizes {
        for k in stride(from: 1, through: size, by: 1) {
            total += 1
            // result * total / k is a whole number at every step, since the partial product counts
            // arrangements; the division goes through 128 bits.
            let (high, low) = result.multipliedFullWidth(by: total)
            guard high < UInt(k) else { return nil }
            result = UInt(k).dividingFullWidth((high, low)).quotient
        }
    }
    return Int(exactly: result)
}

/// The logarithm to base 10 of k!.
func log10Factorial(_ k: Int) -> Double {
    (0..<k).reduce(0) { $0 + decimalLogarithm(Double($1 + 1)) }
}
