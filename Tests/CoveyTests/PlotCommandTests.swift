import CoveyTestSupport
import Foundation
import Testing

@testable import Covey

@Suite("The plot verb", .enabled(if: Program.path != nil))
struct PlotCommandTests {
    @Test("maps stand one below the other, with contours, outlines and a second map over them")
    func layers() throws {
        let cohort = try TemporaryCohort()
        let run = try Program(
            [
                "plot", "map0.nii.gz", "map1.nii.gz", "--row-title", "one", "--row-title", "two",
                "--contour", "map2.nii.gz", "--contour-level", "0.5", "--outline", "map3.nii.gz",
                "--overlay", "map4.nii.gz", "--overlay-threshold", "1", "--background", "none",
                "--dpi", "40", "--out", "figure.png",
            ], in: cohort.folder)
        #expect(run.status == 0, "\(run.errors)")
        let bytes = try Data(contentsOf: URL(fileURLWithPath: cohort.folder + "/figure.png"))
        #expect(bytes.starts(with: [0x89, 0x50, 0x4E, 0x47]))
    }

    @Test(
        "a mistake names the option or the file, and leaves no figure",
        arguments: [
            (["map0.nii.gz", "--contour", "map1.nii.gz"], "--contour-level"),
            (
                ["map0.nii.gz", "--contour", "map1.nii.gz", "--contour-level", "1", "--contour-level", "2"],
                "2 times"
            ),
            (["map0.nii.gz", "--contour-level", "1"], "needs '--contour'"),
            (["map0.nii.gz", "--contour", "nowhere.nii.gz", "--contour-level", "1"], "nowhere.nii.gz"),
            (["map0.nii.gz", "map1.nii.gz", "--row-title", "one"], "1 titles for 2 rows"),
            (["map0.nii.gz", "--overlay-threshold", "1"], "needs '--overlay'"),
            (["map0.nii.gz", "--overlay", "map1.nii.gz", "--overlay-opacity", "2"], "opacity"),
            (["map0.nii.gz", "--view", "glass", "--outline", "map1.nii.gz"], "glass"),
            (["map0.nii.gz", "participants.tsv"], "participants.tsv"),
        ])
    func mistakes(arguments: [String], word: String) throws {
        let cohort = try TemporaryCohort()
        let run = try Program(["plot"] + arguments + ["--out", "figure.png"], in: cohort.folder)
        #expect(run.status != 0)
        #expect(run.errors.contains(word), "\(run.errors)")
        #expect(!FileManager.default.fileExists(atPath: cohort.folder + "/figure.png"))
    }
}
