import CoveyCore
import CoveyFigures
import CoveyInference
import CoveyModel
import CoveyReport

/// What the report says of one contrast, and the maps it shows.
struct ContrastReport {
    private(set) var content: ReportContrast
    /// By file: one value per voxel of the mask, in single precision as the files have them.
    let values: [String: [Double]]
    /// −log10 of the uncorrected p of the test's own tail; `nil` where it lies on other voxels.
    let uncorrected: [Double]?
    /// The packed steps of its bounds on true discoveries, and their file.
    let steps: (file: String, bytes: [UInt8])?

    init(_ found: ContrastAnalysis, _ diagnosis: ContrastDiagnosis, _ analysis: Analysis) {
        let marks = ContrastMarks(found)
        var maps: [ReportMap] = []
        var values: [String: [Double]] = [:]
        let tested = found.tested.statistic
        let ranked = found.maps(analysis.fit).map { (Self.rank($0.statistic, tested, found.isPseudo), $0) }
        uncorrected = ranked.map(\.1).first { $0.isUncorrectedP }.flatMap { map in
            map.mask.offsets == found.tested.mask.offsets ? map.values.map { Double(Float($0)) } : nil
        }
        for (_, map) in ranked.sorted(by: { $0.0 < $1.0 }) {
            let file = map.fileName(contrastLabel: found.label)
            // Maps of a plain fit may lie on fewer voxels than those of what was tested.
            guard map.mask.offsets == found.tested.mask.offsets,
                let shown = Self.shown(map.statistic, file, found, marks)
            else { continue }
            precondition(values[file] == nil, "two maps are called \(file)")
            maps.append(shown)
            values[file] = map.values.map { Double(Float($0)) }
        }
        self.values = values
        // Where something survives by another quantity than the voxels' own, the viewer begins with that.
        let opening = ContrastAnswer.strongestSurvivor(found).flatMap { survivor in
            ranked.map(\.1).first { map in
                guard case .negativeLog10P(_, .familyWiseError, .permutation(let quantity)) = map.statistic
                else { return false }
                return quantity == survivor.finding.result.quantity
            }
        }
        let bounds = found.reportBounds(analysis.plan)
        steps = bounds.map { bounds in
            (
                bounds.file,
                BoundSteps.packed(found.bounds[0].steps, values: values[maps[0].file]!, side: maps[0].side)
            )
        }
        let answer = ContrastAnswer(found, analysis)
        let peaks = PeakRows(found, analysis)
        content = ReportContrast(
            name: found.title, label: found.label, weights: found.contrast.weights, answer: answer.sentence,
            remarks: answer.remarks(diagnosis, analysis), maps: maps, start: peaks.start,
            figures: analysis.plan.figures.map { Self.figures(found, maps, marks, $0) } ?? [],
            tables: peaks.tables, scatter: ReportScatter(found, analysis.design), places: peaks.places,
            bounds: bounds, influence: found.influence.map { ReportInfluence($0, label: found.label) })
        content.opening = opening?.fileName(contrastLabel: found.label)
    }

    /// Where a map stands in the viewer's list: the statistic, corrected p, then what describes.
    private static func rank(_ statistic: Statistic, _ tested: Statistic, _ isPseudo: Bool) -> Int {
        switch statistic {
        case .named("pseudot") where isPseudo: 0
        case tested where !isPseudo: 0
        case .t, .f: 3
        case .negativeLog10P(_, let correction, _): correction == .none ? 2 : 1
        case .z: 3
        case .effect: 4
        case .standardError: 5
        case .cohensD: 6
        case .partialR2: 7
        case .p, .variance, .quantity, .named: 8
        }
    }

    /// How the viewer shows a map; `nil` for those that say the same as another.
    private static func shown(
        _ statistic: Statistic, _ file: String, _ found: ContrastAnalysis, _ marks: ContrastMarks
    ) -> ReportMap? {
        let side: ReportMap.Side =
            found.partition.isF
            ? .greater : found.tail == .greater ? .greater : found.tail == .less ? .less : .both
        let name = Self.name(statistic)
        switch statistic {
        case .named("pseudot"):
            return ReportMap(
                name: "pseudo-t", file: file, precision: .exact, side: side, colorMap: ReportColors.diverging,
                threshold: marks.start, marks: marks.statistic)
        case .named("ruledout"):
            return ReportMap(
                name: "largest effect not ruled out", file: file, precision: .rounded, side: .greater,
                colorMap: ReportColors.sequential)
        case .named:
            return ReportMap(
                name: ["g": "Hedges’ g", "r": "partial r"].first { statistic == .named($0.key) }?.value
                    ?? name,
                file: file, precision: .rounded, side: .both, colorMap: ReportColors.diverging)
        case .t, .f:
            if found.isPseudo {
                return ReportMap(
                    name: name + ", plain", file: file, precision: .rounded, side: side,
                    colorMap: ReportColors.diverging)
            }
            return ReportMap(
                name: name, file: file, precision: .exact, side: side,
                colorMap: found.partition.isF ? ReportColors.sequential : ReportColors.diverging,
                threshold: marks.start, marks: marks.statistic)
        case .z:
            if found.isPseudo { return nil }
            return ReportMap(
                name: name, file: file, precision: statistic == found.tested.statistic ? .exact : .rounded,
                side: side, colorMap: ReportColors.diverging,
                threshold: marks.startZ, marks: marks.z)
        // What the permutation test says uncorrected, and q-values of enhanced maps, are in the folder alone.
        case .negativeLog10P(_, .none, .permutation), .negativeLog10P(_, _, .sequentialPermutation),
            .quantity:
            return nil
        case .negativeLog10P(_, _, .parametric) where found.isPseudo: return nil
        case .negativeLog10P(_, .falseDiscoveryRate, .permutation(let quantity)) where quantity != .voxel:
            return nil
        // What is ruled out is told by the map of the largest effect that is not.
        case .negativeLog10P(_, _, .equivalence): return nil
        case .negativeLog10P(_, let correction, _):
            let marks = marks.corrected(correction)
            return ReportMap(
                name: name, file: file, isNegativeLog10: true,
                precision: .rounded, side: .greater, colorMap: ReportColors.sequential,
                threshold: marks.first?.value ?? 0, marks: marks)
        // Hedges' g and partial r stand for these.
        case .cohensD where found.variant == nil: return nil
        case .partialR2 where found.variant == nil && !found.partition.isF: return nil
        case .effect, .cohensD:
            return ReportMap(
                name: name, file: file, precision: .rounded, side: .both, colorMap: ReportColors.diverging)
        case .partialR2 where found.comparesMeans && !found.partition.isF: return nil
        case .standardError, .partialR2:
            return ReportMap(
                name: name, file: file, precision: statistic == .standardError ? .relative : .rounded,
                side: .greater, colorMap: ReportColors.sequential
            )
        case .p, .variance: return nil
        }
    }

    /// What the numbers of a map are, and by what quantity where it is not the voxel's own.
    static func name(_ statistic: Statistic) -> String {
        let name = statistic.figureLabel
        guard case .negativeLog10P(_, let correction, let source) = statistic else { return name }
        switch source {
        case .parametric where correction == .adaptiveFalseDiscoveryRate: return "−log₁₀ q (adaptive FDR)"
        case .parametric, .sequentialPermutation, .equivalence: return name
        case .permutationFit(let quantity): return name + words(quantity) + ", fitted tail"
        case .permutation(.voxel): return correction == .falseDiscoveryRate ? name + ", by permutation" : name
        case .permutation(let quantity): return name + words(quantity)
        }
    }

    private static func words(_ quantity: TestedQuantity) -> String {
        switch quantity {
        case .voxel: ""
        case .tfce: ", TFCE"
        case .clusterExtent(let threshold):
            ", cluster extent at \(significant(threshold.height, digits: 3))"
        case .clusterMass(let threshold): ", cluster mass at \(significant(threshold.height, digits: 3))"
        }
    }

    private static func figures(
        _ found: ContrastAnalysis, _ maps: [ReportMap], _ marks: ContrastMarks,
        _ choice: AnalysisPlan.FigureChoice
    ) -> [ReportFigure] {
        let statistic = maps[0]
        var figures = [
            figure(
                found, statistic, threshold: marks.start, mark: marks.name(of: marks.start), "statistic",
                of: found.letter,
                isReached: found.tested.values.contains { value in
                    switch statistic.side {
                    case .greater: value >= marks.start
                    case .less: value <= -marks.start
                    case .both: abs(value) >= marks.start
                    }
                },
                isSequential: found.partition.isF, choice)
        ]
        // Of the corrected maps that of the most powerful quantity that was compared: TFCE, else the voxel.
        let corrected = maps.filter { $0.isNegativeLog10 && $0.name.contains("(FWE)") }
        if let map = corrected.first(where: { $0.name.hasSuffix("TFCE") }) ?? corrected.first,
            let mark = map.marks.first
        {
            let isTFCE = map.name.hasSuffix("TFCE")
            let finding = isTFCE ? found.permutation?[.tfce] : found.permutation?.voxel
            figures.append(
                figure(
                    found, map, threshold: mark.value, mark: mark.name, "fwe", of: isTFCE ? "TFCE" : "voxels",
                    isReached: (finding?.survivorCount ?? 0) > 0, isSequential: true, choice))
        }
        return figures + [glass(of: figures[figures.count - 1])]
    }

    /// The same map and threshold as a glass brain: everything that survives at one glance.
    private static func glass(of figure: ReportFigure) -> ReportFigure {
        var glass = figure
        glass.name += "-glass"
        glass.isGlass = true
        glass.cutsMillimeters = nil
        glass.alternative =
            "\(figure.label), \(figure.title), as a glass brain: the value of greatest size along each line of sight from "
            + "the side, from behind and from above, where it reaches \(significant(figure.threshold, digits: 4)). Depth "
            + "cannot be read from it."
        return glass
    }

    private static func figure(
        _ found: ContrastAnalysis, _ map: ReportMap, threshold: Double, mark: String, _ name: String,
        of quantity: String, isReached: Bool, isSequential: Bool, _ choice: AnalysisPlan.FigureChoice
    ) -> ReportFigure {
        let cuts = choice.cutsMillimeters
        return ReportFigure(
            name: "\(found.label)-\(name)", map: map.file, side: map.side, threshold: threshold,
            title: "\(found.title), \(quantity): \(mark)", label: map.name, isSequential: isSequential,
            cutsMillimeters: cuts?.count == 3 ? cuts : nil,
            alternative:
                "\(map.name) of \(found.title) in three slices "
                + (cuts.map { "at " + $0.map { shortest($0) }.joined(separator: ", ") + " mm" }
                    ?? "through its peak")
                + (isReached
                    ? "; in full colour and outlined where \(mark) is reached (\(significant(threshold, digits: 4))), "
                        + "fading below it."
                    : "; \(mark) is reached nowhere (\(significant(threshold, digits: 4))), and all of it is faded.")
        )
    }
}

extension StatisticMap {
    /// Whether it has −log10 of the parametric uncorrected p.
    fileprivate var isUncorrectedP: Bool {
        if case .negativeLog10P(_, .none, .parametric) = statistic { true } else { false }
    }
}

/// The thresholds that a contrast's maps are marked with.
struct ContrastMarks {
    /// On the scale of t or F: the corrected ones first.
    let statistic: [ReportMark]
    /// The same on the scale of z.
    let z: [ReportMark]
    /// Where the viewer begins on the statistic.
    let start: Double
    /// The same on the scale of z.
    let startZ: Double
    private let levels: [(Correction, ReportMark)]

    init(_ found: ContrastAnalysis) {
        var (statistic, z): ([ReportMark], [ReportMark]) = ([], [])
        func mark(_ threshold: Double, _ name: String, isCorrected: Bool, z known: Double? = nil) {
            statistic.append(ReportMark(value: threshold, name: name, isCorrected: isCorrected))
            z.append(
                ReportMark(
                    value: known ?? Self.z(of: threshold, found.statistic.statistic), name: name,
                    isCorrected: isCorrected))
        }
        var levels: [(Correction, ReportMark)] = []
        func level(_ p: Double, _ correction: Correction, _ name: String) {
            levels.append(
                (
                    correction,
                    ReportMark(
                        value: LogProbability.negativeLog10(LogProbability.fromP(p)), name: name,
                        isCorrected: correction != .none)
                ))
        }
        var survives: [Double] = []
        if let permutation = found.permutation {
            let name = "FWE p ≤ \(shortest(permutation.alpha)) by permutation"
            level(permutation.alpha, .familyWiseError, name)
            level(
                permutation.alpha, .familyWiseErrorAcrossContrasts,
                "FWE p ≤ \(shortest(permutation.alpha)) over all contrasts")
            // The least statistic that is significant, where one is: a threshold between it and the next one
            // below would do as well.
            if let threshold = Self.leastSurvivor(permutation, found) ?? Self.threshold(permutation, found),
                threshold > 0
            {
                mark(threshold, name, isCorrected: true)
                if permutation.voxel.survivorCount > 0 { survives.append(threshold) }
            }
        }
        // Parametric thresholds are those of the plain t.
        for finding in found.isPseudo ? [] : found.thresholds {
            let name = Self.name(finding.correction, finding.level)
            let isCorrected = finding.correction != .none
            level(finding.level, finding.correction, name)
            if let threshold = finding.statisticThreshold ?? Self.threshold(finding, found) {
                mark(threshold, name, isCorrected: isCorrected, z: finding.zThreshold)
                if finding.survivorCount > 0, isCorrected { survives.append(threshold) }
            }
        }
        if let field = found.randomField {
            mark(
                field.threshold, "FWE p ≤ \(shortest(field.alpha)) by random field theory", isCorrected: true)
            if field.survivorCount > 0 { survives.append(field.threshold) }
        }
        if statistic.isEmpty || !found.isPseudo,
            !found.thresholds.contains(where: { $0.correction == .none && $0.level == 0.001 })
        {
            mark(
                uncorrectedThreshold(found.statistic.statistic, tail: found.tail, p: 0.001),
                found.isPseudo ? "the plain t’s uncorrected p ≤ 0.001" : "uncorrected p ≤ 0.001",
                isCorrected: false)
        }
        self.statistic = statistic
        self.z = z
        self.levels = levels
        // Where nothing survives, the viewer begins with a corrected threshold all the same: what came closest
        // is faint, and nothing is outlined as if it had been found.
        let start = survives.first ?? statistic[0].value
        self.start = start
        startZ = z[statistic.firstIndex { $0.value == start }!].value
    }

    /// The marks of a map of −log10 p.
    func corrected(_ correction: Correction) -> [ReportMark] {
        levels.filter { $0.0 == correction }.map(\.1)
    }

    /// The normal deviate with the tail area of a statistic.
    private static func z(of threshold: Double, _ statistic: Statistic) -> Double {
        switch statistic {
        case .t(let dof): StudentT(degreesOfFreedom: dof).z(of: threshold)
        case .f(let numerator, let denominator):
            FDistribution(numerator: numerator, denominator: denominator).areas(of: threshold).z
        default: threshold
        }
    }

    /// What a threshold of the statistic controls.
    func name(of threshold: Double) -> String {
        statistic.first { $0.value == threshold }?.name ?? "the threshold"
    }

    static func name(_ correction: Correction, _ level: Double) -> String {
        switch correction {
        case .none: "uncorrected p ≤ \(shortest(level))"
        case .bonferroni: "Bonferroni p ≤ \(shortest(level))"
        case .familyWiseError: "FWE p ≤ \(shortest(level))"
        case .familyWiseErrorAcrossContrasts: "FWE p ≤ \(shortest(level)) over all contrasts"
        case .falseDiscoveryRate: "FDR q ≤ \(shortest(level))"
        case .adaptiveFalseDiscoveryRate: "adaptive FDR q ≤ \(shortest(level))"
        }
    }

    /// The least magnitude of a statistic whose family-wise p is at most alpha.
    private static func leastSurvivor(
        _ permutation: PermutationFinding, _ found: ContrastAnalysis
    ) -> Double? {
        let (p, statistic) = (permutation.voxel.result.familyWiseP.values, found.tested.values)
        return p.indices.filter { p[$0] <= permutation.alpha }.map { abs(statistic[$0]) }.min()
    }

    /// The threshold of the permutation test where nothing reaches it; `nil` where it is one of z, which has
    /// no counterpart among the maxima of the statistic.
    private static func threshold(
        _ permutation: PermutationFinding, _ found: ContrastAnalysis
    ) -> Double? {
        permutation.voxel.result.observed.statistic == found.tested.statistic
            ? permutation.voxel.threshold : nil
    }

    /// The threshold where nothing reaches it: known without the data for Bonferroni and uncorrected p only.
    private static func threshold(_ finding: ThresholdFinding, _ found: ContrastAnalysis) -> Double? {
        switch finding.correction {
        case .bonferroni:
            uncorrectedThreshold(
                found.statistic.statistic, tail: found.tail, p: finding.level / Double(finding.testCount))
        case .none:
            uncorrectedThreshold(found.statistic.statistic, tail: found.tail, p: finding.level)
        default: nil
        }
    }
}
