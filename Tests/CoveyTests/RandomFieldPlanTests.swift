import CoveyTestSupport
import Foundation
import Testing

@testable import Covey

@Suite("Random field theory, in an analysis")
struct RandomFieldPlanTests {
    private func plan(_ cohort: TemporaryCohort) -> AnalysisPlan {
        var plan = cohort.plan
        plan.permutation = nil
        plan.thresholds.falseDiscoveryRate = nil
        plan.randomField = .init(alpha: 0.05)
        return plan
    }

    @Test("both signs count the resels twice, one sign and F once; F's clusters have the p of the library")
    func sides() throws {
        let cohort = try TemporaryCohort(subjects: 30)
        var plan = plan(cohort)
        plan.clusters.threshold = 2
        let analysis = try plan.run()
        let (t, f) = (analysis.contrasts[0], analysis.contrasts[1])
        let smoothness = try #require(t.randomField).smoothness
        #expect(smoothness == Smoothness(residualsOf: analysis.fit, in: analysis.reading.cohort))
        for (found, sides) in [(t, 2.0), (f, 1.0)] {
            let field = try #require(found.randomField)
            #expect(field.test.resels == smoothness.resels.map { sides * $0 })
            #expect(abs(field.test.logPeakP(field.threshold) - log(0.05)) < 1e-9)
            let table = try #require(field.tables[0])
            #expect(table.clusters.count == found.clusters[0].table.clusters.count && !table.clusters.isEmpty)
            for (cluster, p) in zip(found.clusters[0].table.clusters, table.clusters) {
                #expect(
                    p.logFamilyWise
                        == field.test.logClusterFamilyWiseP(
                            resels: Double(cluster.voxelCount) / smoothness.voxelsPerResel, threshold: 2))
            }
        }
        plan.tail = .greater
        let one = try plan.run().contrasts[0]
        #expect(try #require(one.randomField).threshold < t.randomField!.threshold)
        let summary = analysis.summary
        #expect(summary.smoothness?.resels == smoothness.resels)
        #expect(summary.contrasts.map { $0.randomField?.sides } == [2, 1])
        let text = SummaryText(analysis, summary).text
        #expect(text.contains("random field theory, family-wise error 0.05") && text.contains("set-level p"))
    }

    @Test("limits are said where they apply: rough maps, low forming thresholds, few degrees of freedom")
    func limits() throws {
        let cohort = try TemporaryCohort()
        var plan = plan(cohort)
        let usual = try plan.run()
        #expect(usual.notes.contains { $0.text.contains("voxels FWHM") && $0.severity == .warning })
        #expect(usual.notes.contains { $0.text.contains("residual degrees of freedom") })
        #expect(usual.notes.contains { $0.text.contains("by the residuals") && $0.severity == .information })
        #expect(!usual.notes.contains { $0.text.contains("Eklund") })
        #expect(
            usual.contrasts.allSatisfy {
                $0.clusters.last?.origin.contains("random field") == true
                    || $0.clusters.last?.origin.contains("0.001") == true
            })
        plan.clusters.threshold = 2
        #expect(try plan.run().notes.contains { $0.text.contains("Eklund") && $0.severity == .warning })
    }

    @Test("a threshold taken from the map gets no cluster p, and clusters at p = 0.001 stand beside it")
    func dataDependent() throws {
        let cohort = try TemporaryCohort(subjects: 30)
        var plan = plan(cohort)
        plan.thresholds.falseDiscoveryRate = 0.3
        let found = try plan.run().contrasts[0]
        let field = try #require(found.randomField)
        #expect(found.clusters.count == 2 && field.tables[0] == nil && field.tables[1] != nil)
    }

    @Test("variants and the scale of z are refused with the reason")
    func refusals() throws {
        let cohort = try TemporaryCohort()
        var plan = plan(cohort)
        plan.contrasts = ["score"]
        plan.variant = .smoothedVariance(fwhmMillimeters: 4)
        #expect(throws: PlanError.randomFieldOfVariant) { try plan.run() }
        plan.variant = nil
        plan.permutation = .init(count: 10, exchange: nil, seed: 1)
        plan.permutation?.scale = .z
        #expect(throws: PlanError.randomFieldOfScale) { try plan.run() }
    }
}
