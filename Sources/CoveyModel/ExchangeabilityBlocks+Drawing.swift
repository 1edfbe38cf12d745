public import CoveyCore

extension ExchangeabilityBlocks {
    /// A random permutation that the blocks allow, each equally likely: which row every place receives.
    ///
    /// From the outside in, the members of every exchanging block are shuffled by Fisher and Yates's method. Free
    /// exchange takes the same words of the stream as a shuffle of all rows.
    public func permutation(_ stream: inout PhiloxStream) -> [Int] {
        var source = [Int](repeating: 0, count: rowCount)
        Self.place(root, into: root, &stream, &source)
        return source
    }

    /// Puts the rows of a block into the places of another, exchanging what may be exchanged inside.
    private static func place(
        _ block: Block, into target: Block, _ stream: inout PhiloxStream, _ source: inout [Int]
    ) {
        guard !block.isRow else {
            source[target.rows[0]] = block.rows[0]
            return
        }
        var order = Array(block.members.indices)
        if block.exchangesMembers {
            for i in stride(from: order.count - 1, to: 0, by: -1) {
                order.swapAt(i, Int(stream.below(UInt32(i + 1))))
            }
        }
        for (place, member) in order.enumerated() {
            Self.place(block.members[member], into: target.members[place], &stream, &source)
        }
    }
}
