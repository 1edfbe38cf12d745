import CoveyTestSupport
import Foundation
import Testing

@testable import Covey

@Suite("The design part tells the test that is made")
struct ToldTestTests {
    private func lines(_ cohort: TemporaryCohort, _ change: (inout AnalysisPlan) throws -> Void) throws
        -> String
    {
        var plan = cohort.plan
        plan.contrasts = ["score"]
        try change(&plan)
        return try plan.run().doctor.lines.joined(separator: "\n")
    }

    @Test("of a file of shuffles it tells their number and kind, and warns where they cannot test")
    func listed() throws {
        let cohort = try TemporaryCohort()
        let n = 12
        let rows = (1...25).map { k in (0..<n).map { "\(($0 + k) % n)" }.joined(separator: " ") }
        let file = cohort.folder + "/shuffles.txt"
        try rows.joined(separator: "\n").write(toFile: file, atomically: true, encoding: .utf8)
        let slope = try lines(cohort) {
            $0.permutation?.count = 500
            $0.permutation?.shufflesFrom = file
        }
        #expect(slope.contains("Shuffles: 25 of a file, the identity included; smallest p 0.04"))
        #expect(slope.contains("as a file lists them") && !slope.contains("500"))
        let mean = try lines(cohort) {
            $0.permutation?.shufflesFrom = file
            $0.model = .formula(text: "~ 1", coding: .treatment, centring: .none)
            $0.contrasts = ["intercept"]
        }
        #expect(mean.contains("the file's permutations change nothing, and every p is 1"))
        #expect(mean.contains("smallest p 1\n") && !mean.contains("either sign"))
        for (flag, change) in [
            ("--exchange", { $0.permutation?.exchange = .flip }),
            ("--blocks", { $0.blocks = .columns(try BlockColumns("within:group")) }),
        ] as [(String, (inout AnalysisPlan) throws -> Void)] {
            #expect(throws: PlanContradiction.listedShuffles(beside: flag)) {
                try lines(cohort) {
                    $0.permutation?.shufflesFrom = file
                    try change(&$0)
                }
            }
        }
    }

    @Test("the method of the nuisance columns is the one in effect, and so is the split")
    func methods() throws {
        let cohort = try TemporaryCohort()
        for method in NuisanceMethod.allCases {
            let text = try lines(cohort) { $0.permutation?.method = method }
            #expect(text.contains("Freedman-Lane") == (method == .freedmanLane), "\(text)")
        }
        #expect(try lines(cohort) { $0.permutation?.method = .manly }.contains("each subject's map may"))
        #expect(throws: PlanContradiction.splitWithoutMethod(.guttman)) {
            try lines(cohort) {
                $0.permutation?.split = .guttman
                $0.permutation?.method = .manly
            }
        }
        var plan = cohort.plan
        plan.permutation?.method = .draperStoneman
        plan.permutation?.split = .beckmann
        let analysis = try plan.run()
        let summary = analysis.summary
        #expect(summary.contrasts[0].permutation?.partition == "beckmann")
        #expect(
            SummaryText(analysis, summary).text.contains(
                "draper-stoneman, not Freedman-Lane; model split by beckmann"))
    }

    @Test("the warning that nothing can be significant is about the level asked for")
    func level() throws {
        let cohort = try TemporaryCohort()
        func text(_ alpha: Double) throws -> String {
            try lines(cohort) {
                $0.permutation?.count = 30
                $0.permutation?.alpha = alpha
            }
        }
        #expect(try text(0.01).contains("nothing can be significant at 0.01"))
        #expect(try !text(0.05).contains("nothing can be significant"))
    }
}
