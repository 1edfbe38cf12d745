import CoveyCore
import CoveyFormats
import CoveyTransfer
import Foundation
import Testing

@testable import CoveyDatasets

@Suite("Collections of NeuroVault over real sockets")
struct CollectionTests {
    typealias Answer = LoopbackServer.Answer

    func problem(_ body: () throws -> Void) throws -> CollectionProblem {
        let error = #expect(throws: DatasetError.self) { try body() }
        guard case .collection(_, let problem)? = error else {
            throw try #require(error)
        }
        return problem
    }

    @Test("every page is read, and only maps of single subjects are kept")
    func listing() throws {
        let served = ServedCollection()
        let list = try served.list()
        #expect(list.images.count == 120 && list.title == "Single Subject Thermal Pain" && !list.isFromCache)
        #expect(list.leftOut == ["maps of groups": 1, "thresholded": 1, "no statistic maps": 1])
        #expect(list.fields.first { $0.name == "PainLevel" }?.valueCount == 3)
        #expect(!list.fields.contains { $0.name == "file" || $0.name == "url" })
        #expect(served.server.requests.count == 3)
        #expect(try served.list().isFromCache && served.server.requests.count == 3)
    }

    @Test("one map of each subject comes, with what is told of it as the table")
    func table() throws {
        let served = ServedCollection(subjects: 5)
        let files = try served.fetch {
            $0.conditions = ["PainLevel": "3.0"]
            $0.subjects = "4"
        }
        #expect(files.fetchedCount == 4 && files.notes.isEmpty)
        let (table, _) = try files.table(relativeTo: served.folder)
        #expect(
            table.columns == [
                "participant_id", "map", "image_number", "Age", "PainLevel", "Sex", "SubjectID",
                "analysis_level",
                "map_type", "modality", "name",
            ])
        #expect(
            table.rows[1] == [
                "2", "neurovault/collection_504/image_1005.nii.gz", "1005", "22.5", "3", "f", "2",
                "single-subject",
                "univariate-beta map", "fMRI-BOLD", "im 1005",
            ])
        let card = files.card
        #expect(
            card.name == "NeuroVault collection 504: Single Subject Thermal Pain"
                && card.licence.contains("CC0"))
        #expect(card.citations[0].contains("10.1371/journal.pbio.1002180") && card.citations.count == 2)
        #expect(
            card.contrast == "PainLevel=3.0" && card.cautions == nil
                && card.page == "https://neurovault.org/collections/504/")
    }

    @Test("the whole works without a network once it is in the cache, also in another program's layout")
    func cache() throws {
        let served = ServedCollection(subjects: 3)
        _ = try served.fetch { $0.conditions = ["PainLevel": "1"] }
        let count = served.server.requests.count
        let again = try served.fetch { $0.conditions = ["PainLevel": "1"] }
        #expect(again.fetchedCount == 0 && again.isFromCacheAlone && served.server.requests.count == count)
        var settings = served.settings
        settings.server = "http://127.0.0.1:9"
        let error = #expect(throws: DatasetError.self) {
            let list = try NeuroVaultCollection(504, of: served.dataSet, in: served.cache, settings)
            var choice = NeuroVaultCollection.Choice()
            choice.conditions = ["PainLevel": "2"]
            _ = try list.request(choice).fetch(into: served.cache, settings)
        }
        guard case .offline(_, _, let missing, let cached, _)? = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(missing.count == 3 && cached == 0)
    }

    @Test("several maps of a subject are an error that names what tells them apart")
    func severalMaps() throws {
        let served = ServedCollection(subjects: 4)
        let found = try problem { _ = try served.fetch() }
        #expect(found == .severalMaps(subjects: 4, maps: 12, by: ["PainLevel (1, 2, 3)"]))
        #expect(found.remedy.contains("--where") && found.remedy.contains("PainLevel"))
        let all = try served.fetch { $0.isRepeated = true }
        #expect(all.fetchedCount == 12 && all.card.severalMapsBy == "SubjectID")
        let isSaid: (Note) -> Bool = { $0.severity == .warning && $0.text.contains("--repeated SubjectID") }
        #expect(all.notes.contains(where: isSaid) && all.card.notes(repeated: nil).contains(where: isSaid))
        #expect(!all.card.notes(repeated: "SubjectID").contains(where: isSaid))
        #expect(try all.table(relativeTo: "/").table.rows.map { $0[0] }.contains("image-1000"))
    }

    @Test("where nothing names a subject, each map is one and that is said")
    func nameless() throws {
        let served = ServedCollection(subjects: 2, edit: { $0["SubjectID"] = NSNull() })
        let files = try served.fetch()
        #expect(files.fetchedCount == 6)
        #expect(files.notes.contains { $0.severity == .warning && $0.text.contains("another subject's") })
    }

    @Test("maps of several contrasts are told apart by --contrast")
    func contrasts() throws {
        let edit: @Sendable (inout [String: Any]) -> Void = { image in
            image["contrast_definition"] = image["PainLevel"].map { "pain \($0) > rest" } ?? "none"
        }
        let served = ServedCollection(subjects: 2, edit: edit)
        #expect(try served.list().contrasts.map(\.count) == [2, 2, 2])
        let files = try served.fetch { $0.contrast = "Pain 2 > REST" }
        #expect(files.fetchedCount == 2 && files.card.contrast == "pain 2 > rest")
        #expect(
            try problem { _ = try served.fetch { $0.contrast = "x" } }
                == .unknownContrast("x", known: ["pain 1 > rest", "pain 2 > rest", "pain 3 > rest"]))
        let nameless = ServedCollection(
            subjects: 2,
            edit: {
                edit(&$0)
                $0["SubjectID"] = NSNull()
            })
        #expect(
            try problem { _ = try nameless.fetch() }
                == .severalContrasts(["pain 1 > rest", "pain 2 > rest", "pain 3 > rest"]))
    }

    @Test("a data set on NeuroVault is a number, a field and conditions")
    func described() throws {
        let served = ServedCollection(.pain, subjects: 3)
        let files = try served.fetch { $0.contrast = "HIGH" }
        #expect(files.fetchedCount == 3 && files.card.name == DataSet.pain.title)
        #expect(try files.table(relativeTo: "/").table.cells(of: "PainLevel") == ["3", "3", "3"])
        #expect(
            try problem { _ = try served.fetch { $0.contrast = "hot" } }
                == .unknownContrast("hot", known: ["low", "medium", "high"]))
        #expect(throws: DatasetError.noContrast(dataSet: "pain", known: ["low", "medium", "high"])) {
            try served.fetch()
        }
    }

    @Test("unknown fields, values and numbers are named")
    func mistakes() throws {
        let served = ServedCollection(subjects: 2)
        #expect(
            try problem { _ = try served.fetch { $0.conditions = ["PainLevel": "9"] } }
                == .noSuchValue("PainLevel", "9", known: ["1", "2", "3"]))
        let unknown = try problem { _ = try served.fetch { $0.conditions = ["Pain": "1"] } }
        #expect(unknown.remedy.contains("'PainLevel'"))
        #expect(
            try problem { _ = try served.fetch { $0.subjectField = "Who" } }.description.contains("'Who'"))
        #expect(try problem { _ = try served.list(nil) } == .notNamed)
        #expect(try problem { _ = try served.list(-1) } == .noSuchNumber)
        let groups = ServedCollection(subjects: 2, edit: { $0["analysis_level"] = "group" })
        #expect(try problem { _ = try groups.fetch() }.description.contains("7 maps of groups"))
    }

    @Test("an address of a file is used for its path on NeuroVault's server only, and only where it is plain")
    func hostilePaths() throws {
        func path(_ file: String) throws -> String? {
            let json = try JSONSerialization.data(withJSONObject: ["id": 7, "file": file])
            return try JSONDecoder().decode(NeuroVaultImage.self, from: json).path
        }
        #expect(
            try path("http://neurovault.org/media/images/1/a%20b.nii.gz") == "/media/images/1/a%20b.nii.gz")
        #expect(try path("https://neurovault.org/media/images/1/a.nii.gz") == "/media/images/1/a.nii.gz")
        for file in [
            "http://evil.org/media/images/1/a.nii.gz",
            "http://neurovault.org.evil.org/media/images/1/a.nii.gz",
            "http://neurovault.org@evil.org/media/images/1/a.nii.gz", "file:///etc/passwd",
            "https://neurovault.org/media/images/../../api/a.nii.gz",
            "https://neurovault.org/media/images/%2e%2e/a.nii.gz",
            "https://neurovault.org/media/images/..%2fa.nii.gz",
            "https://neurovault.org/media/images//a.nii.gz", "https://neurovault.org/admin/a.nii.gz",
            "https://neurovault.org/media/images/1/a.nii.gz?x=1",
            "https://neurovault.org/media/images/1/a.nii.gz#x",
            "https://neurovault.org/media/images/1/a\n.nii.gz", "https://neurovault.org/media/images/1/a.img",
            "https://neurovault.org/media/images/1/" + String(repeating: "a", count: 2000) + ".nii.gz", "",
        ] {
            #expect(try path(file) == nil, "\(file)")
        }
    }

    @Test("metadata cannot break a table: names and values are one line")
    func hostileMetadata() throws {
        let served = ServedCollection(
            subjects: 2,
            edit: {
                $0["SubjectID"] = "../\t\($0["SubjectID"] ?? "x")\n"
                $0["map"] = "/etc/passwd"
                $0["participant_id"] = NSNull()
                $0["a\tb\u{202E}\n"] = "x\ty\nz"
                $0["deep"] = ["x": [1, 2, ["y": 3]]]
                $0["\u{1B}[31m"] = 1e300
            })
        let files = try served.fetch { $0.conditions = ["PainLevel": "1"] }
        let (table, _) = try files.table(relativeTo: served.folder)
        #expect(table.cells(of: "participant_id") == ["../ 1", "../ 2"])
        #expect(
            table.cells(of: "map")?.allSatisfy { $0.hasPrefix("neurovault/collection_504/image_") } == true)
        #expect(table.cells(of: "neurovault_map") == ["/etc/passwd", "/etc/passwd"])
        #expect(table.cells(of: "a b") == ["x y z", "x y z"] && table.cells(of: "[31m") != nil)
        #expect(!table.columns.contains("deep"))
    }

    @Test("pages that are none are named, and no list is kept of them")
    func hostilePages() throws {
        let cases: [(body: String, word: String)] = [
            ("<!DOCTYPE html><html></html>", "web page"), ("{\"detail\": \"Not found.\"}", "no page"),
            ("{\"count\": 1, \"next\": null, \"results\": [{\"id\": -1}]}", "no page"),
            ("{\"count\": 1, \"next\": null, \"results\": [{\"id\": 1.5}]}", "no page"),
            ("{\"count\": 7, \"next\": null, \"results\": []}", "of a list of 7"),
            ("{\"count\": 7, \"next\": \"x\", \"results\": []}", "0 images"),
            (String(repeating: "[", count: 100_000), "no page"), ("", "empty"),
        ]
        for (body, word) in cases {
            let served = ServedCollection(
                subjects: 1, fault: { $0.path.contains("/images/?") ? Answer(Array(body.utf8)) : nil })
            let error = #expect(throws: DatasetError.self, "\(body.prefix(60))") { try served.list() }
            #expect(error?.description.contains(word) == true, "\(String(describing: error))")
            #expect(throws: DatasetError.self) { try served.list() }
        }
        let endless = ServedCollection(
            subjects: 1,
            fault: {
                $0.path.contains("/images/?")
                    ? Answer(Array("{\"count\": 1, \"next\": \"x\", \"results\": [{\"id\": 1}]}".utf8)) : nil
            })
        #expect(try problem { _ = try endless.list() } == .tooLarge(30_000))
    }

    @Test("a server's error in the list is tried again; a lasting one names the address")
    func listFaults() throws {
        let passing = ServedCollection(
            subjects: 1, fault: { $0.earlier == 0 && $0.path.contains("api") ? Answer([], status: 503) : nil }
        )
        #expect(try passing.list().images.count == 3)
        let lasting = ServedCollection(
            subjects: 1, fault: { $0.path.contains("api") ? Answer([], status: 404) : nil })
        let error = #expect(throws: DatasetError.self) { try lasting.list() }
        #expect(error?.description.contains("/api/collections/504/") == true)
    }
}
