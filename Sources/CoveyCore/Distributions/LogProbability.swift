#if canImport(Darwin)
    import Darwin
#elseif canImport(Musl)
    import Musl
#else
    import Glibc
#endif

/// Conversions of probabilities that are kept as natural logarithms, so that none underflows.
public enum LogProbability {
    /// `ln 2`.
    public static let ln2 = 0.693147180559945309417
    /// What `ln2` lost to rounding.
    static let ln2Remainder = 2.319046813846299558e-17
    /// `ln 10`.
    public static let ln10 = 2.302585092994045684018

    /// p from `ln p`; 0 where p is below the range of Double.
    public static func p(_ logP: Double) -> Double { exp(logP) }

    /// `ln p` from p.
    public static func fromP(_ p: Double) -> Double { log(p) }

    /// `-log10 p` from `ln p`: finite and not negative for every p in (0, 1], never `-0`.
    public static func negativeLog10(_ logP: Double) -> Double { 0 - logP / ln10 }

    /// `ln p` from `-log10 p`.
    public static func fromNegativeLog10(_ value: Double) -> Double { 0 - value * ln10 }

    /// `ln(1 - p)` from `ln p`, accurate in relative terms at both ends.
    ///
    /// Mächler (2012), Accurately computing log(1 - exp(-|a|)).
    public static func complement(_ logP: Double) -> Double {
        logP > -ln2 ? log(-expm1(logP)) : log1p(-exp(logP))
    }
}
