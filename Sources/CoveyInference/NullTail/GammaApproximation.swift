public import CoveyCore

/// A null sample as a gamma distribution with its first three moments.
///
/// Mean, variance (divisor n - 1) and skewness (divisor n) of the sample choose a ``PearsonThree``
/// distribution (Winkler et al. 2016, NeuroImage 141:502-516, section 2.6). The paper has no test of the fit,
/// and there is none here: the sample's maximum-likelihood tail is ``GeneralizedParetoTail``, which has one.
public struct GammaApproximation: Sendable, Hashable, Codable {
    /// The distribution with the sample's moments.
    public let distribution: PearsonThree
    /// How many values the sample has.
    public let sampleCount: Int

    /// The fewest values that are fitted; the skewness of fewer is noise.
    public static let leastSample = 50

    /// The approximation of a sample; `nil` below ``leastSample`` values, without variance, or with a value
    /// that is not finite.
    public init?(sample: [Double]) {
        guard sample.count >= Self.leastSample, sample.allSatisfy(\.isFinite) else { return nil }
        let n = Double(sample.count)
        let mean = sample.reduce(0, +) / n
        var (squares, cubes) = (0.0, 0.0)
        for value in sample {
            let d = value - mean
            squares += d * d
            cubes += d * d * d
        }
        // What is left of equal values is rounding, not variance.
        let size = sample.reduce(0) { max($0, abs($1)) }
        guard (squares / n).squareRoot() > 1e-12 * size else { return nil }
        let population = squares / n
        sampleCount = sample.count
        distribution = PearsonThree(
            mean: mean, standardDeviation: (squares / (n - 1)).squareRoot(),
            skewness: cubes / n / (population * population.squareRoot()))
    }

    /// `ln P(X >= x)`; -infinity at and beyond the end of a negatively skewed distribution.
    public func logSurvival(_ x: Double) -> Double { distribution.logSurvival(x) }
}
