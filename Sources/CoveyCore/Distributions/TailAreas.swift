#if canImport(Darwin)
    import Darwin
#elseif canImport(Musl)
    import Musl
#else
    import Glibc
#endif

/// The two areas that a point cuts a distribution into, held by the smaller one, so that both, and the normal
/// deviate, are accurate in relative terms.
public struct TailAreas: Sendable, Hashable {
    /// The natural logarithm of the smaller area.
    public let logSmaller: Double
    /// 1/2 minus the smaller area; accurate in relative terms near the median where the caller could see it.
    let central: Double
    /// Whether the smaller area lies above the point.
    public let upperIsSmaller: Bool

    /// `ln` of the area at and above the point: `ln P(T >= t)`.
    public var logUpper: Double { upperIsSmaller ? logSmaller : logLarger }

    /// `ln` of the area at and below the point: `ln P(T <= t)`.
    public var logLower: Double { upperIsSmaller ? logLarger : logSmaller }

    /// `ln` of twice the smaller area: `ln P(|T| >= |t|)` where the distribution is symmetric about 0.
    public var logTwoSided: Double {
        central < 0.25 ? log1p(-2 * central) : LogProbability.ln2 + logSmaller
    }

    /// The standard normal deviate that cuts off the same areas.
    public var z: Double {
        let size =
            central <= StandardNormal.centralLimit
            ? StandardNormal.deviate(central: central) : StandardNormal.deviate(logTail: logSmaller)
        return upperIsSmaller ? size : -size
    }

    private var logLarger: Double {
        central < 0.25 ? log(0.5 + central) : log1p(-exp(logSmaller))
    }

    /// What a statistic that is not there has: NaN all over.
    static let none = TailAreas(logSmaller: .nan, central: .nan, upperIsSmaller: true)
}
