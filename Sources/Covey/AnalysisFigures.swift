import CoveyCore
import CoveyFigures
import CoveyImaging
import CoveyInference
import CoveyModel

/// The figures of an analysis: for each contrast z at its parametric threshold, `-log10 p` by Bonferroni, and
/// `-log10 p` by permutation, each where it was asked for.
struct AnalysisFigures {
    private struct Job: Sendable {
        let name: String
        let figure: SliceFigure
    }

    private let jobs: [Job]
    private let formats: [AnalysisPlan.FigureChoice.Format]
    private let threads: Int

    init(_ analysis: Analysis) throws {
        let choice = analysis.plan.figures ?? AnalysisPlan.FigureChoice()
        let background: SliceFigure.Background
        if let file = choice.background {
            background = .volume(try ImageFile.readVolume(file))
        } else {
            background = .template
        }
        jobs = analysis.contrasts.flatMap { contrast in
            Self.figures(of: contrast, plan: analysis.plan).flatMap { name, figure in
                (choice.views ?? [.ortho]).map { view in
                    var figure = figure
                    figure.background = background
                    figure.view = Self.sliceView(view, choice)
                    // Along a line of sight what is below the threshold would hide what is above it elsewhere.
                    if view == .glass { figure.style.belowThreshold = .hidden }
                    let ending = view == .ortho ? "" : "_\(view.rawValue)"
                    return Job(name: "contrast-\(contrast.label)_\(name)\(ending)", figure: figure)
                }
            }
        }
        formats = choice.formats
        threads = analysis.options.threads
    }

    private static func sliceView(
        _ view: AnalysisPlan.FigureChoice.View, _ choice: AnalysisPlan.FigureChoice
    ) -> SliceView {
        switch view {
        case .ortho:
            guard let cuts = choice.cutsMillimeters, cuts.count == 3 else { return .automatic }
            return .orthogonal(.millimeters(x: cuts[0], y: cuts[1], z: cuts[2]))
        case .row: return .strongest(.z, count: 7)
        case .mosaic: return .mosaic(count: 7)
        case .glass: return .glass
        }
    }

    func write(into folder: ResultFolder) throws {
        let pages = jobs.flatMap { job in formats.map { (job, $0) } }
        try forEachBlock(pages.count, threads: threads) { (k: Int) throws in
            let (job, format) = pages[k]
            let kind: FigureFormat =
                switch format {
                case .png: .png
                case .svg: .svg
                case .pdf: .pdf
                }
            try folder.write(try job.figure.render(kind), to: "figures/\(job.name).\(format.rawValue)")
        }
    }

    private static func figures(
        of contrast: ContrastAnalysis, plan: AnalysisPlan
    ) -> [(name: String, figure: SliceFigure)] {
        let name = contrast.title
        var figures: [(String, SliceFigure)] = []
        let chosen =
            contrast.thresholds.first { $0.correction == .falseDiscoveryRate }
            ?? contrast.thresholds.first { $0.correction == .adaptiveFalseDiscoveryRate }
            ?? contrast.thresholds.first { $0.correction == .none } ?? contrast.thresholds.first
        // Where nothing survives, the least value that would is not known: the figure then shows that no voxel
        // reaches a threshold just beyond the strongest one.
        let strongest = contrast.parametric.z.values.filter { !$0.isNaN }.map(abs).max() ?? 1
        let title = chosen.map { "\(name), \(words($0.correction)) \(shortest($0.level))" } ?? name
        let threshold = chosen.map { $0.zThreshold ?? strongest.nextUp } ?? 3.090232306167813
        let note =
            chosen == nil
            ? "\(name), uncorrected z ≥ 3.09"
            : chosen?.zThreshold == nil ? title + ": nothing survives" : title + ", \(contrast.tail.rawValue)"
        var style = SliceStyle()
        var map = contrast.parametric.z
        if contrast.tail == .greater || contrast.tail == .less {
            // Only one side counts: the other is not shown as if it had been tested.
            let sign = contrast.tail == .greater ? 1.0 : -1.0
            map = StatisticMap(.z, mask: map.mask, values: map.values.map { sign * $0 > 0 ? $0 : 0 })
        }
        // Where nothing survives, what came closest is shown faint rather than not at all.
        if chosen?.zThreshold == nil { style.belowThreshold = .faded(alpha: 0.7) }
        figures.append(("z", SliceFigure(map, threshold: threshold, title: note, style: style)))

        for finding in contrast.thresholds where finding.correction == .bonferroni {
            let tests = MultipleTesting(logP: contrast.parametric.logP)
            let values = tests.adjusted(by: .bonferroni).map(LogProbability.negativeLog10)
            let corrected = StatisticMap(
                .negativeLog10P(contrast.tail, .bonferroni, .parametric), mask: map.mask, values: values)
            figures.append(
                (
                    "bonferroni",
                    SliceFigure(
                        corrected,
                        threshold: LogProbability.negativeLog10(LogProbability.fromP(finding.level)),
                        title: "\(name), Bonferroni p ≤ \(shortest(finding.level)), \(contrast.tail.rawValue)"
                            + (finding.survivorCount == 0 ? ": nothing survives" : ""),
                        style: .sequential)
                ))
        }
        if let permutation = contrast.permutation {
            // What else found something is shown too.
            for finding in permutation.findings
            where finding.result.quantity == .voxel || finding.survivorCount > 0 {
                let quantity = finding.result.quantity
                figures.append(
                    (
                        quantity == .voxel ? "permutation" : "permutation-\(quantity.label)",
                        SliceFigure(
                            finding.result.familyWiseP.negativeLog10,
                            threshold: LogProbability.negativeLog10(LogProbability.fromP(permutation.alpha)),
                            title:
                                "\(name), permutation p(FWE)\(permutation.findings.count > 1 ? words(quantity) : "") ≤ \(shortest(permutation.alpha)), "
                                + "\(contrast.tail.rawValue), \(finding.result.shuffleCount) shuffles"
                                + (finding.survivorCount == 0 ? ": nothing survives" : ""),
                            style: .sequential)
                    ))
            }
        }
        return figures
    }

    private static func words(_ quantity: TestedQuantity) -> String {
        switch quantity {
        case .voxel: " of voxels"
        case .tfce: " of TFCE"
        case .clusterExtent(let threshold): " of extent at \(significant(threshold.height, digits: 3))"
        case .clusterMass(let threshold): " of mass at \(significant(threshold.height, digits: 3))"
        }
    }

    private static func words(_ correction: Correction) -> String {
        switch correction {
        case .none, .familyWiseError, .familyWiseErrorAcrossContrasts: "uncorrected p ≤"
        case .bonferroni: "Bonferroni p ≤"
        case .falseDiscoveryRate: "FDR q ≤"
        case .adaptiveFalseDiscoveryRate: "adaptive FDR q ≤"
        }
    }
}
