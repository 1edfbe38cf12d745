/// What a run of consecutive shuffles contributes to a permutation test: counts and maxima.
///
/// Counts add and maxima stand side by side, so that tallies of neighbouring runs join to the tally of both,
/// the same bits however the work was divided.
public struct PermutationTally: Sendable, Hashable {
    /// The shuffles that were counted.
    public private(set) var shuffles: Range<Int>
    /// For each quantity, the greatest value over all voxels of each shuffle, in the direction of the tail.
    public private(set) var maxima: [[Double]]
    /// For each quantity and voxel with a statistic, the shuffles that reach what was observed there.
    public private(set) var counts: [[Int32]]
    /// `ln` of the pivot of each shuffle, see ``PermutationCalibration``; empty where no bounds are calibrated.
    public private(set) var logPivots: [Double]

    /// A tally from its parts.
    ///
    /// - Precondition: as many lists of maxima as of counts; one maximum per shuffle, and
    ///   one pivot or none at all.
    public init(
        shuffles: Range<Int>, maxima: [[Double]], counts: [[Int32]], logPivots: [Double] = []
    ) {
        precondition(maxima.count == counts.count && maxima.allSatisfy { $0.count == shuffles.count })
        precondition(logPivots.isEmpty || logPivots.count == shuffles.count)
        self.shuffles = shuffles
        self.maxima = maxima
        self.counts = counts
        self.logPivots = logPivots
    }

    /// The tally of no shuffles, before `start`.
    static func empty(before start: Int, quantities: Int, voxels: Int) -> PermutationTally {
        PermutationTally(
            shuffles: start..<start, maxima: .init(repeating: [], count: quantities),
            counts: .init(repeating: [Int32](repeating: 0, count: voxels), count: quantities))
    }

    /// Adds the tally of the shuffles that follow.
    ///
    /// - Precondition: `next` begins where this one ends and counts the same quantities and voxels.
    public mutating func append(_ next: PermutationTally) {
        precondition(
            next.shuffles.lowerBound == shuffles.upperBound, "tallies of \(shuffles), \(next.shuffles)")
        precondition(next.counts.map(\.count) == counts.map(\.count))
        precondition(
            shuffles.isEmpty || next.shuffles.isEmpty || logPivots.isEmpty == next.logPivots.isEmpty)
        logPivots += next.logPivots
        shuffles = shuffles.lowerBound..<next.shuffles.upperBound
        for quantity in maxima.indices {
            maxima[quantity] += next.maxima[quantity]
            for voxel in counts[quantity].indices {
                counts[quantity][voxel] += next.counts[quantity][voxel]
            }
        }
    }
}
