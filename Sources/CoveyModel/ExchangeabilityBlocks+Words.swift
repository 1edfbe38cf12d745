import CoveyCore

extension ExchangeabilityBlocks {
    /// How rows change places, in words: "inside each of 12 blocks of 2 (within:subject), never across".
    public var permutationWords: String {
        let members = root.members
        let isFlat = members.allSatisfy { $0.members.allSatisfy(\.isRow) }
        let inside = Set(members.filter { !$0.isRow }.map(\.exchangesMembers))
        let from = printable(source)
        let sizes = range(members.map(\.rows.count))
        if isFree { return "among all \(rowCount)" }
        let moving = root.inner.filter(\.exchangesMembers)
        guard !moving.isEmpty else { return "nowhere, since every block stays in place (\(from))" }
        if isFlat, !root.exchangesMembers {
            return "inside each of \(members.count) blocks of \(sizes) (\(from)), never across"
        }
        if isFlat, inside.count == 1 {
            return "as \(members.count) whole blocks of \(sizes) (\(from)), "
                + (inside == [true] ? "and inside each" : "in order inside")
        }
        let blocks = moving.count == 1 ? "1 block" : "\(moving.count) blocks"
        return
            "as the members, \(range(moving.map(\.members.count))) each, of \(blocks) nested in \(depth(root)) levels (\(from))"
    }

    /// What a flip does, in words: "each of 12 blocks of 2 as a whole (whole:family)".
    public var flipWords: String {
        let units = flipUnits
        if units.allSatisfy({ $0.count == 1 }) { return "each row on its own (\(printable(source)))" }
        return
            "each of \(units.count) sets of \(range(units.map(\.count))) as a whole (\(printable(source)))"
    }

    private func range(_ numbers: [Int]) -> String {
        let (least, most) = (numbers.min()!, numbers.max()!)
        return least == most ? "\(least)" : "\(least) to \(most)"
    }

    private func depth(_ block: Block) -> Int { 1 + (block.members.map(depth).max() ?? -1) }
}
