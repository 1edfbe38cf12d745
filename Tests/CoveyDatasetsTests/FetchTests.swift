import CoveyCore
import CoveyFormats
import CoveyTransfer
import Foundation
import Synchronization
import Testing

@testable import CoveyDatasets

@Suite("Fetching over real sockets")
struct FetchTests {
    typealias Answer = LoopbackServer.Answer

    func bytes(_ path: String) -> [UInt8]? { FileManager.default.contents(atPath: path).map(Array.init) }

    /// Runs a fetch that must fail for the file of S01 alone, and gives its problem.
    func problem(_ served: ServedLocalizer, stallSeconds: Int = 30) throws -> FetchProblem {
        let error = #expect(throws: DatasetError.self) { try served.fetch(stallSeconds: stallSeconds) }
        guard case .files(let failures, let kept, _)? = error else {
            Issue.record("\(String(describing: error))")
            return .empty
        }
        #expect(failures.count == 1 && failures[0].file.contains("sub-S01") && kept == 4)
        #expect(bytes(served.path("S01")) == nil)
        #expect(bytes(served.path("S02")) == ServedLocalizer.map("S02"))
        return failures[0].problem
    }

    @Test("all files come, laid out as nilearn's, and a second run asks nothing")
    func clean() throws {
        let served = try ServedLocalizer()
        let files = try served.fetch()
        #expect(files.fetchedCount == 5 && files.notes.isEmpty)
        #expect(
            served.names == [
                "brainomics_data/S01/cmaps_LeftAuditoryClick.nii.gz",
                "brainomics_data/S02/cmaps_LeftAuditoryClick.nii.gz",
                "brainomics_data/S03/cmaps_LeftAuditoryClick.nii.gz", "brainomics_data/participants.tsv",
                "brainomics_data/phenotype/behavioural.tsv",
            ])
        #expect(bytes(served.path("S03")) == ServedLocalizer.map("S03"))
        let count = served.server.requests.count
        #expect(try served.fetch().fetchedCount == 0 && served.server.requests.count == count)
    }

    @Test("a cache of nilearn is used as it is")
    func otherCache() throws {
        let first = try ServedLocalizer()
        _ = try first.fetch()
        let second = try ServedLocalizer()
        let files = try second.fetch(others: [first.folder])
        #expect(files.fetchedCount == 0 && second.server.requests.isEmpty && second.names.isEmpty)
        #expect(files.path(.map, of: "S02") == first.path("S02"))
    }

    @Test("the table has ids, paths and the columns of both tables")
    func table() throws {
        let served = try ServedLocalizer()
        let (table, notes) = try served.fetch().table(relativeTo: served.folder)
        #expect(table.columns == ["participant_id", "map", "age", "language", "pseudo", "behavioural_age"])
        #expect(
            table.rows[1] == [
                "S02", "brainomics_localizer/brainomics_data/S02/cmaps_LeftAuditoryClick.nii.gz", "23",
                "French", "n/a",
                "7",
            ])
        #expect(notes.count == 1)
        #expect(try served.fetch().table(relativeTo: "/elsewhere").table.rows[0][1] == served.path("S01"))
    }

    @Test("a server's error is tried again, with pauses that grow", arguments: [500, 502, 503, 429])
    func serverErrors(status: Int) throws {
        let served = try ServedLocalizer { request in
            request.path == ServedLocalizer.first && request.earlier < 2 ? Answer([], status: status) : nil
        }
        #expect(try served.fetch().fetchedCount == 5)
        #expect(served.server.count(ServedLocalizer.first) == 3)
        let pauses = FetchSettings().pausesSeconds
        #expect(zip(pauses, pauses.dropFirst()).allSatisfy { $0 < $1 })
    }

    @Test(
        "a server's lasting error ends after five tries, and what is not there after one",
        arguments: [(500, 5), (404, 1), (403, 1)])
    func lastingErrors(status: Int, tries: Int) throws {
        let served = try ServedLocalizer {
            $0.path == ServedLocalizer.first ? Answer([], status: status) : nil
        }
        #expect(try problem(served) == .status(status, retryAfterSeconds: nil))
        #expect(served.server.count(ServedLocalizer.first) == tries)
    }

    @Test("a broken body is continued where it broke", arguments: [false, true])
    func resume(resets: Bool) throws {
        let bytes = ServedLocalizer.map("S01")
        let ranges = Mutex<[String?]>([])
        let served = try ServedLocalizer { request in
            guard request.path.hasPrefix("/storage/idS01") else { return nil }
            ranges.withLock { $0.append(request.fields["range"]) }
            guard request.earlier == 0 else { return nil }
            var answer = Answer(Array(bytes[..<100]), fields: ["ETag": "\"one\""])
            answer.length = bytes.count
            return answer
        }
        _ = try served.fetch()
        #expect(ranges.withLock { $0 } == [nil, "bytes=100-"])
        #expect(self.bytes(served.path("S01")) == bytes)
    }

    @Test(
        "a part file of an earlier run is continued, one without its tag is begun again",
        arguments: [true, false])
    func earlierPart(hasTag: Bool) throws {
        let served = try ServedLocalizer()
        let bytes = ServedLocalizer.map("S01")
        let part = served.path("S01") + ".part"
        try FileManager.default.createDirectory(
            atPath: (part as NSString).deletingLastPathComponent, withIntermediateDirectories: true)
        try Data(hasTag ? Array(bytes[..<60]) : [UInt8](repeating: 0, count: 60)).write(
            to: URL(fileURLWithPath: part))
        if hasTag { try "\"one\"".write(toFile: part + ".tag", atomically: true, encoding: .utf8) }
        _ = try served.fetch()
        let asked = served.server.requests.first { $0.path.hasPrefix("/storage/idS01") }?.fields["range"]
        #expect(asked == (hasTag ? "bytes=60-" : nil))
        #expect(self.bytes(served.path("S01")) == bytes && !served.names.contains { $0.hasSuffix(".part") })
    }

    @Test("halves of two files are never joined: a changed file is begun again")
    func changedFile() throws {
        let old = ServedLocalizer.image(seed: 500)
        let new = ServedLocalizer.map("S01")
        let served = try ServedLocalizer { request in
            guard request.path.hasPrefix("/storage/idS01") else { return nil }
            guard request.earlier == 0 else { return ServedLocalizer.part(of: new, request, tag: "\"two\"") }
            var answer = Answer(Array(old[..<100]), fields: ["ETag": "\"one\""])
            answer.length = old.count
            return answer
        }
        _ = try served.fetch()
        #expect(bytes(served.path("S01")) == new)
    }

    @Test("another range than asked for, or 416, begins the file again", arguments: [206, 416])
    func wrongRange(status: Int) throws {
        let bytes = ServedLocalizer.map("S01")
        let served = try ServedLocalizer { request in
            guard request.path.hasPrefix("/storage/idS01") else { return nil }
            if request.fields["range"] != nil {
                return Answer(
                    status == 206 ? Array(bytes[93...]) : [], status: status,
                    fields: ["Content-Range": "bytes 93-\(bytes.count - 1)/\(bytes.count)"])
            }
            guard request.earlier == 0 else { return nil }
            var answer = Answer(Array(bytes[..<100]), fields: ["ETag": "\"one\""])
            answer.length = bytes.count
            return answer
        }
        _ = try served.fetch()
        #expect(self.bytes(served.path("S01")) == bytes)
    }

    @Test("a body that always breaks is named incomplete and keeps no name")
    func lastingTruncation() throws {
        let served = try ServedLocalizer { request in
            guard request.path.hasPrefix("/storage/idS01") else { return nil }
            var answer = Answer(Array(ServedLocalizer.map("S01")[..<100]))
            answer.length = 200
            return answer
        }
        #expect(try problem(served) == .incomplete(got: 100, expected: 200))
    }

    @Test("a body cut without a length is found by the gzip check")
    func silentTruncation() throws {
        let served = try ServedLocalizer { request in
            guard request.path.hasPrefix("/storage/idS01") else { return nil }
            var answer = Answer(Array(ServedLocalizer.map("S01").dropLast(20)))
            answer.length = nil
            return answer
        }
        #expect(try problem(served).description.contains("gzip"))
        #expect(!served.names.contains { $0.hasSuffix(".part") })
    }

    @Test("what is no file is named for what it is")
    func impostors() throws {
        let cases: [(body: String, problem: FetchProblem)] = [
            ("<!DOCTYPE html><html>Sign in</html>", .webPage), ("", .empty),
            ("{\"errors\": []}", .serverMessage("{\"errors\": []}")),
            ("PK-ish", .damaged("it is not gzip data")),
        ]
        for (body, expected) in cases {
            let served = try ServedLocalizer {
                $0.path.hasPrefix("/storage/idS01") ? Answer(Array(body.utf8)) : nil
            }
            #expect(try problem(served) == expected)
        }
    }

    @Test("redirects in a circle, to nowhere and to strangers end; strangers are not asked")
    func redirects() throws {
        let loop = try ServedLocalizer { $0.path == ServedLocalizer.first ? Answer(redirect: $0.path) : nil }
        #expect(try problem(loop) == .tooManyRedirects(10))
        #expect(loop.server.count(ServedLocalizer.first) == 11)
        for target in [
            "file:///etc/passwd", "https://example.org/x", "ftp://127.0.0.1/x", "http://10.0.0.1/",
        ] {
            let served = try ServedLocalizer {
                $0.path == ServedLocalizer.first ? Answer(redirect: target) : nil
            }
            #expect(try problem(served) == .strangeRedirect(target))
        }
        let nowhere = try ServedLocalizer { $0.path == ServedLocalizer.first ? Answer([], status: 302) : nil }
        #expect(try problem(nowhere) == .redirectToNowhere(302))
    }

    @Test("a server that sends nothing is given up after the stall time, and tried again")
    func stall() throws {
        let served = try ServedLocalizer { request in
            guard request.path == ServedLocalizer.first, request.earlier == 0 else { return nil }
            var answer = Answer([1])
            answer.pauseSeconds = 6
            return answer
        }
        #expect(try served.fetch(stallSeconds: 1).fetchedCount == 5)
        #expect(served.server.count(ServedLocalizer.first) == 2)
    }

    @Test("a damaged file in the cache is fetched again and told")
    func damagedCache() throws {
        let served = try ServedLocalizer()
        _ = try served.fetch()
        try Data("<html>".utf8).write(to: URL(fileURLWithPath: served.path("S01")))
        let files = try served.fetch()
        #expect(files.fetchedCount == 1 && files.notes.count == 1)
        #expect(bytes(served.path("S01")) == ServedLocalizer.map("S01"))
    }

    @Test("subjects whom the data set lacks are named and left out of the table")
    func absent() throws {
        let served = try ServedLocalizer(subjects: 4, served: 2)
        let files = try served.fetch()
        #expect(files.notes.map(\.text).joined().contains("2 subjects: S03, S04"))
        #expect(try files.table(relativeTo: "/").table.rows.map { $0[0] } == ["S01", "S02"])
    }

    @Test("without a network a full cache works, and a part of one names what is missing")
    func offline() throws {
        let served = try ServedLocalizer()
        _ = try served.fetch()
        var settings = FetchSettings()
        settings.pausesSeconds = []
        // The discard port of this machine: nobody answers.
        settings.server = "http://127.0.0.1:9"
        let cache = CacheFolders(served.folder)
        #expect(try served.request.fetch(into: cache, settings).fetchedCount == 0)
        try FileManager.default.removeItem(atPath: served.path("S02"))
        let error = #expect(throws: DatasetError.self) { try served.request.fetch(into: cache, settings) }
        guard case .offline(_, _, let missing, let cached, _)? = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(missing.count == 1 && missing[0].contains("sub-S02") && cached == 4)
    }

    @Test("two fetches into one folder take turns, and each file is fetched once")
    func twoAtOnce() throws {
        let served = try ServedLocalizer(subjects: 8)
        let counts = Mutex<[Int]>([])
        let (request, folder, address) = (served.request, served.folder, served.server.address)
        DispatchQueue.concurrentPerform(iterations: 2) { _ in
            var settings = FetchSettings()
            settings.server = address
            let count = try? request.fetch(into: CacheFolders(folder), settings).fetchedCount
            counts.withLock { $0.append(count ?? -1) }
        }
        #expect(counts.withLock { $0.sorted() } == [0, 10])
    }
}
