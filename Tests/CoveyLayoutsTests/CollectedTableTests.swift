import CoveyCore
import CoveyFormats
import CoveyModel
import Foundation
import Testing

@testable import CoveyLayouts

enum FileManagerRemoval {
    static func remove(_ path: String) throws { try FileManager.default.removeItem(atPath: path) }
}

@Suite("Tables of collected maps")
struct CollectedTableTests {
    @Test("one contrast: a table whose paths lead from its own folder to the maps")
    func oneContrast() throws {
        let tree = try Tree()
        for subject in ["sub-01", "sub-02", "sub-03"] { try tree.gfeat("d/\(subject)/f") }
        try tree.text("participants.tsv", "participant_id\tage\tmap\n02\t31\tx\n01\t\ty\n09\t44\tz\n")
        var search = MapCollection.Search()
        search.contrasts = ["houses"]
        let found = try MapCollection(tree.root + "/d", search)
        let near = try #require(MapCollection.participantsFile(near: found.folder))
        let people = try Table.read(near).table
        let (table, notes) = try found.table(participants: people, relativeTo: tree.root + "/out/deep")
        #expect(table.columns == ["participant_id", "map", "variance_map", "age"])
        #expect(
            table.rows[1] == [
                "sub-02", "../../d/sub-02/f.gfeat/cope2.feat/stats/cope1.nii.gz",
                "../../d/sub-02/f.gfeat/cope2.feat/stats/varcope1.nii.gz", "31",
            ])
        // No score, and no row at all, are both missing values; who has no map has no row.
        #expect(table.rows[0][3] == "n/a" && table.rows[2][3] == "n/a" && table.rows.count == 3)
        let text = notes.map(\.text).joined(separator: "; ")
        #expect(text.contains("sub-03") && text.contains("09") && text.contains("'map'"))
        #expect(notes.allSatisfy { $0.severity == .warning } && notes.count == 3)
        // The paths exist as seen from there.
        let read = try Subjects(
            Table(source: tree.root + "/out/deep/t.tsv", columns: table.columns, rows: table.rows))
        try FileManager.default.createDirectory(
            atPath: tree.root + "/out/deep", withIntermediateDirectories: true)
        #expect(try read.mapPaths().allSatisfy { FileManager.default.fileExists(atPath: $0) })
    }

    @Test("several contrasts: a long table with a row for each map")
    func severalContrasts() throws {
        let tree = try Tree()
        try tree.spm(["S1", "S2"])
        try FileManagerRemoval.remove(tree.root + "/S1/1stLevel/con_0002.nii")
        let table = try MapCollection(tree.root).table(relativeTo: tree.root).table
        #expect(table.columns == ["participant_id", "contrast", "contrast_name", "map"])
        #expect(table.rows.map { $0[0] + $0[1] } == ["S1con_0001", "S2con_0001", "S2con_0002"])
    }

    @Test("paths lead through links; without a common folder they are whole")
    func paths() throws {
        let tree = try Tree()
        try tree.map("real/maps/S1/con_0001.nii")
        try tree.map("real/maps/S2/con_0001.nii")
        try FileManager.default.createDirectory(
            atPath: tree.root + "/far/away/tables", withIntermediateDirectories: true)
        try FileManager.default.createSymbolicLink(
            atPath: tree.root + "/tables", withDestinationPath: tree.root + "/far/away/tables")
        try FileManager.default.createSymbolicLink(
            atPath: tree.root + "/data", withDestinationPath: tree.root + "/real/maps")
        let table = try MapCollection(tree.root + "/data").table(relativeTo: tree.root + "/tables").table
        #expect(table.rows[0][1] == "../../../real/maps/S1/con_0001.nii")
        #expect(FileManager.default.fileExists(atPath: tree.root + "/tables/" + table.rows[0][1]))
        #expect(MapCollection.relativePath(of: "a/m.nii", in: "/usr", from: "/nowhere/x") == "/usr/a/m.nii")
    }

    @Test("links to data that were not fetched are said; links that go round are not followed")
    func links() throws {
        let tree = try Tree()
        try tree.spm(["S1", "S2"])
        try FileManagerRemoval.remove(tree.root + "/S2/1stLevel/con_0001.nii")
        try FileManager.default.createSymbolicLink(
            atPath: tree.root + "/S2/1stLevel/con_0001.nii", withDestinationPath: "../annex/x")
        try FileManager.default.createSymbolicLink(
            atPath: tree.root + "/S1/1stLevel/up", withDestinationPath: tree.root)
        let found = try MapCollection(tree.root)
        #expect(found.gaps(of: 0) == ["S2"])
        #expect(found.notes.count == 1 && found.notes[0].text.contains("'S2/1stLevel/con_0001.nii'"))
    }

    @Test("a table of other people is refused")
    func strangers() throws {
        let tree = try Tree()
        try tree.spm(["S1", "S2"])
        let people = Table(columns: ["participant_id"], rows: [["X1"], ["X2"]])
        let error = #expect(throws: LayoutError.self) {
            try MapCollection(tree.root).table(participants: people, relativeTo: ".")
        }
        #expect(error?.description.contains("'X1'") == true)
        let codes = Table(columns: ["code", "age"], rows: [["S2", "7"], ["S1", "8"]])
        #expect(throws: ModelError.self) {
            try MapCollection(tree.root).table(participants: codes, relativeTo: ".")
        }
        let joined = try MapCollection(tree.root).table(
            participants: codes, identifierColumn: "code", relativeTo: "."
        ).table
        #expect(joined.columns.last == "age" && joined.rows.map(\.last) == ["8", "7", "8", "7"])
    }

    @Test("names are ordered as people count")
    func order() {
        #expect(
            ["S10", "S2", "S1", "T", "S02"].sorted(by: naturallyPrecedes) == ["S1", "S02", "S2", "S10", "T"])
    }

    @Test("names of BIDS are taken apart, others are not")
    func names() throws {
        let name = try #require(BIDSName("sub-01_task-x_contrast-a_stat-effect_statmap.nii.gz"))
        #expect(name["contrast"] == "a" && name.suffix == "statmap" && name.fileExtension == ".nii.gz")
        for wrong in [
            "con_0001.nii", "sub-01.nii", "sub-01_sub-02_bold.nii", "sub-_bold.nii", "bold.nii", "x",
        ] {
            #expect(BIDSName(wrong) == nil, "\(wrong)")
        }
    }
}
