#if canImport(Darwin)
    import Darwin
#elseif canImport(Musl)
    import Musl
#else
    import Glibc
#endif

/// Student's t of a mean that is not 0: `T = (Z + delta) / sqrt(V / nu)`, Z standard normal and V chi-squared with nu
/// degrees of freedom, independent. Confidence intervals of standardised effects come from it.
///
/// With `s = exp(u)` the square root of `V / nu`,
///
///     P(T <= t) = integral of Phi(t s - delta) f(u) du,   f(u) proportional to exp(nu u - nu exp(2u) / 2)
///
/// by the trapezoidal rule on all u where f is not negligible: it converges exponentially for such integrands, has no
/// series to cancel, and keeps about 13 digits for any delta (the recursions of AS 243 lose all for large ones). Its
/// step follows the narrower of f and Phi.
public struct NoncentralT: Sendable, Hashable {
    /// nu, positive.
    public let degreesOfFreedom: Double
    /// delta.
    public let noncentrality: Double

    /// A distribution.
    ///
    /// - Precondition: positive degrees of freedom, a finite noncentrality.
    public init(degreesOfFreedom: Double, noncentrality: Double) {
        precondition(degreesOfFreedom > 0 && degreesOfFreedom.isFinite && noncentrality.isFinite)
        self.degreesOfFreedom = degreesOfFreedom
        self.noncentrality = noncentrality
    }

    /// `P(T <= t)`.
    public func cumulative(_ t: Double) -> Double {
        precondition(t.isFinite)
        let nu = degreesOfFreedom
        func logWeight(_ u: Double) -> Double { nu * u - 0.5 * nu * expm1(2 * u) }
        let spread = 1 / (2 * nu).squareRoot()
        // The weight is analytic up to pi / 4 beside the axis: the error of the rule is exp(-2 pi (pi / 4) / step).
        let step = min(0.4 * spread, 0.15, 0.3 / (abs(t) + 1))
        var (sum, total) = (0.0, 0.0)
        // The weight is 1 at u = 0 and falls on either side.
        for side in [1.0, -1] {
            var k = side > 0 ? 0 : 1
            while true {
                let u = side * Double(k) * step
                let weight = exp(logWeight(u))
                guard weight > 1e-18 else { break }
                total += weight
                sum += weight * 0.5 * erfc((noncentrality - t * exp(u)) * 0.5.squareRoot())
                k += 1
            }
        }
        return sum / total
    }

    /// The noncentrality with which `P(T <= t) = p`; the bounds of a confidence interval of it are those with
    /// `p = 1 - alpha / 2` (lower) and `alpha / 2` (upper).
    ///
    /// - Precondition: p between 0 and 1, both excluded; positive degrees of freedom.
    public static func noncentrality(cumulative p: Double, at t: Double, degreesOfFreedom nu: Double)
        -> Double
    {
        precondition(p > 0 && p < 1 && t.isFinite)
        func excess(_ delta: Double) -> Double {
            NoncentralT(degreesOfFreedom: nu, noncentrality: delta).cumulative(t) - p
        }
        // The probability falls as delta grows.
        var width = 1 + abs(t) / nu.squareRoot()
        var (low, high) = (t - width, t + width)
        while excess(low) < 0 {
            low -= width
            width *= 2
        }
        while excess(high) > 0 {
            high += width
            width *= 2
        }
        while high - low > 1e-12 * max(1, abs(low), abs(high)) {
            let middle = 0.5 * (low + high)
            if middle <= low || middle >= high { break }
            if excess(middle) > 0 { low = middle } else { high = middle }
        }
        return 0.5 * (low + high)
    }
}

/// The factor that makes Cohen's d unbiased, `Gamma(nu / 2) / (sqrt(nu / 2) Gamma((nu - 1) / 2))`: Hedges (1981),
/// Journal of Educational Statistics 6:107-128. `nil` for one degree of freedom or less, where d has no mean.
public func hedgesCorrection(degreesOfFreedom nu: Double) -> Double? {
    guard nu > 1 else { return nil }
    return exp(lgamma(0.5 * nu) - lgamma(0.5 * (nu - 1))) / (0.5 * nu).squareRoot()
}
