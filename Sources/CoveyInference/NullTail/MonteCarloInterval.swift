import CoveyCore

#if canImport(Darwin)
    import Darwin
#elseif canImport(Musl)
    import Musl
#else
    import Glibc
#endif

/// The exact interval of a permutation p for the chance in which shuffles were drawn.
///
/// Of n random shuffles b reached the observed statistic; the share that would, of all possible shuffles, is
/// binomial. The interval of Clopper and Pearson (1934, Biometrika 26:404-413) holds that share with at least
/// the given confidence:
///
///     lower: I_x(b, n - b + 1) = (1 - confidence) / 2,    0 where b = 0
///     upper: I_x(b + 1, n - b) = (1 + confidence) / 2,    1 where b = n
///
/// The p that is reported, `(b + 1) / (n + 1)`, counts the identity and always lies between the bounds when
/// the confidence is 1/2 or more. Exhaustive shuffles have no such error and no interval.
public struct MonteCarloInterval: Sendable, Hashable, Codable {
    /// The lower bound of p.
    public let lower: Double
    /// The upper bound of p.
    public let upper: Double
    /// The least probability with which the interval holds the p of all shuffles.
    public let confidence: Double

    /// The interval for `exceedances` of `shuffles` random shuffles, neither of them counting the identity.
    ///
    /// - Precondition: `0 <= exceedances <= shuffles`, `shuffles > 0`, and confidence between 0 and 1.
    public init(exceedances: Int, shuffles: Int, confidence: Double = 0.95) {
        precondition(
            shuffles > 0 && exceedances >= 0 && exceedances <= shuffles, "\(exceedances) of \(shuffles)")
        precondition(confidence > 0 && confidence < 1, "confidence \(confidence)")
        self.confidence = confidence
        let (b, n) = (Double(exceedances), Double(shuffles))
        let tail = 0.5 * (1 - confidence)
        lower =
            exceedances == 0
            ? 0 : exp(IncompleteBeta(a: b, b: n - b + 1).logQuantile(logLower: log(tail)))
        upper =
            exceedances == shuffles
            ? 1 : exp(IncompleteBeta(a: b + 1, b: n - b).logQuantile(logLower: log1p(-tail)))
    }

    /// The interval for a p counted over N shuffles of which `reaching` reach the statistic, the identity
    /// included in both; `nil` where the shuffles are exhaustive or the identity is alone.
    public init?(reaching: Int, of count: Int, isExhaustive: Bool, confidence: Double = 0.95) {
        guard !isExhaustive, count > 1 else { return nil }
        self.init(exceedances: reaching - 1, shuffles: count - 1, confidence: confidence)
    }
}
