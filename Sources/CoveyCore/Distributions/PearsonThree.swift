#if canImport(Darwin)
    import Darwin
#elseif canImport(Musl)
    import Musl
#else
    import Glibc
#endif

/// The Pearson type III distribution: a gamma distribution, shifted, scaled, and mirrored where the skewness is
/// negative, so that its first three moments are the given ones.
///
/// With skewness g the standardised variable is `2 / |g|` below the mean of a gamma variable of shape `4 / g^2`
/// in units of `|g| / 2`. Positively skewed it begins at `mean - 2 sd / g`, negatively skewed it ends there.
/// Where |g| is below 1e-4 the normal distribution stands in: the relative error of p is then below
/// `1e-4 z^3 / 6`.
public struct PearsonThree: Sendable, Hashable, Codable {
    /// The mean.
    public let mean: Double
    /// The standard deviation.
    public let standardDeviation: Double
    /// The skewness, the third central moment over the cube of the standard deviation.
    public let skewness: Double

    /// The distribution with the given moments.
    ///
    /// - Precondition: all are finite and the standard deviation is positive.
    public init(mean: Double, standardDeviation: Double, skewness: Double) {
        precondition(
            mean.isFinite && skewness.isFinite && standardDeviation > 0 && standardDeviation.isFinite,
            "moments \(mean), \(standardDeviation), \(skewness)")
        self.mean = mean
        self.standardDeviation = standardDeviation
        self.skewness = skewness
    }

    /// The greatest possible value: finite where the skewness is negative.
    public var upperEnd: Double {
        skewness <= -Self.leastSkewness ? mean - 2 * standardDeviation / skewness : .infinity
    }

    /// `ln P(X >= x)`: 0 below the support, -infinity at and beyond ``upperEnd``.
    public func logSurvival(_ x: Double) -> Double {
        let z = (x - mean) / standardDeviation
        guard abs(skewness) >= Self.leastSkewness else { return StandardNormal.logSurvival(z) }
        let gamma = IncompleteGamma(a: 4 / (skewness * skewness))
        let y = gamma.a + 2 * z / skewness
        return skewness > 0 ? gamma.logUpper(y) : gamma.logLower(y)
    }

    private static let leastSkewness = 1e-4
}
