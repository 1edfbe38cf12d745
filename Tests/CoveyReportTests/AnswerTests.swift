import CoveyCore
import CoveyTestSupport
import Testing

@testable import Covey
@testable import CoveyReport

/// The answer to a contrast in one sentence.
@Suite("Answers")
struct AnswerTests {
    @Test("by random field theory alone the answer tells voxels and clusters")
    func randomField() throws {
        var plan = ReportedCohort.plan(try ReportedCohort.shared.get().folder)
        plan.permutation = nil
        plan.thresholds = .init()
        plan.contrasts = ["intercept"]
        plan.randomField = .init(alpha: 0.05)
        let analysis = try plan.run()
        let found = analysis.contrasts[0]
        let field = try #require(found.randomField)
        let table = try #require(field.tables.compactMap(\.self).first)
        let surviving = table.clusters.count { LogProbability.p($0.logFamilyWise) <= 0.05 }
        #expect(surviving > 0)
        let sentence = ContrastAnswer(found, analysis).sentence
        #expect(
            sentence.contains("\(surviving) of \(table.clusters.count) clusters by extent"), "\(sentence)")
        #expect(sentence.contains("by random field theory") && !sentence.hasPrefix("Nothing"))
        #expect(field.survivorCount == 0 || sentence.hasPrefix("\(field.survivorCount) voxel"))
    }
}
