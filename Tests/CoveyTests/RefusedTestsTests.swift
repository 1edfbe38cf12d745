import Foundation
import Testing

@testable import Covey

@Suite("Permutation tests that cannot be")
struct RefusedTestsTests {
    @Test("clusters at a height of 0 or below, and exponents beyond reason, are refused before any shuffle")
    func heightsAndExponents() throws {
        let cohort = try TemporaryCohort()
        var plan = cohort.plan
        plan.tail = .greater
        var comparison = AnalysisPlan.PermutationChoice.Comparison()
        for (p, scale) in [(0.5, nil), (0.6, AnalysisPlan.PermutationChoice.Scale.z)] {
            comparison.formingThresholds = [.p(p)]
            plan.permutation?.comparison = comparison
            plan.permutation?.scale = scale
            #expect(throws: PlanError.formingHeight(contrast: "score")) { try plan.run() }
        }
        comparison.formingThresholds = []
        comparison.tfce = TFCE()
        comparison.tfce?.heightExponent = 600
        plan.permutation?.comparison = comparison
        #expect(throws: PlanError.exponents) { try plan.run() }
        comparison.tfce?.heightExponent = TFCE.greatestExponent
        plan.permutation?.comparison = comparison
        let found = try plan.run().contrasts[0].permutation
        #expect(found?[.tfce]?.result.maxima.allSatisfy(\.isFinite) == true)
    }

    @Test(
        "a test that stops early is neither divided nor merged, and tells the smallest p of the shuffles it did"
    )
    func stopping() throws {
        let cohort = try TemporaryCohort()
        var plan = cohort.plan
        plan.contrasts = ["group[b]"]
        plan.permutation = .init(count: 3000, exchange: .permute, seed: 3)
        plan.model = .formula(text: "~ score + group", coding: .treatment, centring: .none)
        plan.permutation?.stopsEarly = true
        let prepared = try PreparedAnalysis(plan)
        #expect(throws: PlanError.stoppingShards) {
            try prepared.tallies(shard: Shard(index: 1, count: 2))
        }
        #expect(throws: PlanError.stoppingShards) { try prepared.merge([cohort.folder + "/none"]) }
        let summary = try plan.run().summary.contrasts[0].permutation
        let done = try #require(summary?.shuffles)
        #expect(done < 3001 && summary?.smallestPossibleP == 1 / Double(done))
    }
}
