import CoveyCore
import CoveyInference
import CoveyModel
import CoveyReport

/// The items of the COBIDAS checklist on group modelling and inference, filled in from an analysis.
///
/// Nichols TE et al. 2017, Nature Neuroscience 20:299-303, tables on statistical modelling and inference and on
/// results reporting. What the program cannot know is not answered.
struct ReportingItems {
    private let analysis: Analysis

    init(_ analysis: Analysis) { self.analysis = analysis }

    /// The answers.
    var items: [ReportItem] { modelling + inference + reporting }

    private var modelling: [ReportItem] {
        let section = "Statistical modelling"
        let (design, plan) = (analysis.design, analysis.plan)
        let covariates = design.columns.filter { column in
            if case .product(let elements) = column.origin {
                return elements.contains { if case .covariate = $0 { true } else { false } }
            }
            return false
        }
        let centring: String =
            switch plan.model {
            case .formula(let text, _, .none):
                text.contains("center(") || text.contains("scale(")
                    ? "centred where the formula says so" : "not centred"
            case .formula(_, _, .grandMean): "centred at their means"
            case .formula(_, _, .withinGroup(let group)): "centred within \(printable(group, limit: 60))"
            case .designTable, .vest: "as given in the design"
            }
        return [
            ReportItem(section, "Software", "Covey \(coveyVersion)"),
            ReportItem(
                section, "Model type",
                "mass-univariate general linear model of \(plan.rowWords(design.subjectCount))"),
            ReportItem(section, "Formula", printable(AnalysisReport.formula(plan))),
            ReportItem(
                section, "Regressors", design.names.map { printable($0, limit: 60) }.joined(separator: ", ")),
            ReportItem(
                section, "Covariates",
                covariates.isEmpty
                    ? "none from the table"
                    : covariates.map { printable($0.name, limit: 60) }.joined(separator: ", ") + "; "
                        + centring),
            ReportItem(section, "Estimation", "ordinary least squares"),
            ReportItem(
                section, "Variance structure",
                plan.variant?.words
                    ?? (plan.data.repeated == nil
                        ? "independent errors of equal variance over subjects; no repeated measures modelled"
                        : "errors of equal variance; maps of one subject tied by the blocks that are shuffled")
            ),
            ReportItem(
                section, "Subjects",
                plan.rowWords(design.subjectCount)
                    + (exclusions.isEmpty ? "; none left out" : "; " + exclusions.joined(separator: "; "))),
            ReportItem(section, "Residual degrees of freedom", "\(analysis.fit.model.degreesOfFreedom)"),
            ReportItem(
                section, "Smoothing",
                plan.smoothing.map {
                    "Gaussian, FWHM " + $0.widthText
                        + " mm, at this stage"
                } ?? "none at this stage"),
            ReportItem(
                section, "Contrasts run, all of them",
                analysis.contrasts.map { "\($0.title) (\($0.partition.isF ? "F" : "t"))" }.joined(
                    separator: "; ")),
        ]
    }

    private var exclusions: [String] { analysis.notes.map(\.text).filter { $0.contains(" left out for ") } }

    private var inference: [ReportItem] {
        let section = "Inference"
        let fit = analysis.fit
        let tested = analysis.contrasts.first?.testedCount ?? fit.testedVoxelCount
        let volume = fit.mask.grid.voxelVolume
        var items = [
            ReportItem(
                section, "Search region",
                "\(tested) voxels, \(significant(Double(tested) * volume, digits: 6)) mm³; mask: \(maskWords)"
            )
        ]
        for found in analysis.contrasts {
            let name = analysis.contrasts.count > 1 ? "\(found.title): " : ""
            items.append(
                ReportItem(
                    section, name + "statistic",
                    found.statisticWords + (found.partition.isF ? "" : ", \(found.tail.rawValue)")))
            if let permutation = found.permutation {
                let set = permutation.shuffles
                let used = permutation.voxel.result.shuffleCount
                var kind = set.words
                if case .random(let plan) = set.origin { kind += "; seed \(plan.seed)" }
                if used < set.count { kind += "; stopped after \(used)" }
                items.append(
                    ReportItem(
                        section, name + "inference level",
                        permutation.findings.map { Self.words($0.result.quantity, permutation.choice) }
                            .joined(separator: "; ")))
                items.append(
                    ReportItem(section, name + "p", "permutation (\(permutation.method.rawValue)): \(kind)"))
                items.append(
                    ReportItem(
                        section, name + "correction",
                        "family-wise error \(shortest(permutation.alpha)) by the maximum over the mask"))
                if let words = Self.jointWords(permutation) {
                    items.append(ReportItem(section, name + "correction over contrasts", words))
                }
            }
            for finding in found.thresholds {
                items.append(
                    ReportItem(
                        section, name + "threshold",
                        "\(ContrastMarks.name(finding.correction, finding.level)), parametric, \(finding.testCount) tests: "
                            + (finding.statisticThreshold.map {
                                "\(found.sidedLetter) ≥ \(significant($0, digits: 6)), \(finding.survivorCount) voxels"
                            } ?? "nothing survives")))
            }
            for (method, words) in found.afterSelectionItems {
                items.append(ReportItem(section, name + method, words))
            }
            for clusters in found.clusters {
                items.append(
                    ReportItem(
                        section, name + "clusters",
                        "formed at \(significant(clusters.table.threshold, digits: 6)) (\(clusters.origin)), "
                            + "\(clusters.table.connectivity.rawValue) neighbours, at least "
                            + "\(counted(clusters.table.minimumVoxelCount, "voxel"))"))
            }
        }
        items.append(
            ReportItem(
                section, "Correction over contrasts",
                analysis.contrasts.count == 1
                    ? "one contrast"
                    : analysis.isCorrectedAcrossContrasts
                        ? "by the maximum over the voxels of all \(analysis.contrasts.count) contrasts, besides p of each"
                        : "none; \(analysis.contrasts.count) contrasts"
            ))
        return items
    }

    /// What every quantity comes to over all contrasts; `nil` where that was not asked for.
    private static func jointWords(_ permutation: PermutationFinding) -> String? {
        let parts = permutation.findings.compactMap { finding in
            finding.acrossContrasts.map { joint in
                words(finding.result.quantity, permutation.choice)
                    + (joint.threshold.map { " ≥ \(significant($0, digits: 6))" } ?? "")
                    + ": \(counted(joint.survivorCount, "voxel")), smallest corrected p "
                    + significant(joint.smallestP, digits: 4)
            }
        }
        return parts.isEmpty
            ? nil : "family-wise error \(shortest(permutation.alpha)); " + parts.joined(separator: "; ")
    }

    private static func words(_ quantity: TestedQuantity, _ choice: InferenceChoice) -> String {
        let neighbours = "\(choice.connectivity.rawValue) neighbours"
        return switch quantity {
        case .voxel: "voxel"
        case .tfce:
            "TFCE (E \(shortest(choice.tfce?.extentExponent ?? 0)), H \(shortest(choice.tfce?.heightExponent ?? 0)), \(neighbours))"
        case .clusterExtent(let threshold):
            "cluster extent (forming threshold \(significant(threshold.height, digits: 6)), \(neighbours))"
        case .clusterMass(let threshold):
            "cluster mass (forming threshold \(significant(threshold.height, digits: 6)), \(neighbours))"
        }
    }

    private var maskWords: String {
        if case .missingData(let least) = analysis.plan.variant {
            let given = if case .image(let path) = analysis.plan.mask { " of \(printable(path))" } else { "" }
            return "voxels\(given) with a value in at least \(least) maps"
        }
        return switch analysis.plan.mask {
        case .automatic: "voxels with a value in every map"
        case .finite: "voxels finite in every map"
        case .image(let path): printable(path)
        }
    }

    private var reporting: [ReportItem] {
        let section = "Results"
        // Where nothing survives a threshold there are no clusters, and no peaks of them.
        let peaks = analysis.contrasts.flatMap(\.clusters).first.map { finding in
            let limit = finding.table.subpeakLimit
            return ReportItem(
                section, "Peaks",
                limit == 0
                    ? "the most extreme voxel of each cluster"
                    : "local maxima of each cluster, at least \(shortest(finding.table.peakDistanceMillimeters)) mm apart, "
                        + "up to \(limit) besides the greatest")
        }
        let plain = analysis.contrasts.filter { $0.variant == nil && !$0.partition.isF }
        let code = max(analysis.fit.mask.grid.sformCode, analysis.fit.mask.grid.qformCode)
        let space =
            switch code {
            case 0: "not named by the maps' headers"
            case 1: "the scanner's (code 1)"
            case 2: "that of another image, to which the maps are aligned (code 2)"
            case 3: "Talairach"
            case 4: "MNI 152"
            default: "a template (code \(code))"
            }
        return [
            ReportItem(section, "Coordinates", "mm, RAS+; space: \(space)"),
            ReportItem(
                section, "Voxel size",
                analysis.fit.mask.grid.affine.voxelSizes.map { significant($0, digits: 5) }.joined(
                    separator: " × ")
                    + " mm"),
        ] + [peaks].compactMap(\.self) + [
            ReportItem(
                section, "Maps without threshold",
                analysis.contrasts.map { "contrast-\($0.label)_stat-*_statmap.nii.gz" }.joined(
                    separator: ", ")),
            ReportItem(
                section, "Effect sizes",
                "maps of the effect and its standard error (stat-effect, stat-se), partial R² (stat-r2)"
                    + (analysis.contrasts.contains { $0.comparesMeans } ? ", Cohen’s d (stat-d)" : "")
                    + (plain.contains { $0.comparesMeans && $0.partition.degreesOfFreedom > 1 }
                        ? ", Hedges’ g (stat-g)" : "")
                    + (plain.contains { !$0.comparesMeans } ? ", partial correlation (stat-r)" : "")
                    + (plain.isEmpty ? "" : ", the largest effect not ruled out (stat-ruledout)")),
            ReportItem(
                section, "Reproduction",
                "plan.json holds the whole analysis, provenance.json the inputs' SHA-256"),
        ]
    }
}
