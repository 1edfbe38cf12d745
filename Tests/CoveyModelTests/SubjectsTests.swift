import CoveyCore
import CoveyFormats
import CoveyTestSupport
import Testing

@testable import CoveyModel

@Suite("Subjects")
struct SubjectsTests {
    func subjects() throws -> Subjects {
        try Subjects(
            Table(
                source: "study/participants.tsv", columns: ["participant_id", "map", "pseudo"],
                rows: [
                    ["sub-01", "a.nii", "3"], ["sub-02", "b.nii", "n/a"], ["03", "/data/c.nii", ""],
                    ["sub-04", "d.nii", "1"],
                ]))
    }

    @Test("map paths are relative to the table's folder")
    func paths() throws {
        #expect(try subjects().mapPaths() == ["study/a.nii", "study/b.nii", "/data/c.nii", "study/d.nii"])
    }

    @Test("who misses a value is named, as an error or as a note")
    func missing() throws {
        let words = message { try subjects().requireValues(in: ["pseudo"]) }!
        #expect(words.contains("2 subjects missing 'pseudo': sub-02, 03 (lines 3, 4)"), "\(words)")
        let (left, notes) = try subjects().droppingMissing(["pseudo"])
        #expect(left.identifiers == ["sub-01", "sub-04"])
        #expect(try left.mapPaths() == ["study/a.nii", "study/d.nii"])
        #expect(left.table.lineNumbers == [2, 5])
        #expect(notes.map(\.text) == ["2 subjects left out for a missing 'pseudo': sub-02, 03"])
        #expect(try subjects().droppingMissing(["map"]).notes.isEmpty)
        #expect(throws: ModelError.self) { try subjects().droppingMissing(["nothing"]) }
        #expect(message { _ = try Design(subjects(), formula: Formula("~ pseudo")) }!.contains("sub-02, 03"))
    }

    @Test("identifiers must be there, be given and be unique")
    func identifiers() throws {
        func refusal(_ columns: [String], _ rows: [[String]]) -> String? {
            message { _ = try Subjects(Table(columns: columns, rows: rows)) }
        }
        #expect(refusal(["id", "x"], [["1", "2"]])!.contains("participant_id or subject_label"))
        #expect(refusal(["subject_label"], [["1"], ["n/a"], [""]])!.contains("lines 3, 4"))
        #expect(refusal(["participant_id"], [["sub-04"], ["x"], ["04"]])!.contains("'sub-04' on lines 2, 4"))
        #expect(refusal(["participant_id"], [])!.contains("empty"))
        #expect(refusal(["participant_id", "map"], [["1", "a"], ["2", "b"]]) == nil)
        #expect(
            message { _ = try Subjects(Table(columns: ["id"], rows: [["1"]]), identifierColumn: "id") } == nil
        )
    }

    @Test("one file for two subjects is refused")
    func sharedMaps() throws {
        let shared = try Subjects(
            Table(columns: ["participant_id", "path"], rows: [["1", "a"], ["2", "a"]]))
        #expect(message { _ = try shared.mapPaths() }!.contains("twice"))
        let none = try Subjects(Table(columns: ["participant_id"], rows: [["1"]]))
        #expect(message { _ = try none.mapPaths() }!.contains("no column of map paths"))
    }

    @Test("files join by the sub-XX in their names, whatever their order")
    func joining() throws {
        let files = ["x/sub-04_map.nii", "x/sub-02_run-1_map.nii", "sub-01/map.nii", "x/task_sub-03.nii.gz"]
        let joined = try subjects().joining(files: files).subjects
        #expect(try joined.mapPaths() == ["sub-01/map.nii", files[1], files[3], files[0]])
        #expect(try joined.droppingMissing(["pseudo"]).subjects.mapPaths() == ["sub-01/map.nii", files[0]])
        #expect(Subjects.subjectIdentifier(inPath: "sub-01/func/subsub-2_x.nii") == "sub-01")
        #expect(Subjects.subjectIdentifier(inPath: "sub-01/sub-02_x.nii") == "sub-02")
        #expect(Subjects.subjectIdentifier(inPath: "group/con_0001.nii") == nil)
    }

    @Test("absentees, strangers, doubles and nameless files are named")
    func faults() throws {
        func refusal(_ files: [String]) -> String? { message { _ = try subjects().joining(files: files) } }
        let all = (1...4).map { "sub-0\($0).nii" }
        #expect(refusal(all) == nil)
        #expect(refusal(Array(all[1...]))!.contains("1 subject without a map: sub-01"))
        #expect(refusal(all + ["sub-99.nii"])!.contains("sub-99.nii"))
        #expect(refusal(all + ["sub-01_b.nii"])!.contains("'sub-01' has 2 maps"))
        #expect(refusal(all + ["con1.nii"])!.contains("con1.nii"))
        let (left, notes) = try subjects().joining(files: Array(all[1...]), absent: .drop)
        #expect(left.count == 3)
        #expect(notes[0].text.contains("sub-01"))
    }

    @Test("renaming follows the columns of identifiers and maps")
    func renaming() throws {
        let renamed = try subjects().renaming(["pseudo": "fluency", "map": "file"])
        #expect(renamed.table.columns == ["participant_id", "file", "fluency"])
        #expect(try renamed.mapPaths() == subjects().mapPaths())
        #expect(throws: ModelError.self) { try subjects().renaming(["pseudo": "map"]) }
    }
}
