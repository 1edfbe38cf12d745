import CoveyTransfer
import Foundation
import Testing

@testable import CoveyDatasets

@Suite("Descriptions of data sets")
struct DataSetTests {
    let localizer = DataSet.localizer

    @Test("32 contrasts, each found by each of its names in any case and spacing")
    func contrasts() throws {
        #expect(localizer.contrasts.count == 32 && Set(localizer.contrasts.map(\.label)).count == 32)
        for contrast in localizer.contrasts {
            for name in contrast.names + [contrast.label] {
                #expect(try localizer.contrast(named: name) == contrast)
                #expect(try localizer.contrast(named: name.uppercased() + " ") == contrast)
            }
        }
        // Labels as nilearn 0.14.1 makes them.
        #expect(
            try localizer.contrast(named: "left button press (auditory cue)").label == "LeftAuditoryClick")
        #expect(
            try localizer.contrast(named: "left vs right button press").label
                == "LeftAuditory&VisualClickVsRightAuditory&VisualClick")
        #expect(
            try localizer.contrast(named: "right auditory&visual click").label == "RightAuditory&VisualClick")
    }

    @Test("an unknown contrast is answered with the nearest")
    func unknownContrast() {
        #expect(
            throws: DatasetError.unknownContrast(
                "click", dataSet: "localizer",
                like: [
                    "left button press (auditory cue)", "left button press (visual cue)", "left button press",
                ])
        ) {
            try localizer.contrast(named: "click")
        }
    }

    @Test("subjects by count, by number, by name and by range")
    func subjects() throws {
        #expect(try localizer.subjects("94") == localizer.subjects && localizer.subjects.count == 94)
        #expect(try localizer.subjects("2") == ["S01", "S02"])
        #expect(try localizer.subjects("7,s03, 10-12") == ["S03", "S07", "S10", "S11", "S12"])
        #expect(try localizer.subjects("S94") == ["S94"])
        for text in ["0", "95", "-3", "", "S95", "5-3", "1,,2", "x", "1-2-3"] {
            #expect(throws: DatasetError.self, "\(text)") { try localizer.subjects(text) }
        }
    }

    @Test("only https, and http of this machine, are servers; redirects stay on the data set's hosts")
    func routes() throws {
        for text in [
            "http://osf.io", "ftp://osf.io", "osf.io", "", "file:///x", "http://127.0.0.1.example.org",
            "https://a@b",
        ] {
            #expect(throws: DatasetError.server(text)) { try Route(localizer, server: text) }
        }
        let real = try Route(localizer, server: nil)
        for (text, isAllowed) in [
            ("https://files.de-1.osf.io/v1/x?a=b", true), ("https://storage.googleapis.com/x", true),
            ("https://osf.io/x", true), ("http://osf.io/x", false), ("https://evil-osf.io/", false),
            ("https://osf.io.example.org/", false), ("https://osf.io@example.org/", false),
            ("http://127.0.0.1/", false),
        ] {
            #expect(real.allows(try #require(WebAddress(text))) == isAllowed, "\(text)")
        }
        let local = try Route(localizer, server: "http://127.0.0.1:80/")
        #expect(
            !local.allows(WebAddress("https://osf.io/")!) && local.allows(WebAddress("http://127.0.0.1:81/")!)
        )
        #expect(local.address("/a").text == "http://127.0.0.1:80/a")
    }

    @Test("the answer's range is read, and nothing that is none")
    func contentRange() {
        let range = ContentRange("bytes 10-99/100")
        #expect(range?.first == 10 && range?.total == 100)
        #expect(ContentRange("bytes 10-99/*")?.total == nil && ContentRange("bytes 10-99/*") != nil)
        for text in ["", "bytes */100", "bytes 10", "lines 1-2/3", "bytes -1/3"] {
            #expect(ContentRange(text) == nil)
        }
    }

    @Test("identifiers that could change an address are not taken")
    func identifiers() throws {
        let index = try FileIndex(
            Array(
                #"{"a": "/5d27c3", "b": "../../etc", "c": "http://evil/", "d": "//x.org/abc", "e": "ab?c=d", "f": ""}"#
                    .utf8))
        #expect(
            ["a", "b", "c", "d", "e", "f", "g"].map(index.identifier) == [
                "5d27c3", nil, nil, nil, nil, nil, nil,
            ])
        for text in ["", "{", "[]", "{\"a\": 7}", "{}", String(repeating: "[", count: 100_000)] {
            #expect(throws: FetchProblem.self) { try FileIndex(Array(text.utf8)) }
        }
    }

    @Test("an image is taken whole only: cuts and flipped bytes of its data are found")
    func images() throws {
        let path = FileManager.default.temporaryDirectory.path + "/covey-check-\(UUID().uuidString).nii.gz"
        defer { try? FileManager.default.removeItem(atPath: path) }
        let good = ServedLocalizer.image(seed: 1)
        func isTaken(_ bytes: [UInt8], checksum: String? = nil) throws -> Bool {
            try Data(bytes).write(to: URL(fileURLWithPath: path))
            do {
                try FileCheck.image.verify(path, checksum: checksum)
                return true
            } catch { return false }
        }
        #expect(try isTaken(good))
        for count in stride(from: 0, to: good.count, by: 7) {
            #expect(try !isTaken(Array(good[..<count])), "\(count) bytes")
        }
        // Bytes 4 to 9 are a time and hints.
        for place in stride(from: 0, to: good.count, by: 5)
        where !(4...9).contains(place) {
            var bytes = good
            bytes[place] ^= 0x5A
            #expect(try !isTaken(bytes), "byte \(place)")
        }
        #expect(try !isTaken(good + [0, 0, 0, 0, 0]) && !isTaken(good + good))
        #expect(try !isTaken(good, checksum: String(repeating: "0", count: 64)))
    }

    @Test("a published checksum is held to")
    func checksum() throws {
        let path = FileManager.default.temporaryDirectory.path + "/covey-sum-\(UUID().uuidString).tsv"
        defer { try? FileManager.default.removeItem(atPath: path) }
        try Data("participant_id\tx\nS01\t1\n".utf8).write(to: URL(fileURLWithPath: path))
        // From sha256sum of coreutils.
        try FileCheck.table.verify(
            path, checksum: "af466ddb7676760044f4bb1d6c8f3b81d5b5302110af3e3ad97a64fae4692656")
    }
}
