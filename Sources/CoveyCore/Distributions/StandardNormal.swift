#if canImport(Darwin)
    import Darwin
#elseif canImport(Musl)
    import Musl
#else
    import Glibc
#endif

/// The standard normal distribution, with areas as natural logarithms so that no finite deviate underflows.
///
/// Relative error of `ln p` and of z: below 1e-14 for |z| up to 1e8.
public enum StandardNormal {
    private static let sqrtHalf = 0.70710678118654752440
    private static let logSqrtTwoPi = 0.91893853320467274178

    /// `ln` of the density at z.
    public static func logDensity(_ z: Double) -> Double { -0.5 * z * z - logSqrtTwoPi }

    /// `ln P(Z >= z)`. Near z = -infinity, where p is almost 1, it is accurate in relative terms too.
    public static func logSurvival(_ z: Double) -> Double {
        if z < -0.5 { return log1p(-0.5 * erfc(-z * sqrtHalf)) }
        if z < 30 { return log(0.5 * erfc(z * sqrtHalf)) }
        if z == .infinity || z.isNaN { return -z }
        // Abramowitz and Stegun 26.2.12: beyond 30 the sixth term of the expansion is below 1e-16.
        let r = 1 / (z * z)
        let series = -r * (1 - r * (3 - r * (15 - r * (105 - r * 945))))
        return -0.5 * z * z - logSqrtTwoPi - log(z) + log1p(series)
    }

    /// `ln P(Z <= z)`.
    public static func logCumulative(_ z: Double) -> Double { logSurvival(-z) }

    /// `ln P(|Z| >= |z|)`, accurate in relative terms near z = 0, where p is almost 1.
    public static func logTwoSided(_ z: Double) -> Double {
        let size = abs(z)
        return size < 0.5 ? log1p(-erf(size * sqrtHalf)) : LogProbability.ln2 + logSurvival(size)
    }

    /// The z with `ln P(Z >= z) = logP`; infinite at `logP` = 0 and -infinity, NaN above 0.
    public static func quantile(logSurvival logP: Double) -> Double {
        quantile(logP: logP, logTwiceP: (logP + LogProbability.ln2) + LogProbability.ln2Remainder)
    }

    /// The z with `-log10 P(Z >= z) = value`.
    public static func quantile(negativeLog10Survival value: Double) -> Double {
        // log10 2 in two parts, so that z is accurate in relative terms where p is almost 1/2.
        let logTwiceP = ((0.30102999566398119802 - value) - 2.8037281277851704e-18) * LogProbability.ln10
        return quantile(logP: LogProbability.fromNegativeLog10(value), logTwiceP: logTwiceP)
    }

    /// The z with `P(Z >= z) = p`; infinite at 0 and 1, NaN outside.
    public static func quantile(survival p: Double) -> Double {
        let central = 0.5 - p
        if abs(central) <= centralLimit { return deviate(central: central) }
        return p < 0.5 ? deviate(logTail: log(p)) : -deviate(logTail: log(1 - p))
    }

    /// The z >= 0 with `ln P(|Z| >= z) = logP`.
    public static func quantile(logTwoSided logP: Double) -> Double {
        let central = -0.5 * expm1(logP)
        if central <= centralLimit { return central >= 0 ? deviate(central: central) : .nan }
        return deviate(logTail: logP - LogProbability.ln2)
    }

    private static func quantile(logP: Double, logTwiceP: Double) -> Double {
        let central = -0.5 * expm1(logTwiceP)
        if abs(central) <= centralLimit { return deviate(central: central) }
        if central > 0 { return deviate(logTail: logP) }
        guard logP <= 0 else { return .nan }
        return -deviate(logTail: LogProbability.complement(logP))
    }

    // MARK: Wichura (1988), Applied Statistics 37:477-484, algorithm AS 241, PPND16.

    /// The largest `P(0 < Z < z)` for which ``deviate(central:)`` may be used.
    static let centralLimit = 0.425

    /// The z with `P(0 < Z < z) = central`, odd in `central`, accurate in relative terms at 0.
    static func deviate(central: Double) -> Double {
        let r = 0.180625 - central * central
        let n0 = ((2509.0809287301226727 * r + 33430.575583588128105) * r + 67265.770927008700853) * r
        let n1 = ((n0 + 45921.953931549871457) * r + 13731.693765509461125) * r + 1971.5909503065514427
        let numerator = (n1 * r + 133.14166789178437745) * r + 3.387132872796366608
        let d0 = ((5226.495278852854561 * r + 28729.085735721942674) * r + 39307.89580009271061) * r
        let d1 = ((d0 + 21213.794301586595867) * r + 5394.1960214247511077) * r + 687.1870074920579083
        let denominator = (d1 * r + 42.313330701600911252) * r + 1
        return central * numerator / denominator
    }

    /// The z with `ln P(Z >= z) = logP`, for logP below `ln(1/2 - centralLimit)`.
    static func deviate(logTail logP: Double) -> Double {
        let root = (-logP).squareRoot()
        if root <= 5 {
            let r = root - 1.6
            let n0 =
                ((7.7454501427834140764e-4 * r + 0.0227238449892691845833) * r + 0.24178072517745061177) * r
            let n1 = ((n0 + 1.27045825245236838258) * r + 3.64784832476320460504) * r + 5.7694972214606914055
            let numerator = (n1 * r + 4.6303378461565452959) * r + 1.42343711074968357734
            let d0 =
                ((1.05075007164441684324e-9 * r + 5.475938084995344946e-4) * r + 0.0151986665636164571966) * r
            let d1 = ((d0 + 0.14810397642748007459) * r + 0.68976733498510000455) * r + 1.6763848301838038494
            let denominator = (d1 * r + 2.05319162663775882187) * r + 1
            return numerator / denominator
        }
        if root <= 27 {
            let r = root - 5
            let n0 =
                ((2.01033439929228813265e-7 * r + 2.71155556874348757815e-5) * r + 0.0012426609473880784386)
                * r
            let n1 = ((n0 + 0.026532189526576123093) * r + 0.29656057182850489123) * r + 1.7848265399172913358
            let numerator = (n1 * r + 5.4637849111641143699) * r + 6.6579046435011037772
            let d0 =
                ((2.04426310338993978564e-15 * r + 1.4215117583164458887e-7) * r + 1.8463183175100546818e-5)
                * r
            let d1 =
                ((d0 + 7.868691311456132591e-4) * r + 0.0148753612908506148525) * r + 0.13692988092273580531
            let denominator = (d1 * r + 0.59983220655588793769) * r + 1
            return numerator / denominator
        }
        if root > 1e100 { return root * 2.0.squareRoot() }
        // Past the reach of the rational fits Newton on ln P, which is almost a parabola in z: its slope is
        // -(z + 1/z) to a relative 2/z^4, so that three steps from an error of 1e-3 leave only rounding.
        var z = (-2 * logP - log(-4 * Double.pi * logP)).squareRoot()
        for _ in 0..<3 { z += (logSurvival(z) - logP) / (z + 1 / z) }
        return z
    }
}
