import CoveyTestSupport
import Foundation
import Testing

@testable import Covey

/// A folder of results as another program leaves it, with 12 subjects whose maps carry a score.
final class ResultTree {
    let root: String
    let subjects = (1...12).map { $0 < 10 ? "sub-0\($0)" : "sub-\($0)" }
    let scores: [Double]

    /// Writes the maps at the places and with the description that `files` gives for a subject.
    init(_ files: (String) -> [(path: String, descrip: String)]) throws {
        root = FileManager.default.temporaryDirectory.path + "/covey-results-\(UUID().uuidString)"
        var numbers = TestNumbers(11)
        let grid = Grid(
            shape: [6, 5, 4], affine: Affine([-2, 0, 0, 5, 0, 2, 0, -4, 0, 0, 2, -3]), sformCode: 4)
        var scores: [Double] = []
        for subject in subjects {
            let score = numbers.normal()
            scores.append(score)
            for file in files(subject) {
                let place = root + "/" + file.path
                try FileManager.default.createDirectory(
                    atPath: (place as NSString).deletingLastPathComponent, withIntermediateDirectories: true)
                let values = numbers.normals(grid.count).map { $0 + 4 * score }
                try Volume(grid: grid, values: values).write(
                    to: place, ImageContent(descrip: file.descrip, datatype: .float64))
            }
        }
        self.scores = scores
        let rows = zip(subjects, scores).map { "\($0)\t\($1)\n" }.reversed().joined()
        try Data(("participant_id\tscore\n" + rows).utf8).write(
            to: URL(fileURLWithPath: root + "/participants.tsv"))
    }

    deinit { try? FileManager.default.removeItem(atPath: root) }
}

@Suite("From a folder to results", .enabled(if: Program.path != nil))
struct CollectCommandTests {
    /// `collect`, then `analyze`, and the subjects of the analysis.
    func analysed(_ tree: ResultTree, _ arguments: [String]) throws -> (found: Program, subjects: [String]) {
        try FileManager.default.createDirectory(
            atPath: tree.root + "/tables", withIntermediateDirectories: true)
        let found = try Program(["collect", "."] + arguments + ["--out", "tables/maps.tsv"], in: tree.root)
        #expect(found.status == 0, "\(found.errors)")
        let run = try Program(
            [
                "analyze", "tables/maps.tsv", "--model", "~ score", "--contrast", "score", "--bonferroni",
                "0.05",
                "--no-figures", "--out", "results",
            ], in: tree.root)
        #expect(run.status == 0, "\(run.errors)")
        let summary = try JSONDecoder().decode(
            Summary.self, from: Data(contentsOf: URL(fileURLWithPath: tree.root + "/results/summary.json")))
        #expect(summary.voxels == 120 && summary.degreesOfFreedom == 10)
        // The score stands in the maps: had subjects been mixed up, nothing would be found.
        #expect(summary.contrasts[0].thresholds[0].survivorCount > 60)
        return (found, summary.identifiers)
    }

    @Test("SPM")
    func spm() throws {
        let tree = try ResultTree { subject in
            [1, 2].map { ("\(subject)/con_000\($0).nii", "Contrast \($0): c\($0)") }
        }
        let (found, subjects) = try analysed(tree, ["--contrast", "c2"])
        #expect(subjects == tree.subjects)
        #expect(found.output.contains("12 subjects x 1 contrast"))
        #expect(found.output.contains("con_0002 (c2)  12 maps"))
    }

    @Test("FEAT, with variances")
    func feat() throws {
        let tree = try ResultTree { subject in
            ["cope", "varcope"].map { ("\(subject)/all.gfeat/cope1.feat/stats/\($0)1.nii.gz", "FSL5.0") }
        }
        #expect(try analysed(tree, []).subjects == tree.subjects)
        let table = try Table.read(tree.root + "/tables/maps.tsv").table
        #expect(table.columns == ["participant_id", "map", "variance_map", "score"])
        #expect(table.rows[0][2] == "../sub-01/all.gfeat/cope1.feat/stats/varcope1.nii.gz")
    }

    @Test("BIDS derivatives")
    func bids() throws {
        let tree = try ResultTree { subject in
            ["effect", "t"].map { ("\(subject)/\(subject)_task-a_contrast-x_stat-\($0)_statmap.nii.gz", "") }
        }
        #expect(try analysed(tree, []).subjects == tree.subjects)
    }

    @Test("a pattern")
    func pattern() throws {
        let tree = try ResultTree { [("maps/\($0.dropFirst(4))_beta.nii", "")] }
        #expect(try analysed(tree, ["--pattern", "maps/{subject}_{contrast}.nii"]).subjects[0] == "01")
    }

    @Test("a mistake is one message, and no table is written")
    func mistakes() throws {
        let tree = try ResultTree { subject in
            ["1", "2"].map { ("\(subject)/\(subject)_run-\($0)_contrast-x_stat-effect_statmap.nii.gz", "") }
        }
        for arguments in [
            [], ["--filter", "run=3"], ["--filter", "run"], ["--contrast", "y"], ["--pattern", "{contrast}"],
            ["--filter", "run=1", "--participants", "nowhere.tsv"],
        ] {
            let run = try Program(["collect", "."] + arguments + ["--out", "t.tsv"], in: tree.root)
            #expect(run.status != 0 && run.output.isEmpty)
            #expect(run.errors.hasPrefix("covey: error: ") && run.errors.split(separator: "\n").count <= 2)
            #expect(!FileManager.default.fileExists(atPath: tree.root + "/t.tsv"))
        }
        let good = ["collect", ".", "--filter", "run=1", "--out", "t.tsv"]
        #expect(try Program(good, in: tree.root).status == 0)
        #expect(try Program(good, in: tree.root).errors.contains("exists already"))
        #expect(try Program(good + ["--overwrite"], in: tree.root).status == 0)
    }
}
