import Foundation

/// What sentences say without a number, held against the run: phrases that stand on a page exactly as often as the
/// files of the run call for.
struct TraceWords {
    private let summary: TraceDocument
    private let plan: TraceDocument?
    private let contrasts: [TraceDocument]
    private let files: Set<String>
    /// Phrases that stand where they should and nowhere else.
    private(set) var held = 0
    /// The others.
    private(set) var findings: [ReportTrace.Finding] = []

    /// A phrase, in small letters, and how often the run calls for it.
    private typealias Rule = (words: String, count: Int)

    init(_ sources: TraceSources) {
        summary = sources.summary
        plan = TraceDocument(path: sources.folder + "/plan.json")
        contrasts = sources.summary["contrasts"]?.list ?? []
        files = Set((try? FileManager.default.contentsOfDirectory(atPath: sources.folder)) ?? [])
    }

    /// Reads one of the parts of a page.
    mutating func read(_ part: PageElement, contrast: Int?) {
        if let contrast, contrasts.indices.contains(contrast) {
            hold(ofContrast(contrasts[contrast], isAnswer: part.name == "li"), in: part.text)
            return
        }
        switch part.attributes["id"] {
        case "model": hold(ofModel, in: part.text)
        case "methods":
            let text = part.first(id: "methods-text")?.all("p").map(\.text).joined(separator: " ") ?? ""
            hold(ofModelling + ofInference + ofEffects, in: text)
            holdReferences(part, text)
        case "items": hold(ofItems, in: part.all("td").map(\.text).joined(separator: ". "))
        default: break
        }
    }

    // ---- Rules -----------------------------------------------------------------------------------------

    private func any(_ condition: (TraceDocument) -> Bool) -> Int {
        contrasts.contains(where: condition) ? 1 : 0
    }
    private func count(_ condition: (TraceDocument) -> Bool) -> Int { contrasts.count(where: condition) }
    private func has(_ key: String) -> Int { any { $0[key] != nil } }

    private var permutations: [TraceDocument] { contrasts.compactMap { $0["permutation"] } }
    private var quantities: [TraceDocument] { permutations.first?["quantities"]?.list ?? [] }
    private var isRepeated: Bool { plan?["data"]?["repeated"]?.text != nil }
    private var areCorrectedTogether: Bool {
        permutations.contains { ($0["quantities"]?.list ?? []).contains { $0["acrossContrasts"] != nil } }
    }
    private var leavesOut: Bool {
        (summary["notes"]?.list ?? []).contains { $0["text"]?.text?.contains(" left out for ") == true }
    }

    /// The model, its rows and its tests.
    private var ofModelling: [Rule] {
        func tests(_ tail: String) -> Int { count { $0["test"]?.text != "F" && $0["tail"]?.text == tail } }
        let centring = plan?["model"]?["formula"]?["centring"]
        let mask = plan?["mask"]
        let hasGaps = plan?["variant"]?["missingData"] != nil
        func isMask(_ kind: String) -> Int { mask?[kind] != nil && !hasGaps ? 1 : 0 }
        return [
            ("one map of each of", isRepeated ? 0 : 1),
            ("maps of subjects who recur", isRepeated ? 1 : 0),
            ("was smoothed with a gaussian kernel", plan?["smoothing"] == nil ? 0 : 1),
            ("those with a value in every map", isMask("automatic")),
            ("those that are finite in every map", isMask("finite")),
            ("those of a given mask with a value in every map", isMask("image")),
            ("with a value in at least", hasGaps ? 1 : 0),
            ("covariates centred at their means", centring?["grandMean"] == nil ? 0 : 1),
            ("covariates centred within", centring?["withinGroup"] == nil ? 0 : 1),
            ("one contrast was tested", contrasts.count == 1 ? 1 : 0),
            (" contrasts were tested", contrasts.count > 1 ? 1 : 0),
            ("f test)", count { $0["test"]?.text == "F" }),
            ("one-sided t test, greater)", tests("greater")),
            ("one-sided t test, less)", tests("less")),
            ("two-sided t test)", tests("two-sided")),
        ]
    }

    /// What was shuffled, compared and corrected.
    private var ofInference: [Rule] {
        let isPermuted = permutations.isEmpty ? 0 : 1
        func isMethod(_ name: String) -> Int { permutations.first?["method"]?.text == name ? 1 : 0 }
        func exchanged(_ kinds: String...) -> Int {
            permutations.count { kinds.contains($0["exchange"]?.text ?? "") }
        }
        func isCorrected(_ kinds: String...) -> Int {
            any { ($0["thresholds"]?.list ?? []).contains { kinds.contains($0["correction"]?.text ?? "") } }
        }
        let bounds = contrasts.lazy.map { $0["trueDiscoveries"]?.list ?? [] }.first { !$0.isEmpty } ?? []
        func isBounded(_ method: String) -> Int { bounds.contains { $0["method"]?.text == method } ? 1 : 0 }
        func tails(_ method: String) -> Int {
            permutations.count { $0["quantities"]?.list.first?["tail"]?["method"]?.text == method }
        }
        let isThresholded = any { !($0["thresholds"]?.list ?? []).isEmpty }
        let isTheory = has("randomField")
        return [
            ("family-wise error was controlled at", isPermuted),
            ("residuals of the nuisance regressors shuffled", isMethod("freedman-lane")),
            ("residuals of the whole model shuffled", isMethod("ter-braak")),
            ("(the tested regressors shuffled", isMethod("draper-stoneman")),
            ("the tested regressors’ residuals shuffled", 0),
            ("the tested regressors' residuals shuffled", isMethod("smith")),
            ("the data shuffled", isMethod("manly")),
            ("the statistic of each voxel", isPermuted),
            (
                "threshold-free cluster enhancement (",
                quantities.contains { $0["quantity"]?.text == "tfce" } ? 1 : 0
            ),
            ("the extent", quantities.count { $0["quantity"]?.text?.hasPrefix("extent") == true }),
            ("the mass above the threshold", quantities.count { $0["mass"]?.text == "excess" }),
            ("the mass of clusters", quantities.count { $0["mass"]?.text == "total" }),
            (
                ", on the scale of z.",
                (permutations.first?["scale"]?.text == "z" ? 1 : 0)
                    + (plan?["variant"]?["missingData"] == nil ? 0 : 1)
            ),
            ("labels permuted", exchanged("permute", "both")),
            ("signs flipped", exchanged("flip", "both")),
            ("labels permuted and signs flipped", exchanged("both")),
            ("the test stopped after", permutations.count { $0["planned"] != nil }),
            ("generalised pareto distribution", tails("generalizedPareto")),
            ("gamma distribution", tails("gamma")),
            (
                "parametric p-values were corrected over voxels by bonferroni",
                isCorrected("bonferroni", "fwe")
            ),
            ("(benjamini and hochberg, 1995)", isCorrected("fdr-bh")),
            ("by the adaptive two-stage procedure", isCorrected("fdr-bky")),
            ("parametric p-values were also thresholded at", isCorrected("uncorrected")),
            ("by random field theory", isTheory),
            (
                "no correction for multiple testing was made",
                isPermuted + isThresholded + isTheory == 0 ? 1 : 0
            ),
            ("all-resolutions inference (", isBounded("all-resolutions")),
            ("were calibrated by the shuffles", isBounded("calibrated")),
            (", for comparison only", max(bounds.count - 1, 0)),
            ("p was also corrected over all", contrasts.count > 1 && areCorrectedTogether ? 1 : 0),
            (
                "there was no correction over contrasts",
                contrasts.count > 1 && !areCorrectedTogether ? 1 : 0
            ),
        ]
    }

    /// Sizes of effects, influence, clusters.
    private var ofEffects: [Rule] {
        func hasMap(_ kind: String) -> Int { files.contains { $0.contains("_stat-\(kind)_statmap") } ? 1 : 0 }
        let equivalent = contrasts.filter { $0["equivalence"] != nil }
        let areTwoSided = equivalent.contains { $0["tail"]?.text == "two-sided" }
        return [
            ("sizes of means and of their differences", hasMap("g")),
            ("sizes of slopes and other contrasts", hasMap("r")),
            ("effects too large to agree with the data", equivalent.isEmpty ? 0 : 1),
            ("by two one-sided tests", areTwoSided ? 1 : 0),
            ("by one-sided tests", equivalent.isEmpty || areTwoSided ? 0 : 1),
            ("the smallest effect of interest", plan?["smallestEffect"] == nil || equivalent.isEmpty ? 0 : 1),
            ("the influence of single subjects", has("influence")),
            (
                "clusters are sets of voxels beyond the threshold",
                any { ($0["clusters"]?.list ?? []).contains { ($0["count"]?.number ?? 0) > 0 } }
            ),
        ]
    }

    /// Who was analysed.
    private var ofModel: [Rule] {
        [
            ("none was left out", leavesOut ? 0 : 1), ("were used. left out:", leavesOut ? 1 : 0),
        ]
    }

    private func ofContrast(_ found: TraceDocument, isAnswer: Bool) -> [Rule] {
        let words = [
            "greater": ", one-sided (greater)", "less": ", one-sided (less)", "two-sided": ", two-sided)",
        ]
        let isF = found["test"]?.text == "F"
        let tail = isF ? "F" : found["tail"]?.text
        // The answer stands in the list at the top and once more in the contrast's own section.
        let ofTail = (words.map { ($0, $1) } + [("F", ", one tail)")]).map { key, words -> Rule in
            (words, key == tail ? 1 : 0)
        }
        guard !isAnswer else { return ofTail }
        let label = found["label"]?.text ?? ""
        let influence = found["influence"]?.list ?? []
        let hasThreshold = influence.contains { $0["threshold"] != nil }
        let isCarried = influence.contains { !($0["pivotal"]?.list ?? []).isEmpty }
        let clusters = (found["clusters"]?.list ?? []).count { ($0["count"]?.number ?? 0) > 0 }
        func regions(_ kind: String) -> Int {
            files.contains("contrast-\(label)_regions-\(kind).tsv") ? 1 : 0
        }
        let hasTables = clusters + regions("tfce") + regions("voxel") > 0
        return [
            (
                "every one of these peaks stays beyond its threshold",
                hasThreshold && !isCarried ? 1 : 0
            ),
            ("so there are no clusters", hasTables ? 0 : 1),
            ("they are no findings", hasTables ? 0 : 1),
        ]
    }

    private var ofItems: [Rule] {
        func isStated(_ words: String, _ condition: Bool) -> Rule { (words, condition ? 1 : 0) }
        return [
            isStated("none at this stage", plan?["smoothing"] == nil),
            isStated("; none left out", !leavesOut),
            isStated("one contrast", contrasts.count == 1),
            isStated("; \(contrasts.count) contrasts", contrasts.count > 1 && !areCorrectedTogether),
            isStated("by the maximum over the voxels of all", contrasts.count > 1 && areCorrectedTogether),
            isStated("no repeated measures modelled", plan?["variant"] == nil && !isRepeated),
            ("by the maximum over the mask", permutations.count),
            (
                "nothing survives",
                contrasts.reduce(0) { sum, found in
                    sum + (found["thresholds"]?.list ?? []).count { $0["statisticThreshold"] == nil }
                }
            ),
        ]
    }

    // ---- Holding ---------------------------------------------------------------------------------------

    private mutating func hold(_ rules: [Rule], in text: String) {
        let text = text.lowercased()
        for rule in rules {
            let found = text.split(separator: rule.words, omittingEmptySubsequences: false).count - 1
            if found == rule.count {
                held += 1
            } else {
                findings.append(
                    ReportTrace.Finding(
                        what: "“\(rule.words)”",
                        context: "it stands there \(found) times, and the run calls for \(rule.count)"))
            }
        }
    }

    /// Every work that is cited is listed, and every one that is listed is cited, or is the data set's.
    private mutating func holdReferences(_ section: PageElement, _ text: String) {
        let listed = section.all { $0.classes.contains("reference") }.map(\.text)
        let cited = text.matches(
            of: /(\p{Lu}[\p{L}’'\-]+)(?: and \p{Lu}[\p{L}\-]+| et al\.)?, ((?:19|20)\d\d)\b/
        )
        .map { (name: String($0.output.1), year: String($0.output.2)) }
        for work in cited {
            if listed.contains(where: { $0.hasPrefix(work.name) && $0.contains("(\(work.year))") }) {
                held += 1
            } else {
                findings.append(
                    .init(what: "\(work.name), \(work.year)", context: "it is cited and not listed"))
            }
        }
        let ofData = text.contains("which is to be cited (see the references)")
        for reference in listed where !ofData {
            if cited.contains(where: { reference.hasPrefix($0.name) && reference.contains("(\($0.year))") }) {
                held += 1
            } else {
                findings.append(
                    .init(what: String(reference.prefix(60)), context: "it is listed and not cited"))
            }
        }
    }
}
