public import CoveyCore

#if canImport(Darwin)
    import Darwin
#elseif canImport(Musl)
    import Musl
#else
    import Glibc
#endif

/// The upper tail of a null sample as a generalised Pareto distribution.
///
/// What lies above a threshold that leaves the greatest 25 % is fitted; where the Anderson-Darling test rejects
/// the fit at 5 %, the threshold rises by 1 % of the sample, until it passes or fewer than
/// ``leastExceedances`` values are left (Winkler et al. 2016, NeuroImage 141:502-516, section 2.5; Knijnenburg
/// et al. 2009, Bioinformatics 25:i161-i168). Then
///
///     P(X >= x) = share above the threshold * (1 + shape (x - threshold) / scale)^(-1 / shape)
///
/// The fit is by maximum likelihood, where the paper uses the method of moments, for three reasons: the table
/// of the Anderson-Darling test was made for it; its support holds every value that it was fitted to, which
/// that of the moments may not; and on maxima with a heavy tail (a cube of a gamma variable of shape 0.7, as
/// cluster masses have) the moments give p-values near 1e-3 that are 2 to 3 times too small, while the
/// likelihood errs to the safe side. On light tails the two are equally good. Shapes below -1/2, where the
/// likelihood is not regular, are not accepted.
public struct GeneralizedParetoTail: Sendable, Hashable, Codable {
    /// The threshold: half way between the smallest value fitted and the next smaller one.
    public let threshold: Double
    /// How many values of the sample lie above the threshold.
    public let exceedanceCount: Int
    /// How many values the sample has.
    public let sampleCount: Int
    /// The distribution of what exceeds the threshold.
    public let distribution: GeneralizedPareto
    /// Anderson and Darling's A^2 of the fit.
    public let andersonDarling: Double
    /// The p-value of ``andersonDarling``, from 0.001 to 0.5, where the table ends; above 0.05 in every tail.
    public let goodnessP: Double

    /// The fewest exceedances that are fitted; a smaller sample says too little about its shape.
    public static let leastExceedances = 50

    /// The tail of a sample, `nil` where no threshold gives an acceptable fit.
    ///
    /// - Parameter sample: values in any order; infinite and NaN ones are refused by giving `nil`.
    public init?(sample: [Double]) {
        guard sample.allSatisfy(\.isFinite) else { return nil }
        self.init(descending: sample.sorted(by: >))
    }

    /// The tail of a sample that is sorted already, the greatest first.
    init?(descending sample: [Double]) {
        let n = sample.count
        let step = max(1, n / 100)
        var candidate = n / 4
        while candidate >= Self.leastExceedances {
            // Equal values stay together, so that an exceedance is always positive.
            var count = candidate
            while count > 0, sample[count - 1] == sample[count] { count -= 1 }
            guard count >= Self.leastExceedances else { return nil }
            let threshold = 0.5 * (sample[count - 1] + sample[count])
            if let fit = Self(exceedances: sample[..<count].map { $0 - threshold }, threshold, of: n) {
                self = fit
                return
            }
            candidate = min(candidate - step, count)
        }
        return nil
    }

    /// The fit above one threshold, `nil` where it is not acceptable.
    private init?(exceedances: [Double], _ threshold: Double, of sampleCount: Int) {
        guard let smallest = exceedances.last, smallest > 0 else { return nil }
        guard let distribution = GeneralizedPareto(likeliestFor: exceedances) else { return nil }
        let statistic = Self.andersonDarling(exceedances, distribution)
        let p = AndersonDarlingTable.p(statistic, shape: distribution.shape)
        guard p > 0.05 else { return nil }
        self.threshold = threshold
        exceedanceCount = exceedances.count
        self.sampleCount = sampleCount
        self.distribution = distribution
        andersonDarling = statistic
        goodnessP = p
    }

    /// `ln P(X >= x)` for x above the threshold, with `share` for the share of the sample above it; -infinity
    /// beyond the end of the support.
    public func logSurvival(_ x: Double) -> Double {
        log(Double(exceedanceCount) / Double(sampleCount)) + distribution.logSurvival(x - threshold)
    }

    /// `A^2 = -n - 1/n sum (2 i - 1) [ln F(x_i) + ln S(x_(n + 1 - i))]` over x ascending, from x descending.
    private static func andersonDarling(_ descending: [Double], _ distribution: GeneralizedPareto) -> Double {
        let n = descending.count
        let logUpper = descending.map { distribution.logSurvival($0) }
        var sum = 0.0
        for i in 0..<n {
            sum += Double(2 * i + 1) * (LogProbability.complement(logUpper[n - 1 - i]) + logUpper[i])
        }
        return -Double(n) - sum / Double(n)
    }
}

/// When Anderson and Darling's A^2 of a generalised Pareto fit with both parameters estimated is too large.
///
/// Choulakian and Stephens (2001), Goodness-of-fit tests for the generalized Pareto distribution, Technometrics
/// 43:478-484, table 2. The rows belong to the shape as it is signed here, heavy tails positive: simulated samples
/// are rejected at 5 % that way (a test), and not with the signs turned.
private enum AndersonDarlingTable {
    static let shapes = [0.9, 0.5, 0.2, 0.1, 0, -0.1, -0.2, -0.3, -0.4, -0.5]
    static let p = [0.5, 0.25, 0.1, 0.05, 0.025, 0.01, 0.005, 0.001]
    static let critical = [
        [0.339, 0.471, 0.641, 0.771, 0.905, 1.086, 1.226, 1.559],
        [0.356, 0.499, 0.685, 0.830, 0.978, 1.180, 1.336, 1.707],
        [0.376, 0.534, 0.741, 0.903, 1.069, 1.296, 1.471, 1.893],
        [0.386, 0.550, 0.766, 0.935, 1.110, 1.348, 1.532, 1.966],
        [0.397, 0.569, 0.796, 0.974, 1.158, 1.409, 1.603, 2.064],
        [0.410, 0.591, 0.831, 1.020, 1.215, 1.481, 1.687, 2.176],
        [0.426, 0.617, 0.873, 1.074, 1.283, 1.567, 1.788, 2.314],
        [0.445, 0.649, 0.924, 1.140, 1.365, 1.672, 1.909, 2.475],
        [0.468, 0.688, 0.985, 1.221, 1.465, 1.799, 2.058, 2.674],
        [0.496, 0.735, 1.061, 1.321, 1.590, 1.958, 2.243, 2.922],
    ]

    /// The p-value of A^2, between the table's 0.5 and 0.001, linear in the shape and in ln p. Shapes above 0.9 are
    /// judged by the row of 0.9.
    static func p(_ statistic: Double, shape: Double) -> Double {
        let here = min(max(shape, shapes[shapes.count - 1]), shapes[0])
        let row = min(shapes.lastIndex { $0 >= here } ?? 0, shapes.count - 2)
        let share = (shapes[row] - here) / (shapes[row] - shapes[row + 1])
        let limits = zip(critical[row], critical[row + 1]).map { (1 - share) * $0 + share * $1 }
        guard let next = limits.firstIndex(where: { $0 > statistic }) else { return p[p.count - 1] }
        guard next > 0 else { return p[0] }
        let part = (statistic - limits[next - 1]) / (limits[next] - limits[next - 1])
        return exp((1 - part) * log(p[next - 1]) + part * log(p[next]))
    }
}
