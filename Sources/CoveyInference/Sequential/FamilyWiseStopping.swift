#if canImport(Darwin)
    import Darwin
#elseif canImport(Musl)
    import Musl
#else
    import Glibc
#endif

/// When a permutation test may stop early because its family-wise decision can no longer change.
///
/// Of N planned shuffles, the identity among them, a statistic x is significant at alpha exactly when at most
/// `k = floor(alpha N)` maxima reach it. After j of them, c maxima have reached x:
///
/// * `c > k`: x is not significant, whatever follows, since c never falls.
/// * `c + (N - j) <= k`: x is significant, whatever follows, since c can grow by N - j at most.
/// * else both outcomes are still possible: the rest may all stay below x, or all reach it.
///
/// So the decision of a stopped test *is* the decision of the full one, for every sequence of shuffles; nothing
/// is spent and no error rate changes. It says nothing about the p-value, which stays unknown: for a p of its
/// own use ``SequentialCount``. The second rule can only hold once all but k shuffles are done, so what this
/// saves in practice is the shuffles of maps in which nothing is significant.
///
/// Keeps the k + 1 greatest maxima; adding one costs O(log k) comparisons and at most k moves.
public struct FamilyWiseStopping: Sendable {
    /// What is known about a statistic.
    public enum Verdict: Sendable, Hashable {
        /// Significant in the full run.
        case significant
        /// Not significant in the full run.
        case notSignificant
        /// The remaining shuffles decide.
        case open
    }

    /// The number of shuffles planned, the identity included.
    public let plannedCount: Int
    /// How many maxima may reach a significant statistic.
    public let allowed: Int
    /// How many shuffles were seen.
    public private(set) var seenCount = 0
    /// The greatest maxima so far, descending; no more than `allowed + 1`.
    private var greatest: [Double] = []

    /// The rule for N planned shuffles at a level.
    ///
    /// `floor(alpha N)` takes a product that misses a whole number by rounding for that number, as
    /// `0.29 * 100` does.
    ///
    /// - Precondition: at least one shuffle, and a level between 0 and 1.
    public init(plannedCount: Int, alpha: Double) {
        precondition(plannedCount > 0 && alpha > 0 && alpha < 1, "\(plannedCount) shuffles at \(alpha)")
        self.plannedCount = plannedCount
        allowed = Int((alpha * Double(plannedCount) * (1 + 1e-12)).rounded(.down))
    }

    /// How many shuffles are still to come.
    public var remainingCount: Int { plannedCount - seenCount }

    /// Takes the maximum of one more shuffle; the identity's counts like every other. The order is free.
    ///
    /// - Precondition: shuffles are left, and the maximum is a number.
    public mutating func add(_ maximum: Double) {
        precondition(seenCount < plannedCount && !maximum.isNaN, "shuffle \(seenCount) of \(plannedCount)")
        seenCount += 1
        let place = firstPlace { $0 < maximum }
        guard place <= allowed else { return }
        greatest.insert(maximum, at: place)
        if greatest.count > allowed + 1 { greatest.removeLast() }
    }

    /// What is known about a statistic that was observed, in the direction of the tail. NaN is not significant.
    public func verdict(of x: Double) -> Verdict {
        guard !x.isNaN else { return .notSignificant }
        // Ties reach, as they do when p is counted.
        let least = TieRule.threshold(x)
        let count = firstPlace { $0 < least }
        if count > allowed { return .notSignificant }
        return count + remainingCount <= allowed ? .significant : .open
    }

    /// Whether every one of the observed statistics is decided.
    ///
    /// - Parameter observed: the statistics of the unshuffled map in ascending order, without NaN. O(log n).
    public func isSettled(ascending observed: [Double]) -> Bool {
        // Verdicts go from not significant over open to significant as x grows.
        var (low, high) = (0, observed.count)
        while low < high {
            let middle = (low + high) / 2
            if verdict(of: observed[middle]) == .notSignificant { low = middle + 1 } else { high = middle }
        }
        return low == observed.count || verdict(of: observed[low]) == .significant
    }

    /// The first place in the descending list where the condition holds, its length where there is none.
    private func firstPlace(where holds: (Double) -> Bool) -> Int {
        var (low, high) = (0, greatest.count)
        while low < high {
            let middle = (low + high) / 2
            if holds(greatest[middle]) { high = middle } else { low = middle + 1 }
        }
        return low
    }
}
