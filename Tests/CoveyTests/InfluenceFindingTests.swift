import CoveyTestSupport
import Foundation
import Testing

@testable import Covey

@Suite("Influence and equivalence in an analysis")
struct InfluenceFindingTests {
    @Test("a subject who carries a cluster is named, with the statistic of an analysis without")
    func carried() throws {
        let cohort = try TemporaryCohort()
        var plan = cohort.plan
        plan.contrasts = ["score"]
        plan.permutation = nil
        plan.clusters.threshold = 2.5
        let found = try #require(try plan.run().contrasts[0].influence)
        let peak = found.peaks[0]
        for (k, identifier) in found.identifiers.enumerated() {
            var table = try Table.read(cohort.table).0
            table = Table(columns: table.columns, rows: table.rows.filter { $0[0] != identifier })
            try writeFile(Array(table.tabSeparated.utf8), to: cohort.folder + "/without.tsv")
            var without = plan
            without.data.table = cohort.folder + "/without.tsv"
            let analysis = try without.run()
            let whole = try plan.run().contrasts[0]
            let column = try #require(
                whole.statistic.values.firstIndex(of: peak.statistic))
            let refitted = analysis.contrasts[0].statistic.values[column]
            #expect(abs(try #require(peak.without[k]) - refitted) < 1e-9 * max(1, abs(refitted)))
        }
        let pivotal = found.peaks.filter { !$0.pivotal.isEmpty }
        #expect(found.sentences.count == min(pivotal.count, 5) + (pivotal.count > 5 ? 1 : 0))
        for (peak, sentence) in zip(pivotal, found.sentences) {
            #expect(sentence.contains("without \(found.identifiers[peak.pivotal[0]])"))
        }
        #expect(found.text.split(separator: "\n").count == found.identifiers.count + 1)
    }

    @Test("the smallest effect of interest gives maps, counts and a sentence; F gives none")
    func equivalence() throws {
        let cohort = try TemporaryCohort()
        var plan = cohort.plan
        plan.permutation = nil
        plan.smallestEffect = 0.7
        let analysis = try plan.run()
        let summary = analysis.summary.contrasts
        let found = try #require(summary[0].equivalence)
        #expect(found.smallestEffect == 0.7 && summary[1].equivalence == nil)
        let files = try cohort.results(plan, threads: 1, name: "equivalence")
        #expect(files["contrast-Score_stat-ruledout_statmap.nii.gz"] != nil)
        #expect(files["contrast-Score_stat-log10p_desc-equivalenceunc_statmap.nii.gz"] != nil)
        #expect(files["contrast-Score_stat-log10p_desc-equivalencefdr_statmap.nii.gz"] != nil)
        // A voxel counts where the largest effect that is not ruled out is below the smallest of interest.
        let largest = EquivalenceFinding(analysis.contrasts[0], analysis.fit).largest.values
        #expect(found.counts[0].voxels == largest.count { $0 <= 0.7 })
        #expect(found.counts.map(\.correction) == [.none, .falseDiscoveryRate])
    }
}
