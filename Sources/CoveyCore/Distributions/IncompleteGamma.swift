#if canImport(Darwin)
    import Darwin
#elseif canImport(Musl)
    import Musl
#else
    import Glibc
#endif

/// The regularised incomplete gamma functions `P(a, x)` and `Q(a, x) = 1 - P(a, x)`, as natural logarithms.
///
/// The power series below the mean, Legendre's continued fraction above it, with the density in Loader's
/// saddle-point form.
public struct IncompleteGamma: Sendable, Hashable {
    /// The shape parameter.
    public let a: Double
    private let logFront: Double

    /// The function of shape a.
    ///
    /// - Precondition: positive and finite.
    public init(a: Double) {
        precondition(a > 0 && a.isFinite, "incomplete gamma of shape \(a)")
        self.a = a
        logFront = 0.5 * log(a) - Saddle.logSqrtTwoPi - Saddle.stirlingError(a)
    }

    /// `ln P(a, x)`: the area below x.
    public func logLower(_ x: Double) -> Double { areas(x).logLower }

    /// `ln Q(a, x)`: the area above x.
    public func logUpper(_ x: Double) -> Double { areas(x).logUpper }

    private func areas(_ x: Double) -> TailAreas {
        guard !x.isNaN else { return .none }
        guard x > 0 else { return TailAreas(logSmaller: -.infinity, central: 0.5, upperIsSmaller: false) }
        guard x < .infinity else {
            return TailAreas(logSmaller: -.infinity, central: 0.5, upperIsSmaller: true)
        }
        // x^a e^-x / Gamma(a)
        let logPrefix = logFront - x * Saddle.deviance((a - x) / x)
        if x < a + 1 {
            var (term, sum, k) = (1 / a, 1 / a, a)
            repeat {
                k += 1
                term *= x / k
                sum += term
            } while term > 1e-17 * sum
            return IncompleteBeta.areas(logDirect: logPrefix + log(sum), isUpper: false)
        }
        var (b, d) = (x + 1 - a, 1 / (x + 1 - a))
        var (c, fraction) = (1e300, d)
        var k = 1.0
        while true {
            let numerator = -k * (k - a)
            b += 2
            d = 1 / (numerator * d + b)
            c = b + numerator / c
            fraction *= c * d
            if abs(c * d - 1) < 2e-16 { break }
            k += 1
            precondition(k < 1e6, "no convergence of the incomplete gamma fraction for \(a), \(x)")
        }
        return IncompleteBeta.areas(logDirect: logPrefix + log(fraction), isUpper: true)
    }
}
