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
    /// For each quantity, the clusters of the shuffles; `nil` for those that are of no cluster.
    public private(set) var pools: [ClusterPool?]

    /// A tally from its parts.
    ///
    /// - Precondition: as many lists of maxima as of counts and of pools; one maximum and one number of clusters per
    ///   shuffle, and one pivot or none at all.
    public init(
        shuffles: Range<Int>, maxima: [[Double]], counts: [[Int32]], logPivots: [Double] = [],
        pools: [ClusterPool?]
    ) {
        precondition(maxima.count == counts.count && maxima.allSatisfy { $0.count == shuffles.count })
        precondition(
            pools.count == counts.count
                && pools.allSatisfy { $0 == nil || $0!.numbers.count == shuffles.count })
        precondition(logPivots.isEmpty || logPivots.count == shuffles.count)
        self.shuffles = shuffles
        self.maxima = maxima
        self.counts = counts
        self.logPivots = logPivots
        self.pools = pools
    }

    /// The tally of no shuffles, before `start`.
    static func empty(
        before start: Int, _ observation: PermutationTest.Observation
    ) -> PermutationTally {
        let counts = MapReader.Counts(observation)
        return PermutationTally(
            shuffles: start..<start, maxima: counts.voxels.map { _ in [] }, counts: counts.voxels,
            pools: observation.pools(numbers: counts.voxels.map { _ in [] }, steps: counts.clusters))
    }

    /// Adds the tally of the shuffles that follow.
    ///
    /// - Precondition: `next` begins where this one ends and counts the same quantities and voxels.
    public mutating func append(_ next: PermutationTally) {
        precondition(
            next.shuffles.lowerBound == shuffles.upperBound, "tallies of \(shuffles), \(next.shuffles)")
        precondition(next.counts.map(\.count) == counts.map(\.count))
        precondition(next.pools.map { $0 == nil } == pools.map { $0 == nil })
        precondition(
            shuffles.isEmpty || next.shuffles.isEmpty || logPivots.isEmpty == next.logPivots.isEmpty)
        logPivots += next.logPivots
        shuffles = shuffles.lowerBound..<next.shuffles.upperBound
        for quantity in maxima.indices {
            maxima[quantity] += next.maxima[quantity]
            if let pool = next.pools[quantity] { pools[quantity]!.append(pool) }
            for voxel in counts[quantity].indices {
                counts[quantity][voxel] += next.counts[quantity][voxel]
            }
        }
    }
}
