#if canImport(Darwin)
    import Darwin
#elseif canImport(Musl)
    import Musl
#else
    import Glibc
#endif

/// How the upper tail of a permutation distribution is told.
public enum TailMethod: String, Sendable, Codable, CaseIterable {
    /// By counting.
    case empirical
    /// By a generalised Pareto fit to the greatest values, see ``GeneralizedParetoTail``.
    case generalizedPareto = "generalized-pareto"
    /// By a gamma distribution with the first three moments, see ``GammaApproximation``.
    case gamma
}

/// p-values from the maxima (or from one voxel's statistics) of N shuffles, the first of them the identity.
///
/// Counting gives `k / N` for k of N values that reach the statistic, the identity included; a value reaches
/// it when it falls short by at most 1e-9 of it. Where that p is below ``empiricalAbove`` an approximation may
/// refine it. The identity is left out of what is fitted: a strong effect would bend the fit, and without an
/// effect one value of N matters little.
///
/// A fitted p is an estimate: counting is exactly valid whatever N, a fit is not. Measured on maxima of 2,000
/// independent z, t(20) and t(5), with N of 500 to 5,000, the root mean square error of `log10 p` is
///
///     true p              50/N    5/N          1/N          1/(2N)
///     Pareto              0.05    0.15-0.25    0.25-0.5     0.3-0.5
///     gamma, z            0.05    0.1-0.2      0.15-0.3     0.15-0.3
///     gamma, t(5)         0.05-0.15  0.25-0.35    0.55-0.7     0.55-0.65
///
/// with p near 1/N too small by a factor of 1.5 on average (Pareto), or of up to 3.5 (gamma on t(5), where three
/// moments do not make the tail, and nothing in the fit warns of it). So no p is given below ``floor``,
/// `1 / (10 N)`, and never 0. Exhaustive shuffles leave nothing to estimate and are always counted.
public struct NullTail: Sendable {
    /// What tells the tail, after every check.
    public enum Fit: Sendable, Hashable {
        /// Counting alone.
        case empirical(Reason)
        /// A generalised Pareto fit that passed its test.
        case generalizedPareto(GeneralizedParetoTail)
        /// Three moments.
        case gamma(GammaApproximation)
    }

    /// Why counting alone tells the tail.
    public enum Reason: String, Sendable, Hashable, Codable {
        /// Counting was asked for.
        case asked
        /// Every distinct shuffle was used, so that counting is exact.
        case exhaustive
        /// The sample is too small to be fitted.
        case fewShuffles = "few-shuffles"
        /// No threshold gave a fit that passed the goodness-of-fit test, or the values have no spread.
        case noAcceptableFit = "no-acceptable-fit"
    }

    /// One p-value.
    public struct Estimate: Sendable, Hashable {
        /// `ln p`.
        public let logP: Double
        /// What gave it.
        public let method: TailMethod
        /// Whether the fit gave less than ``NullTail/floor``, which stands in its place.
        public let isFloor: Bool
    }

    /// Counted p-values from here on are not refined.
    public static let empiricalAbove = 0.1
    /// By what factor below 1/N a fitted p may lie.
    public static let reach = 10.0

    /// The method asked for.
    public let method: TailMethod
    /// What tells the tail.
    public let fit: Fit
    /// The values in descending order, the identity's included.
    private let descending: [Double]

    /// The tail of the values of N shuffles, entry 0 being the identity's.
    ///
    /// - Precondition: at least one value, none NaN.
    public init(maxima: [Double], method: TailMethod, isExhaustive: Bool = false) {
        precondition(!maxima.isEmpty && !maxima.contains { $0.isNaN }, "maxima must be numbers")
        self.method = method
        descending = maxima.sorted(by: >)
        fit =
            isExhaustive && method != .empirical
            ? .empirical(.exhaustive) : Self.fit(Array(maxima.dropFirst()), by: method)
    }

    /// Number of shuffles, the identity included.
    public var count: Int { descending.count }

    /// The least p that can be given: `1 / N` by counting, `1 / (10 N)` by a fit.
    public var floor: Double {
        if case .empirical = fit { 1 / Double(count) } else { 1 / (Self.reach * Double(count)) }
    }

    /// How many of the N values reach x, at least 1: the identity's own statistic is among those counted.
    public func reaching(_ x: Double) -> Int {
        let least = TieRule.threshold(x)
        var (low, high) = (0, descending.count)
        while low < high {
            let middle = (low + high) / 2
            if descending[middle] >= least { low = middle + 1 } else { high = middle }
        }
        return max(1, low)
    }

    /// `ln p` of an observed statistic; NaN for NaN.
    public func logP(of x: Double) -> Double { estimate(of: x).logP }

    /// p of an observed statistic, and what gave it. NaN for NaN, by counting.
    ///
    /// A fit speaks only where counting gives less than ``empiricalAbove`` and x lies above the fit's
    /// threshold. p never grows with x where one method speaks; where the methods meet it may step.
    public func estimate(of x: Double) -> Estimate {
        guard !x.isNaN else { return Estimate(logP: .nan, method: .empirical, isFloor: false) }
        let counted = Double(reaching(x)) / Double(count)
        let empirical = Estimate(logP: log(counted), method: .empirical, isFloor: false)
        guard counted < Self.empiricalAbove else { return empirical }
        let logP: Double
        switch fit {
        case .empirical: return empirical
        case .generalizedPareto(let tail):
            guard x > tail.threshold else { return empirical }
            // The identity counts as one more exceedance, as it does in the counted p.
            let share = Double(tail.exceedanceCount + 1) / Double(count)
            logP = log(share) + tail.distribution.logSurvival(x - tail.threshold)
        case .gamma(let approximation): logP = approximation.logSurvival(x)
        }
        let logFloor = log(floor)
        return Estimate(logP: max(logP, logFloor), method: method, isFloor: logP < logFloor)
    }

    private static func fit(_ sample: [Double], by method: TailMethod) -> Fit {
        switch method {
        case .empirical: return .empirical(.asked)
        case .generalizedPareto:
            guard sample.count >= 4 * GeneralizedParetoTail.leastExceedances else {
                return .empirical(.fewShuffles)
            }
            return GeneralizedParetoTail(sample: sample).map { .generalizedPareto($0) }
                ?? .empirical(.noAcceptableFit)
        case .gamma:
            guard sample.count >= GammaApproximation.leastSample else { return .empirical(.fewShuffles) }
            return GammaApproximation(sample: sample).map { .gamma($0) } ?? .empirical(.noAcceptableFit)
        }
    }
}
