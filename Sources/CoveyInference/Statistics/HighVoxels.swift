import CoveyKernels

/// The voxels of each of several shuffles whose statistic is at least some height in the direction of the tail: all
/// that clusters are made of, at a small part of what whole maps take.
struct HighVoxels: Sendable {
    /// What is to be kept.
    struct Choice: Sendable {
        /// Statistics of at least so much; of either sign where both tails are tested. A few that are lower by rounding
        /// are kept too.
        let height: Double
        /// How many voxels of all shuffles together, about.
        let most: Int
    }

    /// Bytes of a voxel while it is put in its place.
    static let bytes = 2 * 16

    /// The voxels of each block.
    struct Part: Sendable {
        fileprivate let shuffles: [Int32]
        fileprivate let voxels: [Int32]
        fileprivate let values: [Double]

        /// - Parameters:
        ///   - columns: the block's voxels, by their place in the statistic's.
        ///   - statistics: of the kept scores.
        ///   - direction: -1 where scores are those of the negative statistic.
        init(
            _ kept: KeptScores, columns: Range<Int>, shuffles: Int, statistics: [Double], direction: Double
        ) {
            // The last panel of voxels and the last tile of shuffles may hold more than there are.
            let valid = (0..<kept.count).filter {
                kept.columns[$0] < columns.count && kept.shuffles[$0] < shuffles
            }
            self.shuffles = valid.map { kept.shuffles[$0] }
            voxels = valid.map { Int32(columns.lowerBound) + kept.columns[$0] }
            values = valid.map { direction * statistics[$0] }
        }
    }

    /// The parts of all blocks, as they come.
    struct Parts: Sendable {
        fileprivate var parts: [Part?]
        private(set) var kept = 0

        init(count: Int) { parts = [Part?](repeating: nil, count: count) }

        mutating func add(_ part: Part, of block: Int) {
            parts[block] = part
            kept += part.voxels.count
        }
    }

    /// The voxels of all shuffles, one shuffle after the other, ascending within each.
    let voxels: [Int32]
    /// The statistic at each.
    let values: [Double]
    private let starts: [Int]

    init(_ parts: Parts, shuffles: Int) {
        var starts = [Int](repeating: 0, count: shuffles + 1)
        for case let part? in parts.parts {
            for shuffle in part.shuffles { starts[Int(shuffle) + 1] += 1 }
        }
        for shuffle in 0..<shuffles { starts[shuffle + 1] += starts[shuffle] }
        var (next, voxels) = (starts, [Int32](repeating: 0, count: starts[shuffles]))
        var values = [Double](repeating: 0, count: voxels.count)
        // Blocks hold ascending voxels, and so does each of them for one shuffle.
        for case let part? in parts.parts {
            for (i, shuffle) in part.shuffles.enumerated() {
                let place = next[Int(shuffle)]
                voxels[place] = part.voxels[i]
                values[place] = part.values[i]
                next[Int(shuffle)] = place + 1
            }
        }
        (self.voxels, self.values, self.starts) = (voxels, values, starts)
    }

    /// Where the voxels of a shuffle stand.
    func places(of shuffle: Int) -> Range<Int> { starts[shuffle]..<starts[shuffle + 1] }
}
