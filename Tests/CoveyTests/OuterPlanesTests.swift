import CoveyTestSupport
import Testing

@testable import Covey

@Suite("TFCE in FSL's way leaves out the image's outermost planes", .enabled(if: SharedData.isAvailable))
struct OuterPlanesTests {
    @Test("TFCE is randomise's at every voxel of the mask; clusters of the same run keep those planes")
    func randomise() throws {
        let cohort = try EmotionRegulation.cohort(mask: "reference/robusttoolbox/mask.hdr")
        let model = try LinearModel(
            matrix: Matrix(columns: [[Double](repeating: 1, count: cohort.subjectCount)]))
        let mean = try ContrastPartition(model, weights: Matrix(rows: [[1]]), isF: false, name: "mean")
        var choice = InferenceChoice()
        choice.connectivity = .faces
        choice.formingHeights = [3]
        func run(_ tfce: TFCE?) -> PermutationResults {
            choice.tfce = tfce
            return PermutationTest(
                mean, cohort, Fit(model, cohort), tail: .greater,
                shuffles: ShuffleSet(listed: [.identity(cohort.subjectCount)]), comparing: choice
            ).run()
        }
        let results = run(TFCE(integration: .steppedAsFSL))
        let expected = try EmotionRegulation.values("reference/randomise/one_tfce_tstat1.nii.gz", cohort.mask)
        let found = try #require(results[.tfce]).observed.values
        for (a, b) in zip(found, expected) { #expect(abs(a - b) <= 1e-6 * max(1, b)) }
        let (grid, t) = (cohort.mask.grid, results.voxel.observed.values)
        let outer = cohort.mask.offsets.indices.filter { column in
            let at = grid.index(at: Int(cohort.mask.offsets[column]))
            return zip([at.x, at.y, at.z], grid.shape).contains { $0 == 0 || $0 == $1 - 1 }
        }
        #expect(outer.contains { t[$0] > 0 } && outer.allSatisfy { found[$0] == 0 })
        let threshold = FormingThreshold(height: 3)
        #expect(
            results[.clusterExtent(threshold)]?.observed.values
                == run(nil)[.clusterExtent(threshold)]?.observed.values)
    }
}
