import CoveyTestSupport
import Foundation

@testable import Covey

/// A cohort whose truth is known, analysed once for all tests: two contrasts, permutation with TFCE and
/// clusters, subjects left out, names that would be code in a careless page.
final class ReportedCohort: Sendable {
    static let shared = Result { try ReportedCohort() }

    /// The report as it is read back from the result folder.
    static let remade = Result { try AnalysisReport(folder: try shared.get().results) }

    /// What a page must show as it is.
    static let awkward = "</script><script>alert('x')</script> & \"co\""

    let folder: String
    let results: String
    let analysis: Analysis

    private init() throws {
        let root = FileManager.default.temporaryDirectory.path + "/covey-report-\(UUID().uuidString)"
        folder = root
        var options = SyntheticCohort.Options(seed: 5)
        options.subjectCount = 24
        options.missingCount = 2
        options.spacingMillimeters = 6
        let cohort = try ResultFolder(root + "/cohort", overwrites: false)
        try SyntheticCohort(options).write(into: cohort)
        try cohort.commit()
        analysis = try Self.plan(root).run()
        results = root + "/results"
        try Self.write(analysis, to: results)
    }

    deinit { try? FileManager.default.removeItem(atPath: folder) }

    static func plan(_ root: String) -> AnalysisPlan {
        var source = AnalysisPlan.DataSource(table: root + "/cohort/participants.tsv")
        source.dropsMissing = true
        source.renamed = ["pseudo": "fluency"]
        var plan = AnalysisPlan(
            data: source,
            model: .formula(text: "~ fluency", coding: .treatment, centring: .grandMean),
            contrasts: ["\(awkward) = fluency", "intercept"], tail: .twoSided)
        plan.smoothing = .init(fwhmMillimeters: [8, 8, 8])
        plan.thresholds.falseDiscoveryRate = 0.05
        plan.thresholds.bonferroni = 0.05
        var permutation = AnalysisPlan.PermutationChoice(count: 59, exchange: nil, seed: 1)
        var comparison = AnalysisPlan.PermutationChoice.Comparison()
        comparison.tfce = TFCE()
        comparison.formingThresholds = [.p(0.001)]
        permutation.comparison = comparison
        plan.permutation = permutation
        return plan
    }

    static func write(_ analysis: Analysis, to path: String) throws {
        let folder = try ResultFolder(path, overwrites: true)
        try analysis.write(into: folder)
        try folder.commit()
    }

    var page: String {
        get throws { try String(contentsOfFile: results + "/report.html", encoding: .utf8) }
    }
}
