import CoveyTestSupport
import Foundation
import Testing

@testable import Covey

@Suite("Tables of clusters by the command", .enabled(if: Program.path != nil))
struct ClustersCommandTests {
    /// A map of z with two blobs of either sign, on a grid stored from the right.
    private static func map(in folder: String) throws -> String {
        let grid = Grid(shape: [12, 10, 8], affine: Affine([-2, 0, 0, 11, 0, 2, 0, -9, 0, 0, 2, -7]))
        var volume = Volume(grid: grid, repeating: 0.5)
        for (x, value) in [(2, 5.0), (3, 4), (8, -6), (9, -4)] { volume[VoxelIndex(x, 5, 4)] = value }
        let path = folder + "/z.nii.gz"
        try StatisticMap(
            .z, mask: Mask(grid: grid) { _ in true }, values: volume.values
        ).write(to: path, description: "z")
        return path
    }

    @Test("the ending of --out and --format choose the form; labels and citation stand in each")
    func forms() throws {
        let cohort = try TemporaryCohort()
        let path = try Self.map(in: cohort.folder)
        var halves = try ImageFile.readVolume(path)
        for offset in halves.values.indices {
            halves.values[offset] = halves.grid.affine.world(halves.grid.index(at: offset)).x < 0 ? 1 : 2
        }
        try halves.write(to: cohort.folder + "/halves.nii.gz", ImageContent(datatype: .uint8))
        try writeFile(Array("1 Left hemisphere\n2 Right hemisphere\n".utf8), to: cohort.folder + "/names.txt")
        let arguments = [
            "clusters", path, "--value", "3", "--atlas", "halves.nii.gz", "--atlas-table", "names.txt",
            "--atlas-citation", "Somebody, 2026",
        ]
        let tsv = try Program(arguments, in: cohort.folder)
        #expect(tsv.status == 0)
        let (table, _) = try Table.parse(Array(tsv.output.utf8), source: "output")
        #expect(table.cells(of: "Cluster ID") == ["1", "2"])
        #expect(table.cells(of: "X") == ["7", "-5"])
        #expect(table.cells(of: "Atlas label") == ["Right hemisphere", "Left hemisphere"])
        #expect(table.cells(of: "Atlas regions") == ["Right hemisphere 100.0 %", "Left hemisphere 100.0 %"])
        #expect(table.cells(of: "Peak z") == ["5", "-6"])
        let json = try Program(arguments + ["--out", "t.json"], in: cohort.folder)
        #expect(json.status == 0 && json.output.isEmpty)
        let written = try String(contentsOfFile: cohort.folder + "/t.json", encoding: .utf8)
        #expect(written.contains("Somebody, 2026") && written.contains("\"level\" : \"peak\""))
        let markdown = try Program(arguments + ["--format", "md"], in: cohort.folder)
        #expect(markdown.output.contains("| 1 | + |") && markdown.output.contains("Somebody, 2026"))
        #expect(markdown.output.split(separator: "\n").count { $0.hasPrefix("|") } == 4)
    }

    @Test(
        "a mistake about atlases is one message, and nothing is printed",
        arguments: [
            ["--atlas", "nowhere"], ["--atlas", "z.nii.gz"],
            ["--atlas", "z.nii.gz", "--atlas-table", "none.tsv"],
            ["--atlas-table", "names.txt"], ["--peak-distance-mm", "-1"],
        ])
    func mistakes(arguments: [String]) throws {
        let cohort = try TemporaryCohort()
        let path = try Self.map(in: cohort.folder)
        let run = try Program(["clusters", path, "--value", "3"] + arguments, in: cohort.folder)
        #expect(run.status != 0 && run.output.isEmpty)
        #expect(run.errors.contains("covey: error: "))
    }
}
