public import CoveyModel

/// A statistic that can be had for every voxel under any shuffle: what a permutation test needs of a model.
///
/// Values carry the sign of the contrast (large positive is more of it); the tail is the test's affair.
/// Shuffle 0, the identity, gives the parametric statistic of the data, from the same arithmetic as the others
/// unless the method itself sets it apart.
public protocol ShuffledStatistic: Sendable {
    /// What the values are: t, F or z.
    var kind: Statistic { get }
    /// The voxels of the cohort's mask that have a statistic, ascending.
    var voxels: [Int32] { get }
    /// The statistics of a range of shuffles, one map after the other: `range.count x voxels.count` finite
    /// values in the order of ``voxels``.
    ///
    /// A value depends on the shuffle and the voxel alone, never on the range or the number of threads.
    func maps(of shuffles: ShuffleSet, in range: Range<Int>, threads: Int) -> [Double]
    /// ``maps(of:in:threads:)`` into the beginning of an array that a caller uses for one batch after the other; it
    /// may be longer than what is written.
    func write(_ maps: inout [Double], of shuffles: ShuffleSet, in range: Range<Int>, threads: Int)
    /// The least shuffled value that reaches an observed one; both in the direction of the tail.
    func tieThreshold(_ observed: Double, tail: Tail) -> Double
    /// Whether, at some voxels, a shuffle stands for several permutations of which one is drawn: p is then a count with
    /// Monte-Carlo error even over all distinct shuffles.
    func drawsPermutations(of shuffles: ShuffleSet) -> Bool
    /// How many times the maps of a range are held at most while they are made: the result, and what leads to it.
    var mapCopies: Int { get }
    /// Keeps what is prepared for a batch of shuffles from now on: more batches follow.
    func keepPrepared()
    /// Drops what was kept, and keeps nothing from now on.
    func forgetPrepared()
    /// Data that the statistic holds besides the cohort of complete voxels, in bytes.
    var dataBytes: Int { get }
}

extension ShuffledStatistic {
    /// Fresh memory for every batch, for statistics to which that is little.
    public func write(
        _ maps: inout [Double], of shuffles: ShuffleSet, in range: Range<Int>, threads: Int
    ) {
        // Not both at a time.
        maps = []
        maps = self.maps(of: shuffles, in: range, threads: threads)
    }

    /// By the tie rule alone.
    public func tieThreshold(_ observed: Double, tail: Tail) -> Double { TieRule.threshold(observed) }

    /// No: a value is a function of the shuffle.
    public func drawsPermutations(of shuffles: ShuffleSet) -> Bool { false }

    /// The result alone.
    public var mapCopies: Int { 1 }

    /// Nothing is.
    public func keepPrepared() {}

    /// Nothing was.
    public func forgetPrepared() {}

    /// None.
    public var dataBytes: Int { 0 }
}
