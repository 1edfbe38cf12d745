import CoveyCore
public import CoveyModel

extension Statistic {
    /// `ln p` of a value; NaN for NaN.
    ///
    /// - Precondition: the statistic is t, z or F.
    public func logP(_ value: Double, tail: Tail) -> Double {
        if value.isNaN { return .nan }
        switch self {
        case .t(let dof):
            let t = StudentT(degreesOfFreedom: dof)
            switch tail {
            case .greater: return t.logSurvival(value)
            case .less: return t.logCumulative(value)
            case .twoSided: return t.logTwoSided(value)
            }
        case .z:
            switch tail {
            case .greater: return StandardNormal.logSurvival(value)
            case .less: return StandardNormal.logCumulative(value)
            case .twoSided: return StandardNormal.logTwoSided(value)
            }
        case .f(let numerator, let denominator):
            precondition(tail == .greater, "F has one tail")
            return FDistribution(numerator: numerator, denominator: denominator).logSurvival(value)
        default: preconditionFailure("\(self) has no tail area")
        }
    }

    /// Whether values have tail areas here: t, z and F.
    public var hasTailArea: Bool {
        switch self {
        case .t, .z, .f: true
        default: false
        }
    }

    /// Whether it is F, which has one tail.
    public var isF: Bool { if case .f = self { true } else { false } }
}
