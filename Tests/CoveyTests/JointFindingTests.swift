import CoveyTestSupport
import Foundation
import Testing

@testable import Covey

@Suite("Correction across contrasts")
struct JointFindingTests {
    private func plan(_ cohort: TemporaryCohort) -> AnalysisPlan {
        var plan = cohort.plan
        plan.contrasts = ["score", "group[b]"]
        plan.permutation?.exchange = .permute
        plan.permutation?.correctsAcrossContrasts = true
        var comparison = AnalysisPlan.PermutationChoice.Comparison()
        comparison.tfce = TFCE()
        comparison.formingThresholds = [.p(0.05)]
        plan.permutation?.comparison = comparison
        return plan
    }

    @Test("of one contrast alone the threshold over all contrasts is the contrast's own")
    func alone() throws {
        let cohort = try TemporaryCohort()
        let analysis = try plan(cohort).run()
        for finding in analysis.contrasts.flatMap({ $0.permutation!.findings }) {
            for alpha in [0.02, 0.05, 0.31, 0.9] {
                let maxima = finding.result.maxima
                let joint = JointFinding(finding.result, among: maxima, alpha: alpha)
                #expect(joint.threshold == finding.result.familyWiseThreshold(alpha: alpha))
            }
            #expect(JointFinding.threshold(finding.result.maxima, alpha: 0.001) == nil)
        }
    }

    @Test("survivors are the voxels that reach the threshold, which is one for all contrasts")
    func survivors() throws {
        let cohort = try TemporaryCohort()
        var plan = plan(cohort)
        plan.permutation?.alpha = 0.4
        let analysis = try plan.run()
        let found = analysis.contrasts.map { $0.permutation!.findings }
        for (a, b) in zip(found[0], found[1]) {
            let (first, second) = (try #require(a.acrossContrasts), try #require(b.acrossContrasts))
            #expect(first.threshold == second.threshold)
            let threshold = try #require(first.threshold)
            // No family is smaller than one of its parts.
            #expect(threshold >= max(a.threshold ?? 0, b.threshold ?? 0))
            for (finding, joint) in [(a, first), (b, second)] {
                let reaching = finding.result.observed.values.count { abs($0) >= threshold }
                #expect(joint.survivorCount == reaching && joint.survivorCount <= finding.survivorCount)
                #expect(joint.smallestP >= finding.smallestP)
            }
        }
        #expect(found[0][0].acrossContrasts!.survivorCount > 0)
    }

    @Test("two tails and one are no family, also on the scale of z: equal p have unequal z there")
    func tails() throws {
        let cohort = try TemporaryCohort()
        var plan = plan(cohort)
        plan.contrasts = ["score", "F: score; group[b]"]
        plan.permutation?.scale = .z
        plan.permutation?.exchange = .permute
        #expect(throws: PlanError.contrastsOfDifferentTails("score", "F: score; group[b]")) {
            try PreparedAnalysis(plan)
        }
        plan.tail = .greater
        #expect(try PreparedAnalysis(plan).tests.map(\.tail) == [.greater, .greater])
    }

    @Test("summary and tables tell what was found over all contrasts, with its interval")
    func told() throws {
        let cohort = try TemporaryCohort()
        let results = try ResultFolder(cohort.folder + "/results", overwrites: false)
        let analysis = try plan(cohort).run()
        try analysis.write(into: results)
        try results.commit()
        let text = try String(contentsOfFile: results.destination + "/summary.txt", encoding: .utf8)
        #expect(text.components(separatedBy: "  over all contrasts, family-wise error 0.05").count == 9)
        let summary = try JSONDecoder().decode(
            Summary.self, from: Data(contentsOf: URL(fileURLWithPath: results.destination + "/summary.json")))
        for contrast in summary.contrasts {
            for quantity in contrast.permutation!.quantities {
                let joint = try #require(quantity.acrossContrasts)
                let interval = try #require(joint.smallestPInterval)
                #expect(interval[0] < joint.smallestP && joint.smallestP <= interval[1])
                #expect(joint.threshold != nil)
            }
        }
        let table = try Table.read(results.destination + "/contrast-Score_clusters.tsv").table
        for name in ["Peak", "Peak TFCE", "Cluster extent", "Cluster mass"] {
            let p = try #require(table.cells(of: "\(name) p FWE all contrasts")).map { Double($0) }
            let low = try #require(table.cells(of: "\(name) p FWE all contrasts low")).map { Double($0) }
            let high = try #require(table.cells(of: "\(name) p FWE all contrasts high")).map { Double($0) }
            for ((p, low), high) in zip(zip(p, low), high) {
                guard let p else { continue }
                #expect(try #require(low) < p && p <= #require(high))
            }
        }
    }

    @Test("FSL's steps differ by contrast, and are refused with correction across contrasts")
    func ownSteps() throws {
        let cohort = try TemporaryCohort()
        var plan = plan(cohort)
        plan.permutation?.comparison?.tfce = TFCE(integration: .steppedAsFSL)
        #expect(throws: PlanContradiction.ownStepsAcrossContrasts) { try plan.run() }
        plan.permutation?.comparison?.tfce = TFCE(integration: .stepped(0.1))
        #expect(throws: Never.self) { try plan.run() }
    }
}
