import CoveyCore

/// The clusters of a run of shuffles, of all places together: how many each shuffle had, and how they compare with the
/// observed ones.
///
/// Numbers stand side by side and comparisons add, as the maxima and counts of ``PermutationTally`` do.
public struct ClusterPool: Sendable, Hashable {
    /// The number of clusters of each shuffle, single voxels included.
    public private(set) var numbers: [Int32]
    /// For each rung of the ladder of observed clusters, the smallest first, the shuffled clusters that reach this
    /// rung but not the next.
    public private(set) var steps: [Int64]

    /// A pool from its parts.
    public init(numbers: [Int32], steps: [Int64]) {
        self.numbers = numbers
        self.steps = steps
    }

    /// Adds the clusters of the shuffles that follow.
    mutating func append(_ next: ClusterPool) {
        precondition(next.steps.count == steps.count)
        numbers += next.numbers
        for rung in steps.indices { steps[rung] += next.steps[rung] }
    }
}

/// p-values of clusters from the clusters of all shuffles together.
///
/// `p = (clusters of all shuffles that reach this one) / (clusters of all shuffles)`, the identity's included: how often
/// a cluster, given that there is one, is as large by chance. A cluster of one place is compared with those of all
/// others, so every place of the brain is taken to be alike, as stationary random field theory takes it; family-wise
/// p-values from the greatest cluster of each shuffle need no such assumption.
///
/// The false discovery rate is over clusters (Chumbley and Friston 2009, NeuroImage 44:62-70): Benjamini and
/// Hochberg's procedure on the p of every observed cluster, the smallest included.
public struct PooledClusters: Sendable {
    /// Every observed cluster's extent or mass, in no particular order.
    public let observed: [Double]
    /// The clusters of all shuffles.
    public let total: Int
    /// The number of clusters of each shuffle, the unshuffled data first.
    public let numbers: [Int32]
    /// What must be reached, ascending.
    private let ladder: [Double]
    /// For each rung, the clusters that reach it.
    private let reaching: [Int]
    /// For each rung, the q-value of its clusters.
    private let q: [Double]

    /// - Parameters:
    ///   - observed: of every observed cluster.
    ///   - pool: of all shuffles, beginning with the identity.
    init(observed: [Double], _ pool: ClusterPool) {
        let ladder = Self.ladder(of: observed)
        precondition(pool.steps.count == ladder.count)
        var reaching = [Int](repeating: 0, count: ladder.count)
        var sum = 0
        for rung in ladder.indices.reversed() {
            sum += Int(pool.steps[rung])
            reaching[rung] = sum
        }
        let total = pool.numbers.reduce(0) { $0 + Int($1) }
        let rungs = observed.map { ladder.firstIndex(notLessThan: TieRule.threshold($0)) }
        let adjusted = MultipleTesting(
            logP: rungs.map { LogProbability.fromP(Double(reaching[$0]) / Double(total)) }
        ).adjusted(by: .falseDiscoveryRate)
        var q = [Double](repeating: .nan, count: ladder.count)
        for (rung, logQ) in zip(rungs, adjusted) { q[rung] = LogProbability.p(logQ) }
        (self.observed, self.ladder, self.reaching, self.q) = (observed, ladder, reaching, q)
        (self.total, numbers) = (total, pool.numbers)
    }

    /// What shuffled clusters must reach, ascending, each once.
    static func ladder(of observed: [Double]) -> [Double] {
        Set(observed.map(TieRule.threshold)).sorted()
    }

    /// p of an observed cluster, not corrected; NaN where no such cluster was observed.
    public func p(of value: Double) -> Double {
        rung(of: value).map { Double(reaching[$0]) / Double(total) } ?? .nan
    }

    /// The q-value of an observed cluster over all observed clusters; NaN where no such cluster was observed.
    public func q(of value: Double) -> Double { rung(of: value).map { q[$0] } ?? .nan }

    /// p of the number of observed clusters: the share of shuffles that have as many or more. Exact, and valid at
    /// whatever smoothness; it says nothing of any one cluster.
    public var setP: Double {
        guard let first = numbers.first else { return 1 }
        return Double(numbers.count { $0 >= first }) / Double(numbers.count)
    }

    private func rung(of value: Double) -> Int? {
        guard value > 0 else { return nil }
        let threshold = TieRule.threshold(value)
        let rung = ladder.firstIndex(notLessThan: threshold)
        return rung < ladder.count && ladder[rung] == threshold ? rung : nil
    }
}
