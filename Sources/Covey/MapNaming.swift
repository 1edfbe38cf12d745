import CoveyCore
public import CoveyFormats
import CoveyImaging
public import CoveyModel

/// How a map is called in files and what its NIfTI header says of it.
///
/// Names follow what nilearn and FitLins agree on, `contrast-<Label>_stat-<x>_statmap.nii.gz`; `stat-log10p`
/// and `desc-` for the correction are our own extension of it.
struct MapNaming {
    /// The part after `stat-`.
    let stat: String
    /// The part after `desc-`, for corrected and permutation values.
    let description: String?
    /// What the header says.
    let content: ImageContent

    init(_ statistic: Statistic, contrast: String) {
        var description: String?
        let (stat, intent, words): (String, NIfTIIntent, String)
        switch statistic {
        case .t(let dof):
            (stat, intent) = ("t", NIfTIIntent(code: 3, parameters: [dof]))
            words = "SPM{T_[\(dofText(dof))]}"
        case .f(let numerator, let denominator):
            (stat, intent) = ("F", NIfTIIntent(code: 4, parameters: [numerator, denominator]))
            words = "SPM{F_[\(dofText(numerator)),\(dofText(denominator))]}"
        case .z: (stat, intent, words) = ("z", NIfTIIntent(code: 5), "SPM{Z}")
        case .p(let tail, let correction, let source):
            (stat, intent) = ("p", NIfTIIntent(code: 22))
            words = "p \(correction.rawValue) \(tail.rawValue) \(source.words)"
            description = Self.description(correction, source)
        case .negativeLog10P(let tail, let correction, let source):
            (stat, intent) = ("log10p", NIfTIIntent(code: 24))
            words = "-log10 p \(correction.rawValue) \(tail.rawValue) \(source.words)"
            description = Self.description(correction, source)
        case .effect: (stat, intent, words) = ("effect", NIfTIIntent(code: 1001), "effect")
        case .variance:
            (stat, intent, words) = ("variance", NIfTIIntent(code: 1001), "variance of the effect")
        case .standardError: (stat, intent, words) = ("se", NIfTIIntent(code: 1001), "standard error")
        case .partialR2: (stat, intent, words) = ("r2", NIfTIIntent(code: 1001), "partial R2")
        case .cohensD: (stat, intent, words) = ("d", NIfTIIntent(code: 1001), "Cohen's d")
        case .named(let name):
            (stat, intent) = (name, NIfTIIntent(code: 1001))
            words =
                [
                    "g": "Hedges' g", "r": "partial correlation",
                    "ruledout": "largest effect not ruled out at \(shortest(EquivalenceFinding.level))",
                ][name] ?? name
        case .quantity(let quantity):
            (stat, intent) = (quantity.label, NIfTIIntent(code: 1001))
            words =
                quantity.formingThreshold.map { "cluster \(quantity.label) at \(shortest($0.height))" }
                ?? "TFCE"
        }
        self.stat = stat
        self.description = description
        // Single precision would turn p below 1e-45 into 0.
        let isP = if case .p = statistic { true } else { false }
        content = ImageContent(
            intent: intent, descrip: "\(words) - contrast: \(contrast)", datatype: isP ? .float64 : .float32)
    }

    /// The file's name below the result folder.
    func fileName(label: String) -> String {
        "contrast-\(label)_stat-\(stat)" + (description.map { "_desc-\($0)" } ?? "") + "_statmap.nii.gz"
    }

    private static func description(_ correction: Correction, _ source: PValueSource) -> String? {
        let name: String? =
            switch correction {
            case .none: source == .parametric ? nil : "unc"
            case .familyWiseError: "fwe"
            case .familyWiseErrorAcrossContrasts: "fwecontrasts"
            case .bonferroni: "bonferroni"
            case .falseDiscoveryRate: "fdr"
            case .adaptiveFalseDiscoveryRate: "fdrbky"
            }
        return switch source {
        case .parametric: name
        // The parametric q-values have the plain name.
        case .permutation(.voxel): correction == .falseDiscoveryRate ? "permfdr" : name
        case .permutation(let quantity): quantity.label + (name ?? "")
        case .permutationFit(.voxel): (name ?? "") + "fit"
        case .permutationFit(let quantity): quantity.label + (name ?? "") + "fit"
        case .sequentialPermutation: "sequential"
        case .equivalence: "equivalence" + (name ?? "")
        }
    }
}

/// Degrees of freedom as SPM writes them: one decimal.
private func dofText(_ dof: Double) -> String { fixed(dof, decimals: 1) }

extension StatisticMap {
    /// The file name of a contrast's map: `contrast-<Label>_stat-<x>[_desc-<y>]_statmap.nii.gz`.
    public func fileName(contrastLabel label: String) -> String {
        MapNaming(statistic, contrast: label).fileName(label: label)
    }

    /// Writes the map as NIfTI with the intent of what it holds, NaN outside its mask.
    public func write(to path: String, description: String) throws(FormatError) {
        try volume().write(to: path, MapNaming(statistic, contrast: description).content)
    }
}
