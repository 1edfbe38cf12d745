#if canImport(Darwin)
    import Darwin
#elseif canImport(Musl)
    import Musl
#else
    import Glibc
#endif

/// The pieces of Loader's saddle-point form of the gamma function: nothing large is ever subtracted.
///
/// Loader (2000), Fast and accurate computation of binomial probabilities.
enum Saddle {
    static let logSqrtTwoPi = 0.91893853320467274178

    /// `ln Gamma(a) - [(a - 1/2) ln a - a + ln sqrt(2 pi)]` for a > 0.
    static func stirlingError(_ a: Double) -> Double {
        var a = a
        var shift = 0.0
        while a < 16 {
            shift += (a + 0.5) * log1p(1 / a) - 1
            a += 1
        }
        let r = 1 / (a * a)
        let tail = 1.0 / 1680 - r * (1.0 / 1188 - r * (691.0 / 360360))
        return shift + (1.0 / 12 - r * (1.0 / 360 - r * (1.0 / 1260 - r * tail))) / a
    }

    /// `(1 + d) ln(1 + d) - d`, the deviance of one cell whose count exceeds its mean by the share d > -1;
    /// accurate in relative terms at d = 0.
    static func deviance(_ d: Double) -> Double {
        guard abs(d) < 0.25 else { return (1 + d) * log1p(d) - d }
        let v = d / (2 + d)
        var power = 2 * (1 + d) * v
        var sum = d * v
        var k = 3.0
        while true {
            power *= v * v
            let next = sum + power / k
            if next == sum { return sum }
            sum = next
            k += 2
        }
    }
}

/// `ln Gamma(a)` for a > 0, without the global sign that the C function writes.
///
/// The error is a few 1e-16 of the largest of 1, a and `a ln a`.
public func logGamma(_ a: Double) -> Double {
    precondition(a > 0, "logGamma(\(a))")
    return (a - 0.5) * log(a) - a + Saddle.logSqrtTwoPi + Saddle.stirlingError(a)
}
