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
                "--contour", "map2.nii.gz", "--contour-level", "0.5", "--overlay", "map4.nii.gz",
                "--overlay-threshold", "1", "--background", "none",
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
            (["map0.nii.gz", "--view", "glass", "--spread", "even"], "needs '--view row'"),
            (["map0.nii.gz", "--axis", "z", "--at", "1,2", "--spread", "even"], "exclude each other"),
            (["map0.nii.gz", "participants.tsv"], "participants.tsv"),
        ])
    func mistakes(arguments: [String], word: String) throws {
        let cohort = try TemporaryCohort()
        let run = try Program(["plot"] + arguments + ["--out", "figure.png"], in: cohort.folder)
        #expect(run.status != 0)
        #expect(run.errors.contains(word), "\(run.errors)")
        #expect(!FileManager.default.fileExists(atPath: cohort.folder + "/figure.png"))
    }

    /// A folder with a map of t, one of z, and their mask.
    private func folder() throws -> TemporaryCohort {
        let cohort = try TemporaryCohort()
        let run = try Program(
            [
                "analyze", "participants.tsv", "--model", "~ score", "--contrast", "score", "--no-report",
                "--out", "r",
            ], in: cohort.folder)
        #expect(run.status == 0, "\(run.errors)")
        for stat in ["t", "z"] {
            try FileManager.default.moveItem(
                atPath: cohort.folder + "/r/contrast-Score_stat-\(stat)_statmap.nii.gz",
                toPath: cohort.folder + "/\(stat).nii.gz")
        }
        try FileManager.default.moveItem(
            atPath: cohort.folder + "/r/mask.nii.gz", toPath: cohort.folder + "/mask.nii.gz")
        return cohort
    }

    @Test("contours, outlines, a second map, regions and rows are drawn, and all are named in the file")
    func namedLayers() throws {
        let cohort = try folder()
        try "index\tname\n1\tEverywhere\n".write(
            toFile: cohort.folder + "/names.tsv", atomically: true, encoding: .utf8)
        let run = try Program(
            [
                "plot", "t.nii.gz", "t.nii.gz", "--row-title", "Above", "--row-title", "Below",
                "--threshold", "0.5", "--contour", "z.nii.gz@0.25", "--outline", "mask.nii.gz", "--overlay",
                "z.nii.gz", "--overlay-threshold", "1", "--overlay-label", "second", "--labels",
                "mask.nii.gz", "--label-names", "names.tsv", "--background", "none", "--out", "f.svg",
                "--width", "3.5",
            ], in: cohort.folder)
        #expect(run.status == 0, "\(run.errors)")
        let page = try String(contentsOfFile: cohort.folder + "/f.svg", encoding: .utf8)
        for word in ["Above", "Below", "z ≥ 0.25", "mask", "second", "Everywhere"] {
            #expect(page.contains(">\(word)<"), "\(word)")
        }
    }

    @Test("a mistake about a layer is told with the name of what is wrong")
    func mistakesOfLayers() throws {
        let cases: [([String], String)] = [
            (["t.nii.gz", "nothing.nii.gz"], "nothing.nii.gz"),
            (["t.nii.gz", "--contour", "nothing.nii.gz@2"], "nothing.nii.gz"),
            (["t.nii.gz", "--contour", "z.nii.gz"], "'z.nii.gz@LEVEL'"),
            (["t.nii.gz", "--contour", "z.nii.gz@99"], "no voxel of 'z ≥ 99' reaches the level 99"),
            (["t.nii.gz", "--outline", "z.nii.gz"], "'z' is neither a mask nor a label image"),
            (["t.nii.gz", "--labels", "z.nii.gz"], "'z.nii.gz' is neither a mask nor a label image"),
            (["t.nii.gz", "z.nii.gz"], "'t.nii.gz' holds t (10), 'z.nii.gz' z"),
            (["t.nii.gz", "--overlay-range", "1,2"], "'--overlay-range' needs '--overlay'"),
            (["t.nii.gz", "--overlay", "z.nii.gz", "--overlay-range", "2,1"], "must ascend"),
            (["t.nii.gz", "--label-names", "names.tsv"], "'--label-names' needs '--labels'"),
            (["t.nii.gz", "--view", "glass", "--outline", "mask.nii.gz"], "a glass brain shows maps alone"),
        ]
        let cohort = try folder()
        for (arguments, words) in cases {
            let run = try Program(["plot"] + arguments + ["--out", "f.png"], in: cohort.folder)
            #expect(run.status != 0 && run.errors.contains(words), "\(run.errors)")
            #expect(!FileManager.default.fileExists(atPath: cohort.folder + "/f.png"))
        }
    }
}
