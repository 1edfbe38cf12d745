/// A p-value that stops drawing shuffles once h of them have reached the observed statistic.
///
/// Besag and Clifford (1991, Biometrika 78:301-304). Random shuffles are drawn in order, at most n. If the
/// h-th that reaches the statistic is number l, drawing stops and `p = h / l`; if fewer than h of n do, say b,
/// `p = (b + 1) / (n + 1)`.
///
/// What is guaranteed: under the null hypothesis `P(p <= a) <= a` for every a, and with equality, when there
/// are no ties, for every value that p can take. For l <= n: p is at most h / l exactly when fewer than h of
/// the first l - 1 shuffles reach the statistic, that is, when the observed one is among the h greatest of l
/// exchangeable values. For b < h: p is at most (b + 1) / (n + 1) exactly when it is among the b + 1 greatest
/// of n + 1. Both have the probability that p says. Ties only ever make p larger.
///
/// This holds for one statistic tested with one sequence. Several voxels may share the sequence, each with its
/// own count: every voxel's p is valid, and what is said of them together rests on the usual corrections. The
/// rule must not be changed while looking: h and n are fixed beforehand, and shuffles count in their order.
public struct SequentialCount: Sendable, Hashable, Codable {
    /// The number of reaching shuffles at which drawing stops, h.
    public let target: Int
    /// The greatest number of random shuffles, n.
    public let limit: Int
    /// How many random shuffles were drawn, the identity not counted.
    public private(set) var drawn = 0
    /// How many of them reached the observed statistic.
    public private(set) var reached = 0

    /// A count that stops at `target` of at most `limit` random shuffles.
    ///
    /// - Precondition: both positive.
    public init(target: Int, limit: Int) {
        precondition(target > 0 && limit > 0, "\(target) of \(limit)")
        self.target = target
        self.limit = limit
    }

    /// Whether no further shuffle changes p.
    public var isDone: Bool { reached == target || drawn == limit }

    /// Takes the next random shuffle in order; one that comes after the end is ignored.
    public mutating func add(reaches: Bool) {
        guard !isDone else { return }
        drawn += 1
        if reaches { reached += 1 }
    }

    /// Takes several shuffles whose order does not matter, since the count is not done by them.
    ///
    /// - Precondition: fewer reach the statistic than are left to the target.
    mutating func add(reaching: Int, of count: Int) {
        precondition(reached + reaching < target && drawn + count <= limit)
        drawn += count
        reached += reaching
    }

    /// The interval of Clopper and Pearson for what was drawn; `nil` until ``isDone``.
    ///
    /// Where drawing stopped at the target the last shuffle is known to reach the statistic. The exact interval of such
    /// inverse sampling has the same lower bound and a smaller upper one, so that this one is on the safe side.
    public var interval: MonteCarloInterval? {
        isDone ? MonteCarloInterval(exceedances: reached, shuffles: drawn) : nil
    }

    /// The p-value; `nil` until ``isDone``.
    public var p: Double? {
        guard isDone else { return nil }
        return reached == target ? Double(target) / Double(drawn) : Double(reached + 1) / Double(drawn + 1)
    }

    /// The least p that the count can give: `1 / (n + 1)`.
    public var smallestP: Double { 1 / Double(limit + 1) }
}
