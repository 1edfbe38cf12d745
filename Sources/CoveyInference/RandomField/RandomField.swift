import CoveyCore

#if canImport(Darwin)
    import Darwin
#elseif canImport(Musl)
    import Musl
#else
    import Glibc
#endif

/// A smooth random field of z, t or F, and how many holes and blobs it makes above a height.
///
/// The Euler characteristic densities per resel of Worsley, Marrett, Neelin, Vandal, Friston and Evans (1996,
/// Human Brain Mapping 4:58-73, table II), with the natural logarithm for each, so that heights with a p of
/// 1e-300 are still told apart.
public enum RandomField: Sendable, Hashable, Codable {
    /// Standard normal at every point.
    case z
    /// Student's t.
    case t(degreesOfFreedom: Double)
    /// Fisher's F.
    case f(numerator: Double, denominator: Double)

    /// `ln P(X >= u)` at one point of the field: the density of dimension 0.
    public func logSurvival(_ u: Double) -> Double {
        switch self {
        case .z: StandardNormal.logSurvival(u)
        case .t(let nu): StudentT(degreesOfFreedom: nu).logSurvival(u)
        case .f(let k, let nu): FDistribution(numerator: k, denominator: nu).logSurvival(u)
        }
    }

    /// The height with `ln P(X >= u) = logP` at one point.
    public func quantile(logSurvival logP: Double) -> Double {
        switch self {
        case .z: StandardNormal.quantile(logSurvival: logP)
        case .t(let nu): StudentT(degreesOfFreedom: nu).quantile(logSurvival: logP)
        case .f(let k, let nu):
            FDistribution(numerator: k, denominator: nu).quantile(logSurvival: logP)
        }
    }

    /// `ln` of the Euler characteristic density per resel in dimensions 0 to 3, at height u.
    ///
    /// -infinity where the density is not positive, as at low heights in two and three dimensions, where it is
    /// no count of blobs.
    ///
    /// - Precondition: u is a number; for F it is not negative.
    public func logDensities(at u: Double) -> [Double] {
        let logFourLn2 = 1.019_781_441_054_419_6
        let logTwoPi = 1.837_877_066_409_345_5
        /// `(4 ln 2)^(d/2) (2 pi)^-((d + 1)/2) exp(front) polynomial`.
        func density(_ dimension: Double, _ front: Double, _ polynomial: Double) -> Double {
            guard polynomial > 0 else { return -.infinity }
            return 0.5 * dimension * logFourLn2 - 0.5 * (dimension + 1) * logTwoPi + front + log(polynomial)
        }
        let zero = logSurvival(u)
        switch self {
        case .z:
            let front = -0.5 * u * u
            return [zero, density(1, front, 1), density(2, front, u), density(3, front, u * u - 1)]
        case .t(let nu):
            let front = 0.5 * (1 - nu) * logOnePlusSquare(u, over: nu)
            let second = exp(logGamma(0.5 * (nu + 1)) - logGamma(0.5 * nu) - 0.5 * log(0.5 * nu)) * u
            // u^2 (nu - 1) / nu - 1 with u^2 kept from overflowing.
            let third = abs(u) < 1e150 ? (nu - 1) / nu * u * u - 1 : 0.5 * .greatestFiniteMagnitude
            return [zero, density(1, front, 1), density(2, front, second), density(3, front, third)]
        case .f(let k, let nu):
            guard u > 0 else { return [zero, -.infinity, -.infinity, -.infinity] }
            let ratio = k * u / nu
            let tail = -0.5 * (nu + k - 2) * log1p(ratio) - logGamma(0.5 * nu) - logGamma(0.5 * k)
            /// `Gamma((nu + k - d)/2)` exists for nu + k > d alone.
            func front(_ d: Double) -> Double {
                guard nu + k > d else { return -.infinity }
                return logGamma(0.5 * (nu + k - d)) + 0.5 * (k - d) * log(ratio) + tail
            }
            // Worsley's F densities carry powers of 2 pi and 2 of their own: sqrt(2) (2 pi)^(1/2) in dimension
            // 1, (2 pi)^(1/2) in 2, (2 pi)^(1/2) / sqrt(2) in 3, beyond those of `density`.
            let halfLogTwoPi = 0.5 * logTwoPi
            let halfLn2 = 0.5 * LogProbability.ln2
            let second = (nu - 1) * ratio - (k - 1)
            let third =
                (nu - 1) * (nu - 2) * ratio * ratio - (2 * nu * k - nu - k - 1) * ratio + (k - 1) * (k - 2)
            return [
                zero,
                density(1, front(1) + halfLogTwoPi + halfLn2, 1),
                density(2, front(2) + halfLogTwoPi, second),
                density(3, front(3) + halfLogTwoPi - halfLn2, third),
            ]
        }
    }

    /// `ln(1 + u^2 / nu)` without overflow.
    private func logOnePlusSquare(_ u: Double, over nu: Double) -> Double {
        abs(u) < 1e150 ? log1p(u * u / nu) : 2 * log(abs(u)) - log(nu)
    }
}
