import CoveyTestSupport
import Foundation
import Testing

@testable import Covey

@Suite("Sidecars of maps")
struct MapSidecarTests {
    /// The sidecars of a plan's contrasts, as dictionaries.
    private func sidecars(_ cohort: TemporaryCohort, _ plan: AnalysisPlan) throws -> [[String: Any]] {
        let results = try ResultFolder("\(cohort.folder)/\(UUID().uuidString)", overwrites: false)
        let analysis = try plan.run()
        try analysis.write(into: results)
        try results.commit()
        return try analysis.contrasts.map { contrast in
            let url = URL(fileURLWithPath: "\(results.destination)/contrast-\(contrast.label)_statmap.json")
            return try #require(
                try JSONSerialization.jsonObject(with: Data(contentsOf: url)) as? [String: Any])
        }
    }

    @Test("plain t and F have one number of degrees of freedom, and the shuffles that were done")
    func plain() throws {
        let cohort = try TemporaryCohort()
        let found = try sidecars(cohort, cohort.plan)
        #expect(found[0]["Test"] as? String == "t" && found[1]["Test"] as? String == "F")
        #expect(found[0]["DegreesOfFreedom"] as? [Double] == [9])
        #expect(found[1]["DegreesOfFreedom"] as? [Double] == [2, 9])
        #expect(found[0]["Shuffles"] as? Int == 61 && found[0]["VariesByVoxel"] == nil)
        let permutation = try #require(found[0]["Permutation"] as? [String: Any])
        #expect(abs((permutation["SmallestPossibleP"] as? Double ?? 1) - 1.0 / 61) < 1e-15)
        #expect(permutation["Exchange"] as? String == "permute" && permutation["PlannedShuffles"] == nil)
    }

    @Test("a stopped test tells how many shuffles it did")
    func stopped() throws {
        let cohort = try TemporaryCohort()
        var plan = cohort.plan
        plan.permutation?.count = 3000
        plan.permutation?.stopsEarly = true
        plan.contrasts = ["group[b]"]
        let found = try sidecars(cohort, plan)[0]
        let done = try #require(found["Shuffles"] as? Int)
        let permutation = try #require(found["Permutation"] as? [String: Any])
        #expect(done < 3001 && permutation["PlannedShuffles"] as? Int == 3001)
        #expect(abs((permutation["SmallestPossibleP"] as? Double ?? 1) - 1 / Double(done)) < 1e-15)
    }

    @Test("what differs by voxel is named by its maps, not by one number")
    func varying() throws {
        let cohort = try TemporaryCohort()
        for variant in [
            AnalysisPlan.StatisticVariant.missingData(minimumSubjects: 10), .varianceGroups(column: "group"),
        ] {
            var plan = cohort.plan
            plan.contrasts = ["score"]
            plan.variant = variant
            let found = try sidecars(cohort, plan)[0]
            #expect(found["Statistic"] as? String == "z" && found["DegreesOfFreedom"] == nil)
            let varies = try #require(found["VariesByVoxel"] as? [String: String])
            #expect(varies["DegreesOfFreedom"] == "contrast-Score_stat-dof_statmap.nii.gz")
            #expect((varies["N"] != nil) == (variant == .missingData(minimumSubjects: 10)))
            #expect((found["Variant"] as? String)?.isEmpty == false)
        }
    }
}
