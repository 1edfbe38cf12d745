public import CoveyCore
import CoveyInference

/// Two things that a plan asks for and that cannot both be had.
public enum PlanContradiction: ExplainedError, Equatable {
    /// TFCE by steps of each contrast's own, and correction across contrasts.
    case ownStepsAcrossContrasts

    /// What is wrong.
    public var description: String {
        switch self {
        case .ownStepsAcrossContrasts:
            "TFCE by FSL's steps takes a hundredth of each contrast's own maximum: TFCE of several contrasts is not on one "
                + "scale, and cannot be corrected across them"
        }
    }

    /// What to do.
    public var remedy: String {
        switch self {
        case .ownStepsAcrossContrasts:
            "leave out --tfce-step (exact), give one step for all (--tfce-step 0.1), or drop --correct-across"
        }
    }
}

extension AnalysisPlan {
    /// Refuses what contradicts itself, before anything is read.
    func requireNoContradiction() throws(PlanContradiction) {
        guard let permutation else { return }
        if permutation.correctsAcrossContrasts == true,
            permutation.comparison?.tfce?.integration == .steppedAsFSL
        {
            throw .ownStepsAcrossContrasts
        }
    }
}
