import CoveyCore
public import CoveyModel

/// What a permutation test found: one result for each quantity that was compared.
public struct PermutationResults: Sendable {
    /// All of them, the voxels' first.
    public let all: [PermutationResult]
    /// The pivots of the shuffles, where bounds on true discoveries were to be calibrated.
    public let calibration: PermutationCalibration?

    /// The result for the statistic of every voxel.
    public var voxel: PermutationResult { all[0] }

    /// The result for a quantity; `nil` where it was not compared.
    public subscript(quantity: TestedQuantity) -> PermutationResult? {
        all.first { $0.quantity == quantity }
    }
}

/// What a permutation test found for one quantity: counts and maxima, from which every p-value follows.
public struct PermutationResult: Sendable {
    /// What was compared.
    public let quantity: TestedQuantity
    /// The quantity of the unshuffled data, from the same arithmetic as the shuffled ones. The statistic is
    /// equal to the parametric map up to rounding; TFCE and clusters are in the direction of the tail, and 0
    /// where there is no cluster.
    public let observed: StatisticMap
    /// Which statistics counted against the null.
    public let tail: Tail
    /// The shuffles that were used.
    public let shuffles: ShuffleSet
    /// The greatest quantity of each shuffle over all voxels, in the direction of the tail (of -t for
    /// `.less`, of |t| for `.twoSided`); entry 0 belongs to the unshuffled data.
    public let maxima: [Double]
    /// For each voxel, the shuffles whose statistic there reaches the observed one, the identity included.
    public let exceedances: [Int]
    /// For each voxel, the shuffles whose maximum reaches the statistic observed there, the identity included.
    public let familyWiseExceedances: [Int]
    /// Whether shuffles stand for permutations that were drawn; see ``ShuffledStatistic/drawsPermutations(of:)``.
    public let isDrawn: Bool
    /// The clusters of all shuffles together; `nil` for quantities that are of no cluster.
    public let pooled: PooledClusters?

    /// A result from its counts.
    init(
        quantity: TestedQuantity, observed: StatisticMap, tail: Tail, shuffles: ShuffleSet, maxima: [Double],
        exceedances: [Int], familyWiseExceedances: [Int], isDrawn: Bool = false, pooled: PooledClusters? = nil
    ) {
        self.isDrawn = isDrawn
        self.quantity = quantity
        self.observed = observed
        self.tail = tail
        self.shuffles = shuffles
        self.maxima = maxima
        self.exceedances = exceedances
        self.familyWiseExceedances = familyWiseExceedances
        self.pooled = pooled
    }

    /// Shuffles that were done, the identity included: all of them, unless the test stopped early.
    public var shuffleCount: Int { maxima.count }

    /// The smallest p-value that these shuffles can give: one over their number.
    public var smallestP: Double { 1 / Double(shuffleCount) }

    /// Whether all distinct shuffles were done, each once.
    public var usesAll: Bool { shuffles.isExhaustive && shuffleCount == shuffles.count }

    /// Whether p is a count of all distinct shuffles, without Monte-Carlo error.
    public var isExact: Bool { usesAll && !isDrawn }

    /// p of each voxel on its own: `(b + 1) / (n + 1)` for n random shuffles, `k / N` for all N distinct
    /// ones. NaN where there is no statistic.
    public var uncorrectedP: StatisticMap { p(exceedances, .none) }

    /// p corrected for the family of all voxels, by the distribution of the maximum.
    public var familyWiseP: StatisticMap { p(familyWiseExceedances, .familyWiseError) }

    /// The uncorrected p as q-values, by Benjamini and Hochberg.
    ///
    /// Those of clusters are over clusters (see ``PooledClusters``), each voxel with its cluster's, 1 where there is none:
    /// voxels of one cluster share its p, and q-values over voxels would count it once a voxel.
    public var falseDiscoveryQ: StatisticMap {
        let values: [Double]
        if let pooled {
            values = observed.values.map { $0.isNaN ? .nan : $0 > 0 ? pooled.q(of: $0) : 1 }
        } else {
            let logP = uncorrectedP.values.map { $0.isNaN ? .nan : LogProbability.fromP($0) }
            values = MultipleTesting(logP: logP).adjusted(by: .falseDiscoveryRate).map(LogProbability.p)
        }
        return StatisticMap(
            .p(tail, .falseDiscoveryRate, .permutation(quantity)), mask: observed.mask, values: values)
    }

    /// p corrected for a family of which all values reach at most `maxima`, one for each shuffle: the maxima of
    /// several contrasts together.
    ///
    /// - Precondition: as many maxima as shuffles.
    public func familyWiseP(among maxima: [Double]) -> StatisticMap {
        precondition(maxima.count == shuffleCount)
        let sorted = maxima.sorted()
        let values = observed.values.map { value -> Double in
            if value.isNaN { return .nan }
            let directed = directed(value)
            guard quantity == .voxel || directed > 0 else { return 1 }
            let reaching = sorted.count - sorted.firstIndex(notLessThan: TieRule.threshold(directed))
            return Double(reaching) / Double(sorted.count)
        }
        return StatisticMap(
            .p(tail, .familyWiseErrorAcrossContrasts, .permutation(quantity)), mask: observed.mask,
            values: values)
    }

    /// An observed value in the direction under test: larger is more extreme.
    private func directed(_ value: Double) -> Double {
        switch (quantity, tail) {
        case (.voxel, .less): -value
        case (.voxel, .twoSided): abs(value)
        default: value
        }
    }

    /// The tail of the maxima by a method, see ``NullTail``.
    public func tail(by method: TailMethod) -> NullTail {
        NullTail(maxima: maxima, method: method, isExhaustive: isExact)
    }

    /// p corrected for the family of all voxels, by a distribution fitted to the tail of the maxima.
    public func familyWiseP(by fitted: NullTail) -> StatisticMap {
        let values = observed.values.map { value -> Double in
            if value.isNaN { return .nan }
            let directed = directed(value)
            guard quantity == .voxel || directed > 0 else { return 1 }
            return LogProbability.p(fitted.logP(of: directed))
        }
        return StatisticMap(
            .p(tail, .familyWiseError, .permutationFit(quantity)), mask: observed.mask, values: values)
    }

    /// The Monte-Carlo interval of a p-value of this result; `nil` where p is exact, or too small to be reached by
    /// this many shuffles.
    public func interval(ofP p: Double) -> MonteCarloInterval? {
        guard p.isFinite else { return nil }
        let reaching = Int((p * Double(shuffleCount)).rounded())
        guard reaching >= 1 else { return nil }
        return MonteCarloInterval(reaching: reaching, of: shuffleCount, isExhaustive: isExact)
    }

    /// The least value that is significant at `alpha`, in the direction of the tail: a voxel has a family-wise p
    /// of at most `alpha` exactly when its value reaches this one.
    ///
    /// With N shuffles at most `k = floor(alpha N)` maxima may reach a significant value, so this is the least
    /// value that the (k+1)-th greatest maximum does not reach, ties counting as reaching. `nil` where not even
    /// the identity's own maximum may reach it.
    public func familyWiseThreshold(alpha: Double) -> Double? {
        let allowed = Int((alpha * Double(maxima.count) * (1 + 1e-12)).rounded(.down))
        guard allowed >= 1 else { return nil }
        guard allowed < maxima.count else { return -.infinity }
        return TieRule.beyond(maxima.sorted(by: >)[allowed])
    }

    private func p(_ counts: [Int], _ correction: Correction) -> StatisticMap {
        let total = Double(maxima.count)
        let values = zip(counts, observed.values).map { $1.isNaN ? .nan : Double($0) / total }
        return StatisticMap(.p(tail, correction, .permutation(quantity)), mask: observed.mask, values: values)
    }
}
