public import CoveyCore
public import CoveyInference

/// Two things that a plan asks for and that cannot both be had.
public enum PlanContradiction: ExplainedError, Equatable {
    /// TFCE by steps of each contrast's own, and correction across contrasts.
    case ownStepsAcrossContrasts
    /// Shuffles of a file, and something that says otherwise what changes places.
    case listedShuffles(beside: String)
    /// A split of the model that the method does not depend on.
    case splitWithoutMethod(PartitionMethod)

    /// What is wrong.
    public var description: String {
        switch self {
        case .listedShuffles(let flag):
            "the rows of a file of shuffles say what changes places: \(flag) would not be used"
        case .splitWithoutMethod(let split):
            "the split \(split.rawValue) of the model does not matter to the methods ter-braak and manly"
        case .ownStepsAcrossContrasts:
            "TFCE by FSL's steps takes a hundredth of each contrast's own maximum: TFCE of several contrasts is not on one "
                + "scale, and cannot be corrected across them"
        }
    }

    /// What to do.
    public var remedy: String {
        switch self {
        case .listedShuffles(let flag): "drop --shuffles-from or \(flag)"
        case .splitWithoutMethod:
            "drop --partition, or give --nuisance freedman-lane, draper-stoneman or smith"
        case .ownStepsAcrossContrasts:
            "leave out --tfce-step (exact), give one step for all (--tfce-step 0.1), or drop --correct-across"
        }
    }
}

extension AnalysisPlan {
    /// Refuses what contradicts itself, before anything is read.
    func requireNoContradiction() throws(PlanContradiction) {
        guard let permutation else { return }
        if permutation.shufflesFrom != nil {
            if permutation.exchange != nil { throw .listedShuffles(beside: "--exchange") }
            switch blocks {
            case .columns: throw .listedShuffles(beside: "--blocks")
            case .file: throw .listedShuffles(beside: "--blocks-file")
            case nil: break
            }
        }
        if let split = permutation.split, !permutation.nuisanceMethod.dependsOnPartition {
            throw .splitWithoutMethod(split)
        }
        if permutation.correctsAcrossContrasts == true,
            permutation.comparison?.tfce?.integration == .steppedAsFSL
        {
            throw .ownStepsAcrossContrasts
        }
    }
}
