import CoveyCore
import CoveyInference
import CoveyModel
import CoveyReport

/// The methods section of an analysis, from what was done: nothing is said that was not.
struct MethodsText {
    private let analysis: Analysis

    init(_ analysis: Analysis) { self.analysis = analysis }

    /// The paragraphs and what they cite.
    var methods: ReportMethods {
        let paragraphs = [data, model, inference, effects, clusters].filter { !$0.isEmpty }
        let text = paragraphs.joined()
        return ReportMethods(
            paragraphs: paragraphs,
            references: (analysis.dataSet?.citations ?? []).map { printable($0, limit: 400) }
                + Self.library.filter { text.contains($0.citation) }.map(\.reference))
    }

    /// Where the maps come from and on what terms, where they are of a public data set.
    private var data: String {
        guard let card = analysis.dataSet else { return "" }
        return
            "The maps (\(printable(card.contrast))) are of \(printable(card.name)), \(printable(card.page)), "
            + "which is to be cited (see the references). Its terms: \(printable(card.licence, limit: 400))"
    }

    private var model: String {
        let (plan, fit) = (analysis.plan, analysis.fit)
        var text =
            "The group analysis was carried out with Covey \(coveyVersion). "
            + (plan.data.repeated == nil
                ? "One map of each of \(analysis.design.subjectCount) subjects "
                : "Each of \(analysis.design.subjectCount) maps of subjects who recur ")
        if let smoothing = plan.smoothing {
            text +=
                "was smoothed with a Gaussian kernel (FWHM "
                + smoothing.widthText + " mm) and "
        }
        text +=
            "entered into a general linear model (\(regressors)), fitted by ordinary least squares at each of "
            + "\(analysis.contrasts.first?.testedCount ?? fit.testedVoxelCount) voxels (\(significant(fit.mask.grid.voxelVolume, digits: 4)) mm³ each; "
            + "\(mask)), with \(hasGaps ? "at most " : "")\(fit.model.degreesOfFreedom) residual degrees of freedom. "
        text +=
            analysis.contrasts.count == 1
            ? "One contrast was tested: " : "\(analysis.contrasts.count) contrasts were tested: "
        text +=
            analysis.contrasts.map { found in
                let rows = (0..<found.contrast.weights.rows).map { r in
                    found.contrast.weights.row(r).map { minus(significant($0, digits: 4)) }.joined(
                        separator: ", ")
                }
                return "\(found.title) (weights [\(rows.joined(separator: "; "))], \(test(found)))"
            }.joined(separator: "; ") + "."
        if let variant = plan.variant { text += " What was tested is \(variant.words)." }
        return text
    }

    private var hasGaps: Bool { if case .missingData = analysis.plan.variant { true } else { false } }

    private var regressors: String {
        var text =
            "regressors: " + analysis.design.names.map { printable($0, limit: 60) }.joined(separator: ", ")
        if case .formula(let formula, _, let centring) = analysis.plan.model {
            text = "\(printable(formula)); " + text
            switch centring {
            case .none: break
            case .grandMean: text += "; covariates centred at their means"
            case .withinGroup(let group): text += "; covariates centred within \(printable(group, limit: 60))"
            }
        }
        return text
    }

    private var mask: String {
        if case .missingData(let least) = analysis.plan.variant {
            let given = if case .image = analysis.plan.mask { "those of a given mask" } else { "those" }
            return given + " with a value in at least \(least) maps"
        }
        return switch analysis.plan.mask {
        case .automatic: "those with a value in every map"
        case .finite: "those that are finite in every map"
        case .image: "those of a given mask with a value in every map"
        }
    }

    private func test(_ found: ContrastAnalysis) -> String {
        if found.partition.isF { return "F test" }
        return switch found.tail {
        case .greater: "one-sided t test, greater"
        case .less: "one-sided t test, less"
        case .twoSided: "two-sided t test"
        }
    }

    private var inference: String {
        var parts: [String] = []
        let permuted = analysis.contrasts.compactMap { found in found.permutation.map { (found, $0) } }
        if let (_, first) = permuted.first {
            parts.append(
                "Family-wise error was controlled at \(shortest(first.alpha)) by a permutation test "
                    + "(\(method(first.method)); Winkler et al., 2014): p is the share of shuffles, the unshuffled "
                    + "data included, whose greatest value in the mask reaches the one observed.")
            parts.append(quantities(first))
            for (found, permutation) in permuted { parts.append(shuffles(found, permutation)) }
            if permuted.contains(where: { !$0.1.voxel.result.isExact }) {
                parts.append("With n random shuffles p = (b + 1)/(n + 1) (Phipson and Smyth, 2010).")
            }
        }
        var said = Set<Correction>()
        for finding in analysis.contrasts.flatMap(\.thresholds) where said.insert(finding.correction).inserted
        {
            parts.append(Self.words(finding.correction, shortest(finding.level)))
        }
        parts += RandomFieldFinding.methods(analysis.contrasts)
        if parts.isEmpty {
            parts.append("No correction for multiple testing was made; maps are described, not tested.")
        }
        parts += ContrastAnalysis.boundMethods(analysis.contrasts)
        if analysis.contrasts.count > 1 {
            parts.append(
                analysis.isCorrectedAcrossContrasts
                    ? "p was also corrected over all \(analysis.contrasts.count) contrasts together, by the maximum over "
                        + "the voxels of all of them, at the same level."
                    : "There was no correction over contrasts.")
        }
        return parts.joined(separator: " ")
    }

    /// What was fitted to the tail of the maxima.
    private static func words(_ tail: NullTail) -> String {
        switch tail.method {
        case .empirical: "count"
        case .generalizedPareto: "generalised Pareto distribution fitted to the greatest maxima"
        case .gamma: "gamma distribution with the moments of the maxima"
        }
    }

    /// What was shuffled in the presence of nuisance columns.
    private func method(_ method: NuisanceMethod) -> String {
        switch method {
        case .freedmanLane: "residuals of the nuisance regressors shuffled, Freedman and Lane, 1983"
        case .terBraak: "residuals of the whole model shuffled, the method of ter Braak"
        case .draperStoneman: "the tested regressors shuffled, the method of Draper and Stoneman"
        case .smith: "the tested regressors' residuals shuffled, the method of Smith"
        case .manly: "the data shuffled, the method of Manly"
        }
    }

    /// What was compared: voxels, TFCE, clusters.
    private func quantities(_ permutation: PermutationFinding) -> String {
        var compared = ["the statistic of each voxel"]
        if let tfce = permutation.choice.tfce {
            compared.append(
                "threshold-free cluster enhancement (Smith and Nichols, 2009; E = \(shortest(tfce.extentExponent)), "
                    + "H = \(shortest(tfce.heightExponent)), \(permutation.choice.connectivity.rawValue) neighbours)"
            )
        }
        for height in permutation.choice.formingHeights {
            let kinds =
                (permutation.choice.usesExtent ? ["extent"] : [])
                + (permutation.choice.mass.map { [$0 == .excess ? "mass above the threshold" : "mass"] } ?? [])
            guard !kinds.isEmpty else { continue }
            compared.append(
                "the \(kinds.joined(separator: " and the ")) of clusters formed at \(significant(height, digits: 4)) "
                    + "(\(permutation.choice.connectivity.rawValue) neighbours)")
        }
        let scale = permutation.voxel.result.observed.statistic == .z ? ", on the scale of z" : ""
        return "The test compared " + compared.joined(separator: "; ") + scale + "."
    }

    private static func words(_ correction: Correction, _ level: String) -> String {
        switch correction {
        case .bonferroni, .familyWiseError:
            "Parametric p-values were corrected over voxels by Bonferroni at a family-wise error of \(level)."
        case .falseDiscoveryRate:
            "The false discovery rate of parametric p-values was controlled at \(level) (Benjamini and Hochberg, 1995)."
        case .adaptiveFalseDiscoveryRate:
            "The false discovery rate of parametric p-values was controlled at \(level) by the adaptive two-stage "
                + "procedure (Benjamini et al., 2006)."
        case .familyWiseErrorAcrossContrasts: ""
        case .none: "Parametric p-values were also thresholded at \(level), uncorrected."
        }
    }

    private func shuffles(_ found: ContrastAnalysis, _ permutation: PermutationFinding) -> String {
        let name = analysis.contrasts.count > 1 ? "For \(found.title), " : ""
        let set = permutation.shuffles
        let used = permutation.voxel.result.shuffleCount
        var text = set.words
        if case .random(let plan) = set.origin { text += " (seed \(plan.seed))" }
        if used < set.count {
            text +=
                "; the test stopped after \(used) of \(set.count), since no decision could change any more"
        }
        if let blocks = set.blocks, !blocks.isFree { text += " (blocks: Winkler et al., 2015)" }
        if let tail = permutation.voxel.tail {
            text += "; corrected p are told besides by a \(Self.words(tail)) (Winkler et al., 2016)"
        }
        if permutation.sequential != nil {
            text += "; uncorrected p are those of Besag and Clifford, 1991"
        }
        return sentence(name + text + ".")
    }

    /// Sizes, what is ruled out and influence: of those contrasts that have them.
    private var effects: String {
        let plain = analysis.contrasts.filter { $0.variant == nil && !$0.partition.isF }
        guard !plain.isEmpty else { return "" }
        var parts: [String] = []
        if plain.contains(where: { $0.comparesMeans && $0.partition.degreesOfFreedom > 1 }) {
            parts.append(
                "Sizes of means and of their differences are given as Hedges’ g (Hedges, 1981), with intervals by the "
                    + "noncentral t distribution (Cumming and Finch, 2001).")
        }
        if plain.contains(where: { !$0.comparesMeans }) {
            parts.append(
                "Sizes of slopes and other contrasts are given as partial correlations"
                    + (plain.contains { !$0.comparesMeans && $0.partition.degreesOfFreedom > 1 }
                        ? ", with intervals by Fisher’s z (Fisher, 1924)." : "."))
        }
        if plain.contains(where: { $0.equivalence != nil }) {
            var text =
                "Effects too large to agree with the data were found voxel by voxel, by "
                + (plain.contains { $0.tail == .twoSided } ? "two one-sided tests" : "one-sided tests")
                + " at \(shortest(EquivalenceFinding.level)) (Schuirmann, 1987; Lakens, 2017)"
            if let smallest = analysis.plan.smallestEffect {
                text += "; the smallest effect of interest was \(shortest(smallest)) in units of the effect"
            }
            parts.append(text + ".")
        }
        if plain.contains(where: { $0.influence != nil }) {
            parts.append(
                "The influence of single subjects is told by t at the peaks without each of them, in closed form "
                    + "(Belsley et al., 1980), and by Cook’s distances (Cook, 1977).")
        }
        return parts.joined(separator: " ")
    }

    private var clusters: String {
        guard
            let finding = analysis.contrasts.flatMap(\.clusters).first(where: {
                !$0.table.clusters.isEmpty
            })
        else { return "" }
        return
            "Clusters are sets of voxels beyond the threshold that touch (\(finding.table.connectivity.rawValue) "
            + "neighbours); peaks within one are at least \(shortest(finding.table.peakDistanceMillimeters)) mm apart. "
            + "Coordinates are in mm (RAS+). Confidence intervals at peaks are not corrected for their selection."
    }

    private func sentence(_ text: String) -> String { text.prefix(1).uppercased() + text.dropFirst() }

    /// What the paragraphs may cite, in alphabetical order.
    private static let library: [(citation: String, reference: String)] = [
        (
            "Belsley et al., 1980",
            "Belsley DA, Kuh E, Welsch RE (1980). Regression Diagnostics: Identifying Influential Data and Sources of Collinearity. Wiley, New York."
        ),
        (
            "Benjamini and Hochberg, 1995",
            "Benjamini Y, Hochberg Y (1995). Controlling the false discovery rate: a practical and powerful approach to multiple testing. Journal of the Royal Statistical Society B 57:289–300."
        ),
        (
            "Benjamini et al., 2006",
            "Benjamini Y, Krieger AM, Yekutieli D (2006). Adaptive linear step-up procedures that control the false discovery rate. Biometrika 93:491–507."
        ),
        (
            "Besag and Clifford, 1991",
            "Besag J, Clifford P (1991). Sequential Monte Carlo p-values. Biometrika 78:301–304."
        ),
        (
            "Blain et al., 2022",
            "Blain A, Thirion B, Neuvial P (2022). Notip: Non-parametric true discovery proportion control for brain imaging. NeuroImage 260:119492."
        ),
        (
            "Blanchard et al., 2020",
            "Blanchard G, Neuvial P, Roquain E (2020). Post hoc confidence bounds on false positives using reference families. Annals of Statistics 48:1281–1303."
        ),
        (
            "Chumbley et al., 2010",
            "Chumbley J, Worsley K, Flandin G, Friston K (2010). Topological FDR for neuroimaging. NeuroImage 49:3057–3064."
        ),
        (
            "Cook, 1977",
            "Cook RD (1977). Detection of influential observation in linear regression. Technometrics 19:15–18."
        ),
        (
            "Cumming and Finch, 2001",
            "Cumming G, Finch S (2001). A primer on the understanding, use, and calculation of confidence intervals that are based on central and noncentral distributions. Educational and Psychological Measurement 61:532–574."
        ),
        (
            "Fisher, 1924",
            "Fisher RA (1924). The distribution of the partial correlation coefficient. Metron 3:329–332."
        ),
        (
            "Freedman and Lane, 1983",
            "Freedman D, Lane D (1983). A nonstochastic interpretation of reported significance levels. Journal of Business & Economic Statistics 1:292–298."
        ),
        (
            "Goeman et al., 2019",
            "Goeman JJ, Meijer RJ, Krebs TJP, Solari A (2019). Simultaneous control of all false discovery proportions in large-scale multiple hypothesis testing. Biometrika 106:841–856."
        ),
        (
            "Hedges, 1981",
            "Hedges LV (1981). Distribution theory for Glass’s estimator of effect size and related estimators. Journal of Educational Statistics 6:107–128."
        ),
        (
            "Kiebel et al., 1999",
            "Kiebel SJ, Poline JB, Friston KJ, Holmes AP, Worsley KJ (1999). Robust smoothness estimation in statistical parametric maps using standardized residuals from the general linear model. NeuroImage 10:756–766."
        ),
        (
            "Lakens, 2017",
            "Lakens D (2017). Equivalence tests: a practical primer for t tests, correlations, and meta-analyses. Social Psychological and Personality Science 8:355–362."
        ),
        (
            "Phipson and Smyth, 2010",
            "Phipson B, Smyth GK (2010). Permutation p-values should never be zero: calculating exact p-values when permutations are randomly drawn. Statistical Applications in Genetics and Molecular Biology 9:39."
        ),
        (
            "Rosenblatt et al., 2018",
            "Rosenblatt JD, Finos L, Weeda WD, Solari A, Goeman JJ (2018). All-Resolutions Inference for brain imaging. NeuroImage 181:786–796."
        ),
        (
            "Schuirmann, 1987",
            "Schuirmann DJ (1987). A comparison of the two one-sided tests procedure and the power approach for assessing the equivalence of average bioavailability. Journal of Pharmacokinetics and Biopharmaceutics 15:657–680."
        ),
        (
            "Smith and Nichols, 2009",
            "Smith SM, Nichols TE (2009). Threshold-free cluster enhancement: addressing problems of smoothing, threshold dependence and localisation in cluster inference. NeuroImage 44:83–98."
        ),
        (
            "Winkler et al., 2014",
            "Winkler AM, Ridgway GR, Webster MA, Smith SM, Nichols TE (2014). Permutation inference for the general linear model. NeuroImage 92:381–397."
        ),
        (
            "Winkler et al., 2015",
            "Winkler AM, Webster MA, Vidaurre D, Nichols TE, Smith SM (2015). Multi-level block permutation. NeuroImage 123:253–268."
        ),
        (
            "Winkler et al., 2016",
            "Winkler AM, Ridgway GR, Douaud G, Nichols TE, Smith SM (2016). Faster permutation inference in brain imaging. NeuroImage 141:502–516."
        ),
        (
            "Worsley et al., 1996",
            "Worsley KJ, Marrett S, Neelin P, Vandal AC, Friston KJ, Evans AC (1996). A unified statistical approach for determining significant signals in images of cerebral activation. Human Brain Mapping 4:58–73."
        ),
    ]
}

extension AnalysisPlan.SmoothingChoice {
    /// The width in mm: one number where it is the same along every axis.
    var widthText: String {
        let first = fwhmMillimeters.first ?? 0
        return fwhmMillimeters.allSatisfy { $0 == first }
            ? shortest(first) : fwhmMillimeters.map { shortest($0) }.joined(separator: " × ")
    }
}
