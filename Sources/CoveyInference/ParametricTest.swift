public import CoveyCore
public import CoveyModel

/// Tail areas of a map of t or F under the distribution that the model implies: the basis of every
/// parametric p, z and threshold.
///
/// Areas are held as natural logarithms, so that a p of 1e-400 is still a number.
public struct ParametricTest: Sendable {
    /// The statistic: t or F.
    public let statistic: StatisticMap
    /// Which statistics count against the null. F has large ones only.
    public let tail: Tail
    /// `log p` for the tail, one per voxel; NaN where there is no statistic.
    public let logP: [Double]
    /// The normal deviate with the same upper tail area: `1 - Phi(z) = P(T >= t)`, the sign of t kept;
    /// independent of the tail under test. For F it is negative where `P(F >= f) > 1/2`.
    public let z: StatisticMap

    /// The tail areas of a map.
    ///
    /// - Precondition: the map holds t or z, or F with `tail == .greater`.
    public init(_ statistic: StatisticMap, tail: Tail, threads: Int = availableThreads()) {
        let values = statistic.values
        let chunk = 1024
        let blocks = (values.count + chunk - 1) / chunk
        let areas: @Sendable (Double) -> (logP: Double, z: Double)
        switch statistic.statistic {
        case .t(let degreesOfFreedom):
            let distribution = StudentT(degreesOfFreedom: degreesOfFreedom)
            areas = { t in
                let areas = distribution.areas(of: t)
                switch tail {
                case .greater: return (areas.logUpper, areas.z)
                case .less: return (areas.logLower, areas.z)
                case .twoSided: return (areas.logTwoSided, areas.z)
                }
            }
        case .f(let numerator, let denominator):
            precondition(tail == .greater, "F has one tail")
            let distribution = FDistribution(numerator: numerator, denominator: denominator)
            areas = { f in
                let (upper, z) = distribution.tailAndZ(f)
                return (upper, z)
            }
        case .z:
            areas = { z in
                switch tail {
                case .greater: return (StandardNormal.logSurvival(z), z)
                case .less: return (StandardNormal.logCumulative(z), z)
                case .twoSided: return (StandardNormal.logTwoSided(z), z)
                }
            }
        default: preconditionFailure("\(statistic.statistic) has no parametric tail here")
        }
        let parts = mapBlocks(blocks, threads: threads) { block in
            values[block * chunk..<min(values.count, (block + 1) * chunk)].map { value in
                value.isNaN ? (logP: Double.nan, z: Double.nan) : areas(value)
            }
        }
        let all = parts.flatMap { $0 }
        self.statistic = statistic
        self.tail = tail
        logP = all.map(\.logP)
        z = StatisticMap(.z, mask: statistic.mask, values: all.map(\.z))
    }

    /// Number of voxels with a statistic: the size of the family.
    public var testCount: Int { logP.count { !$0.isNaN } }

    /// p-values; below 1e-308 they are 0 in a Double, which is why maps are written as ``negativeLog10P``.
    public var p: StatisticMap { map(.p(tail, .none, .parametric), logP.map(LogProbability.p)) }

    /// `-log10 p`.
    public var negativeLog10P: StatisticMap {
        map(.negativeLog10P(tail, .none, .parametric), logP.map(LogProbability.negativeLog10))
    }

    private func map(_ kind: Statistic, _ values: [Double]) -> StatisticMap {
        StatisticMap(kind, mask: statistic.mask, values: values)
    }
}
