import CoveyTestSupport
import Foundation
import Testing

@testable import Covey

@Suite("Missing data of the emotion-regulation cohort", .enabled(if: SharedData.isAvailable))
struct MissingDataReferenceTests {
    @Test("two voxels have 29 of 30 subjects, and t and effect there are those of RobustToolbox")
    func robustToolbox() throws {
        let folder = "reference/robusttoolbox"
        let path = SharedData.url("\(folder)/mask.img").path
        var reader = CohortReader()
        reader.maskRule = .image(try ImageFile.readVolume(path), name: path)
        reader.zeros = .value
        let sources = (1...30).map { k in
            MapSource(
                identifier: "sub-\(k)",
                path: SharedData.url(
                    "data/emotion_regulation/con_0081" + String(repeating: "0", count: k < 10 ? 3 : 2)
                        + "\(k).img"
                ).path)
        }
        let reading = try reader.readPartial(sources, minimumSubjects: 25)
        #expect(reading.cohort.mask.count == 31_081)
        #expect(reading.cohort.parts.count == 2)
        let part = reading.cohort.parts[1]
        #expect(part.columns.count == 2 && !part.present.contains(19))
        let fit = PartialFit(try EmotionRegulation.partition(), reading.cohort)
        #expect(Set(fit.subjectCounts) == [29, 30])
        #expect(reading.notes.contains { $0.text.contains("2 of 31081 voxels: a value is missing") })

        func reference(_ name: String) throws -> [Double] {
            try EmotionRegulation.values("\(folder)/\(name).img", reading.cohort.mask)
        }
        #expect(try reference("nsubjects") == fit.subjectCounts.map(Double.init))
        // Their maps are in single precision.
        let (t, expected) = (fit.statistic(), try reference("ols_tmap_0002"))
        for (a, b) in zip(t, expected) { #expect(abs(a - b) < 1e-6 * max(1, abs(b))) }
        let (effect, beta) = (fit.effect().values, try reference("ols_beta_0002"))
        for (a, b) in zip(effect, beta) { #expect(abs(a - b) < 1e-6 * max(1, abs(b))) }
        for column in part.columns {
            let (a, b) = (t[Int(column)], expected[Int(column)])
            #expect(abs(a - b) < 1e-6 * max(1, abs(b)) && abs(b) > 0.01)
        }
    }
}
