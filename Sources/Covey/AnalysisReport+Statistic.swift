import CoveyCore
import CoveyImaging
import CoveyInference
import CoveyModel

extension ContrastAnalysis {
    /// Whether a statistic without tail areas was tested: the parametric values are then those of the plain t.
    var isPseudo: Bool { variant?.hasTailAreas == false }

    /// The statistic that was tested: pseudo-t where variances were smoothed, else t, F or z.
    var tested: StatisticMap { isPseudo ? variant!.observed : statistic }

    /// What it is called.
    var letter: String {
        if isPseudo { return "pseudo-t" }
        return switch statistic.statistic {
        case .z: "z"
        case .f: "F"
        default: "t"
        }
    }

    /// It with its degrees of freedom, where they are the same at every voxel: "t(28)", "F(2, 27)", "z".
    var statisticWords: String {
        switch statistic.statistic {
        case _ where isPseudo: letter
        case .t(let dof): "t(\(shortest(dof)))"
        case .f(let numerator, let denominator): "F(\(shortest(numerator)), \(shortest(denominator)))"
        default: letter
        }
    }

    /// It in the direction of the tail, in symbols: t, −t, |t| or F.
    var sidedLetter: String {
        if partition.isF { return letter }
        return switch tail {
        case .greater: letter
        case .less: "−" + letter
        case .twoSided: "|\(letter)|"
        }
    }

    /// Number of voxels with a statistic.
    var testedCount: Int { tested.values.count { !$0.isNaN } }

    /// The effect that belongs to what was tested, over ``tested``'s mask; `nil` where there is none.
    func effect(_ fit: Fit) -> [Double]? {
        guard !partition.isF else { return nil }
        if variant == nil || isPseudo { return fit.effect(partition).values }
        return variant?.maps.first { $0.name == "effect" }?.values
    }
}

extension Mask {
    /// The column of another mask that is the same voxel; `nil` where it is not in it.
    func column(of column: Int, in other: Mask) -> Int? {
        if offsets == other.offsets { return column }
        return other.offsets.firstIndex(of: offsets[column])
    }
}
