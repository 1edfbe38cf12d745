import CoveyTestSupport
import Foundation
import Testing

@testable import Covey

@Suite("After selection, in an analysis")
struct AfterSelectionTests {
    private func plan(_ cohort: TemporaryCohort) -> AnalysisPlan {
        var plan = cohort.plan
        plan.clusters.threshold = 1.5
        plan.permutation?.alpha = 0.2
        plan.permutation?.calibratedBounds = .init(templateSize: 50)
        return plan
    }

    @Test("every cluster's bound is that of its voxels' parametric p, by all-resolutions inference")
    func allResolutions() throws {
        let cohort = try TemporaryCohort(subjects: 20)
        var plan = plan(cohort)
        plan.permutation = nil
        plan.boundsAlpha = 0.1
        let analysis = try plan.run()
        var positive = 0
        for (found, summary) in zip(analysis.contrasts, analysis.summary.contrasts) {
            let inference = AllResolutionsInference(logP: found.parametric.logP, alpha: 0.1)
            let bound = try #require(summary.trueDiscoveries.first)
            #expect(
                summary.trueDiscoveries.count == 1 && bound.isPrimary && bound.method == "all-resolutions")
            #expect(bound.alpha == 0.1 && bound.hommelValue == inference.hommelValue)
            #expect(bound.wholeMap.voxelCount == inference.testCount)
            #expect(
                bound.wholeMap.trueDiscoveries == inference.testCount - inference.hommelValue,
                "all voxels: m - h")
            for (k, finding) in found.clusters.enumerated() {
                for (place, cluster) in finding.table.clusters.enumerated() {
                    let region = finding.table.labels.indices
                        .filter { finding.table.labels[$0] == cluster.id }.map { found.parametric.logP[$0] }
                    let here = bound.clusters[k][place]
                    #expect(here.voxelCount == cluster.voxelCount)
                    #expect(here.trueDiscoveries == inference.discoveries(logP: region))
                    positive += here.trueDiscoveries > 0 ? 1 : 0
                }
            }
        }
        #expect(positive > 0)
    }

    @Test("calibrated bounds come first, and their pivots are those of the whole maps of the same shuffles")
    func calibrated() throws {
        let cohort = try TemporaryCohort(subjects: 20)
        let plan = plan(cohort)
        let prepared = try PreparedAnalysis(plan)
        let analysis = prepared.conclude(try prepared.tallies())
        for (k, found) in analysis.contrasts.enumerated() {
            let test = prepared.tests[k]
            let tests = test.statistic.voxels.count
            var calibration = PermutationCalibration(testCount: tests, templateSize: 50)
            for shuffle in 0..<test.shuffles.count {
                let map = test.statistic.maps(of: test.shuffles, in: shuffle..<shuffle + 1, threads: 1)
                // The definition: p of every voxel, sorted.
                let p = map.map { test.statistic.kind.logP($0, tail: test.tail) }.sorted()
                calibration.add(
                    logPivot: (1...50).map { p[$0 - 1] + log(Double(tests) / Double($0)) }.min()!)
            }
            let kept = try #require(found.permutation?.calibration)
            #expect(kept.logPivots.count == 61 && kept.templateSize == 50)
            for (a, b) in zip(kept.logPivots, calibration.logPivots) { #expect(abs(a - b) < 1e-9) }
            let summary = analysis.summary.contrasts[k].trueDiscoveries
            #expect(summary.map(\.method) == ["calibrated", "all-resolutions"])
            #expect(summary.map(\.isPrimary) == [true, false] && summary.map(\.alpha) == [0.2, 0.2])
            #expect(abs((summary[0].lambda ?? 0) - exp(calibration.bounds(alpha: 0.2).logLambda)) < 1e-9)
            let observed = found.permutation!.voxel.result.observed
            let logP = observed.values.map { observed.statistic.logP($0, tail: found.tail) }
            #expect(
                summary[0].wholeMap.trueDiscoveries
                    == calibration.bounds(alpha: 0.2).discoveries(logP: logP.filter { !$0.isNaN }))
        }
        #expect(
            analysis.contrasts.contains { $0.bounds[0].wholeMap.trueDiscoveries > 0 })
    }

    @Test("the pivots of a tally survive its file, its division and any number of threads, bit by bit")
    func tallies() throws {
        let cohort = try TemporaryCohort()
        let prepared = try PreparedAnalysis(plan(cohort))
        let whole = try prepared.tallies()
        var options = RunOptions()
        options.threads = 1
        #expect(try PreparedAnalysis(plan(cohort), options: options).tallies() == whole)
        var paths: [String] = []
        for index in [2, 3, 1] {
            let shard = Shard(index: index, count: 3)
            let path = cohort.folder + "/\(index).tally"
            try TallyFile(
                fingerprint: Fingerprint(prepared), shard: shard, tallies: prepared.tallies(shard: shard)
            ).write(to: path)
            paths.append(path)
        }
        let merged = try prepared.merge(paths)
        #expect(merged == whole)
        #expect(merged[0].logPivots.count == 61 && Set(merged[0].logPivots).count > 50)
    }

    @Test("calibrated bounds need p-values and every shuffle")
    func refusals() throws {
        let cohort = try TemporaryCohort()
        var plan = plan(cohort)
        plan.permutation?.stopsEarly = true
        #expect(throws: PlanError.stoppingBounds) { try plan.run() }
        plan.permutation?.stopsEarly = nil
        plan.contrasts = ["score"]
        plan.variant = .smoothedVariance(fwhmMillimeters: 4)
        #expect(throws: PlanError.boundsOfPseudoT) { try plan.run() }
        plan.permutation?.calibratedBounds = nil
        #expect(try plan.run().contrasts[0].bounds == [])
    }

    @Test(
        "a label image's regions, from a map of t and from its map of p: as the library, and refusals by name"
    )
    func files() throws {
        let cohort = try TemporaryCohort(subjects: 20)
        var plan = plan(cohort)
        plan.permutation = nil
        let analysis = try plan.run()
        let found = analysis.contrasts[0]
        let results = try ResultFolder(cohort.folder + "/results", overwrites: false)
        try analysis.write(into: results)
        try results.commit()
        let (folder, labels) = (
            results.destination + "/contrast-\(found.label)",
            results.destination + "/contrast-\(found.label)_desc-clusters_dseg.nii.gz"
        )
        let mask = results.destination + "/mask.nii.gz"
        for file in [
            try ProbabilityFile(folder + "_stat-t_statmap.nii.gz", as: nil, tail: .twoSided, mask: mask),
            try ProbabilityFile(pValues: folder + "_stat-p_statmap.nii.gz", scale: nil, mask: mask),
            try ProbabilityFile(pValues: folder + "_stat-log10p_statmap.nii.gz", scale: nil, mask: mask),
        ] {
            let bounds = TrueDiscoveryBounds(allResolutions: file.logP, alpha: 0.05)
            #expect(bounds.wholeMap == found.bounds[0].wholeMap)
            let regions = try file.regions(of: labels)
            #expect(regions.map(\.label) == found.clusters[0].table.clusters.map(\.id))
            #expect(regions.map { bounds.bound(of: $0.columns) } == found.clusterBounds(found.bounds[0])[0])
        }
        #expect(throws: ProbabilityFileError.self) {
            try ProbabilityFile(pValues: folder + "_stat-log10p_desc-fdr_statmap.nii.gz", scale: nil)
        }
        let tested = try ProbabilityFile(folder + "_stat-t_statmap.nii.gz", as: nil, tail: .greater)
        #expect(throws: ProbabilityFileError.self) {
            try tested.regions(of: folder + "_stat-t_statmap.nii.gz")
        }
    }

    @Test(
        "the tables have the bounds and the p of random field theory, cluster by cluster, in the file and the report"
    )
    func columns() throws {
        let cohort = try TemporaryCohort(subjects: 20)
        var plan = plan(cohort)
        plan.randomField = .init(alpha: 0.05)
        let analysis = try plan.run()
        let report = try AnalysisReport(analysis)
        for (k, found) in analysis.contrasts.enumerated() {
            let lines = found.clusters[0].text.split(separator: "\n").map {
                $0.split(separator: "\t").map(String.init)
            }
            let table = Table(columns: lines[0], rows: Array(lines.dropFirst()))
            let clusters = found.clusters[0].table.clusters
            let own = table.rows.filter { $0[0].allSatisfy(\.isNumber) }
            #expect(own.count == clusters.count && own.count > 1)
            func column(_ name: String, of rows: [[String]]) throws -> [String] {
                let place = try #require(table.columns.firstIndex(of: name), "\(name)")
                return rows.map { $0[place] }
            }
            let bounds = analysis.summary.contrasts[k].trueDiscoveries
            #expect(
                try column("Calibrated true discoveries", of: own)
                    == bounds[0].clusters[0].map { "\($0.trueDiscoveries)" })
            #expect(
                try column("ARI true discoveries", of: own)
                    == bounds[1].clusters[0].map { "\($0.trueDiscoveries)" })
            let field = try #require(found.randomField?.tables[0])
            #expect(
                try column("Cluster RFT p FWE", of: own).map { Double($0) }
                    == field.clusters.map { exp($0.logFamilyWise) })
            let subordinate = table.rows.filter { !$0[0].allSatisfy(\.isNumber) }
            #expect(try column("ARI TDP", of: subordinate).allSatisfy { $0 == "n/a" })
            #expect(
                try column("Peak RFT q FDR", of: table.rows).allSatisfy { Double($0).map { $0 <= 1 } == true }
            )
            let shown = try #require(
                report.content.contrasts[k].tables.first { $0.title == "Clusters and peaks" })
            let active = try #require(shown.columns.firstIndex(of: "Active ≥"))
            #expect(
                shown.rows.filter { !$0.isSubordinate }.map { $0.cells[active] }
                    == bounds[0].clusters[0].map { "\($0.trueDiscoveries)" })
            #expect(shown.caption.lowercased().contains("set-level p"))
        }
    }
}
