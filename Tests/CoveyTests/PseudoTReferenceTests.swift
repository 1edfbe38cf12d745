import CoveyTestSupport
import Foundation
import Testing

@testable import Covey

@Suite("Pseudo-t against FSL randomise -v", .enabled(if: SharedData.isAvailable))
struct PseudoTReferenceTests {
    private static let folder = "reference/randomise"

    @Test("map and null maxima of randomise -v 5 come out row by row from its own sign flips")
    func randomise() throws {
        let cohort = try EmotionRegulation.cohort(mask: "reference/robusttoolbox/mask.img")
        let model = try LinearModel(matrix: Matrix(columns: [[Double](repeating: 1, count: 30)]))
        let partition = try ContrastPartition(
            model, weights: Matrix(rows: [[1]]), isF: false, name: "mean")
        let fit = Fit(model, cohort)
        // A standard deviation of 5 mm.
        let fwhm = 5 * 2.3548200450309493
        let flips = try EmotionRegulation.rows("\(Self.folder)/one_perm_tstat1.txt", limit: 25)
        let shuffles = ShuffleSet(
            listed: flips.map { row in
                Shuffle(source: Array(0..<30), signs: row.map { $0 < 0 ? -1 : 1 })
            })
        let expected = try EmotionRegulation.rows("\(Self.folder)/one_v5_vox_corrp_tstat1.txt", limit: 25)
        let theirs = try EmotionRegulation.values("\(Self.folder)/one_v5_tstat1.nii.gz", cohort.mask)

        let same = try PseudoTStatistic(
            partition, fit, cohort, fwhmMillimeters: fwhm, extent: .randomise)
        #expect(same.voxels.count == cohort.mask.count)
        let maps = same.maps(of: shuffles, in: 0..<25, threads: 2)
        let count = cohort.mask.count
        // FSL computes in single precision and prints six decimals.
        #expect(EmotionRegulation.greatestDifference(Array(maps[..<count]), theirs) < 1e-5)
        for k in 0..<25 {
            let greatest = maps[k * count..<(k + 1) * count].max()!
            #expect(abs(greatest - expected[k][0]) < 1e-5 * expected[k][0], "shuffle \(k)")
        }
        // With the Gaussian's own end the difference is that of its outermost thousandth.
        let own = try PseudoTStatistic(partition, fit, cohort, fwhmMillimeters: fwhm)
            .maps(of: shuffles, in: 0..<1, threads: 2)
        let difference = EmotionRegulation.greatestDifference(own, theirs)
        #expect(difference < 0.003 && difference > 1e-4)
    }
}
