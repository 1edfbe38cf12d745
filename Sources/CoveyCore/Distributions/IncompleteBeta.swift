#if canImport(Darwin)
    import Darwin
#elseif canImport(Musl)
    import Musl
#else
    import Glibc
#endif

/// The regularised incomplete beta function `I_x(a, b)` and its complement, as natural logarithms.
///
/// The continued fraction of Didonato and Morris (1992, ACM TOMS 18:360-373, eq. 9) times the density in
/// Loader's saddle-point form. The fraction is used on the side of the mean where it converges, and serves
/// that tail directly; the other one follows from it.
public struct IncompleteBeta: Sendable, Hashable {
    /// The first shape parameter.
    public let a: Double
    /// The second shape parameter.
    public let b: Double
    /// `ln` of what stands before `exp(-deviance)` in `x^a (1 - x)^b / B(a, b)`.
    private let logFront: Double

    /// The function of shape (a, b).
    ///
    /// - Precondition: both are positive and finite.
    public init(a: Double, b: Double) {
        precondition(a > 0 && b > 0 && a.isFinite && b.isFinite, "incomplete beta of shape \(a), \(b)")
        self.a = a
        self.b = b
        let n = a + b
        logFront =
            0.5 * log(a / n * b) - Saddle.logSqrtTwoPi
            + (Saddle.stirlingError(n) - Saddle.stirlingError(a) - Saddle.stirlingError(b))
    }

    /// `-ln B(a, b)`.
    var logInverseBeta: Double { logFront + a * log1p(b / a) + b * log1p(a / b) }

    /// `ln I_x(a, b)` for x in 0...1.
    public func logLower(_ x: Double) -> Double { areas(x).logLower }

    /// `ln(1 - I_x(a, b))` for x in 0...1.
    public func logUpper(_ x: Double) -> Double { areas(x).logUpper }

    private func areas(_ x: Double) -> TailAreas {
        guard !x.isNaN else { return .none }
        guard x > 0 && x < 1 else {
            return TailAreas(logSmaller: -.infinity, central: 0.5, upperIsSmaller: x >= 1)
        }
        return areas(x: x, y: 1 - x, excess: a - (a + b) * x)
    }

    /// Both areas at x, where `y = 1 - x` and `excess = a y - b x` are known without cancellation.
    ///
    /// - Precondition: x and y are normal positive numbers.
    func areas(x: Double, y: Double, excess: Double) -> TailAreas {
        let n = a + b
        let deviance =
            n * (x * Saddle.deviance(excess / (n * x)) + y * Saddle.deviance(-excess / (n * y)))
        let logPrefix = logFront - deviance
        let lowerIsDirect = excess > 2 * x - 1
        let fraction =
            lowerIsDirect
            ? Self.fraction(a: a, b: b, x: x, y: y, excess: excess)
            : Self.fraction(a: b, b: a, x: y, y: x, excess: -excess)
        return Self.areas(logDirect: logPrefix - log(fraction), isUpper: !lowerIsDirect)
    }

    /// Both areas from the logarithm of one.
    static func areas(logDirect: Double, isUpper: Bool) -> TailAreas {
        let direct = exp(logDirect)
        return direct <= 0.5
            ? TailAreas(logSmaller: logDirect, central: 0.5 - direct, upperIsSmaller: isUpper)
            : TailAreas(logSmaller: log1p(-direct), central: direct - 0.5, upperIsSmaller: !isUpper)
    }

    /// The continued fraction K with `I_x(a, b) = x^a y^b / (B(a, b) K)`, by its forward recurrence.
    ///
    /// The distance between successive convergents is known exactly as a product, so the loop ends when
    /// the next one cannot be told apart. The number of steps grows as the root of the larger parameter.
    static func fraction(a: Double, b: Double, x: Double, y: Double, excess: Double) -> Double {
        let (head, slope, xx) = (excess + 1, 1 + y, x * x)
        var inverse = 1 / (a + 1)
        var (p0, q0, p1, q1) = (1.0, 0.0, a * inverse * head, 1.0)
        var determinant = 1.0
        var m = 1.0
        while true {
            let share = m * (b - m) * inverse
            let alpha = (a + m - 1) * (a + b + m - 1) * share * inverse * xx
            inverse = 1 / (a + 2 * m + 1)
            let beta = m + share * x + (a + m) * (head + m * slope) * inverse
            let (p2, q2) = (beta * p1 + alpha * p0, beta * q1 + alpha * q0)
            determinant *= alpha
            if abs(determinant) <= 1e-17 * abs(p2 * q1) { return p2 / q2 }
            (p0, q0, p1, q1) = (p1, q1, p2, q2)
            if abs(q1) > 0x1p400 {
                p0 *= 0x1p-400
                q0 *= 0x1p-400
                p1 *= 0x1p-400
                q1 *= 0x1p-400
                determinant *= 0x1p-800
            }
            m += 1
            precondition(m < 1e6, "no convergence of the incomplete beta fraction for \(a), \(b), \(x)")
        }
    }
}
