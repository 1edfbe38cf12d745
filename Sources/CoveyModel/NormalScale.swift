import CoveyCore

/// The normal deviates of t, or of F, with some degrees of freedom: the scale on which statistics of different
/// degrees of freedom are compared.
package struct NormalScale: Sendable {
    private enum Distribution {
        case t(StudentT)
        case f(FDistribution)
    }

    private let distribution: Distribution

    /// - Parameter rank: numerator degrees of freedom of F; `nil`: t.
    package init(rank: Int?, degreesOfFreedom: Double) {
        if let rank {
            distribution = .f(FDistribution(numerator: Double(rank), denominator: degreesOfFreedom))
        } else {
            distribution = .t(StudentT(degreesOfFreedom: degreesOfFreedom))
        }
    }

    /// The deviate with the upper tail area of a statistic; finite for every finite statistic, F = 0 included.
    package func deviate(_ statistic: Double) -> Double {
        switch distribution {
        case .t(let t): t.z(of: statistic)
        // The lower tail areas of the smallest F that occur lie above this.
        case .f(let f): max(f.z(of: statistic), -40)
        }
    }
}
