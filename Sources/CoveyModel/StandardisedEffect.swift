import CoveyCore

#if canImport(Darwin)
    import Darwin
#elseif canImport(Musl)
    import Musl
#else
    import Glibc
#endif

/// The size of a t contrast in units that can be compared between studies, with a confidence interval.
public struct StandardisedEffect: Sendable, Hashable {
    /// The estimate.
    public let value: Double
    /// The lower bound.
    public let low: Double
    /// The upper bound.
    public let high: Double

    /// Hedges' g of a mean or a difference of means: `g = J d`, `d = t |m|` with `|m|^2 = c'(X'X)^-1 c`.
    ///
    /// The interval is that of the noncentrality of t (Steiger and Fouladi 1997; Cumming and Finch 2001), times
    /// `J |m|`; it is exact for normal errors. `nil` where t is not a number or J is not defined.
    ///
    /// - Parameters:
    ///   - t: the statistic.
    ///   - scale: `|m|`, see ``ContrastPartition/effectScale``.
    public static func hedgesG(
        t: Double, degreesOfFreedom nu: Double, scale: Double, confidence: Double = 0.95
    ) -> StandardisedEffect? {
        guard t.isFinite, let correction = hedgesCorrection(degreesOfFreedom: nu) else { return nil }
        let tail = 0.5 * (1 - confidence)
        func bound(_ p: Double) -> Double {
            correction * scale * NoncentralT.noncentrality(cumulative: p, at: t, degreesOfFreedom: nu)
        }
        return StandardisedEffect(
            value: correction * scale * t, low: bound(1 - tail), high: bound(tail))
    }

    /// The partial correlation `r = t / sqrt(t^2 + nu)`, its interval by Fisher's z with `nu - 1` in the variance
    /// (Fisher 1924, Metron 3:329-332): the number of subjects less the controlled columns less 3.
    ///
    /// `nil` where t is not a number or `nu <= 1`.
    public static func partialR(
        t: Double, degreesOfFreedom nu: Double, confidence: Double = 0.95
    ) -> StandardisedEffect? {
        guard t.isFinite, nu > 1 else { return nil }
        let r = t / (t * t + nu).squareRoot()
        let half =
            StandardNormal.quantile(logTwoSided: LogProbability.fromP(1 - confidence)) / (nu - 1).squareRoot()
        let z = asinh(t / nu.squareRoot())
        return StandardisedEffect(value: r, low: tanh(z - half), high: tanh(z + half))
    }
}

/// What a fit says against effects that matter: tests of equivalence.
public enum Equivalence {
    /// The largest effect in the direction of the tail that is not ruled out: every greater one is rejected at level
    /// `alpha`.
    ///
    /// Two-sided: `|b| + q se`, so that effects beyond either sign of it are rejected, each by a one-sided test (Schuirmann
    /// 1987, Journal of Pharmacokinetics and Biopharmaceutics 15:657-680; Lakens 2017, Social Psychological and
    /// Personality Science 8:355-362). One-sided: the upper bound of `b` (of `-b`), at least 0. q is the `1 - alpha`
    /// quantile of t.
    public static func largestNotRuledOut(
        effect b: Double, standardError: Double, quantile q: Double, tail: Tail
    ) -> Double {
        switch tail {
        case .twoSided: abs(b) + q * standardError
        case .greater: max(0, b + q * standardError)
        case .less: max(0, -b + q * standardError)
        }
    }

    /// `ln p` that the effect is as large as `smallest` in size, or larger: the greater p of two one-sided tests, or that
    /// of the one side under test.
    public static func logP(
        effect b: Double, standardError: Double, smallest: Double, degreesOfFreedom: Double, tail: Tail
    ) -> Double {
        let t = StudentT(degreesOfFreedom: degreesOfFreedom)
        let nearest = tail == .twoSided ? abs(b) : tail == .greater ? b : -b
        return t.logSurvival((smallest - nearest) / standardError)
    }
}
