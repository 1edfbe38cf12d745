import Covey
import CoveyTestSupport
import Foundation
import Testing

@testable import CoveyCommand

@Suite("Fetching from the command line")
struct FetchCommandTests {
    @Test("the cache is the folder a user names, else nilearn's folders in nilearn's order")
    func folders() {
        #expect(
            CacheFolders(named: "/data", environment: ["NILEARN_DATA": "/n"], home: "/home/me")
                == CacheFolders("/data"))
        #expect(
            CacheFolders(named: nil, environment: [:], home: "/home/me")
                == CacheFolders("/home/me/nilearn_data"))
        let folders = CacheFolders(
            named: nil, environment: ["NILEARN_DATA": "/n:/m", "NILEARN_SHARED_DATA": "/shared"],
            home: "/home/me")
        #expect(folders.writable == "/n" && folders.others == ["/shared", "/m", "/home/me/nilearn_data"])
    }

    @Test("the progress line has files, bytes, speed and the time left")
    func line() throws {
        var line = FetchLine()
        let start = ContinuousClock.now
        _ = line.update(try progress(0, 0), at: start)
        #expect(line.update(try progress(1, 10), at: start + .milliseconds(50)) == nil)
        #expect(
            line.update(try progress(25, 8_000_000), at: start + .seconds(4))
                == "fetching: 25 of 100 files, 8.0 MB, 2.0 MB/s, 12 s left")
        #expect(
            line.update(try progress(26, 8_000_000), at: start + .seconds(80))
                == "fetching: 26 of 100 files, 8.0 MB, 0.1 MB/s, 4 min left")
    }

    private func progress(_ files: Int, _ bytes: Int) throws -> FetchProgress {
        FetchProgress(doneCount: files, fileCount: 100, byteCount: bytes)
    }
}

@Suite("The fetch program", .enabled(if: Program.path != nil))
struct FetchProgramTests {
    @Test("--list shows 32 contrasts; mistakes are one clear message and touch no network")
    func surface() throws {
        let list = try Program(["fetch", "localizer", "--list"])
        #expect(list.status == 0 && list.output.split(separator: "\n").count == 32)
        #expect(list.output.contains("left button press (auditory cue) | left auditory click\n"))
        for (arguments, words) in [
            (["fetch", "nothing", "--contrast", "x"], "there is no data set 'nothing'"),
            (["fetch", "localizer", "--contrast", "left click"], "has no contrast 'left click'"),
            (
                ["fetch", "localizer", "--contrast", "checkerboard", "--subjects", "95"],
                "'95' names no subjects"
            ),
            (
                ["fetch", "localizer", "--contrast", "checkerboard", "--base-url", "http://osf.io"],
                "is not a server"
            ),
            (["fetch", "localizer"], "--contrast"),
            (["fetch", "localizer", "--contrast", "x", "--with", "y"], "'y'"),
        ] {
            let run = try Program(
                arguments + (arguments.contains("--contrast") ? ["--cache", "/nowhere/at/all"] : []))
            #expect(run.status != 0 && run.errors.contains(words), "\(run.errors)")
        }
    }

    @Test(
        "94 subjects against the loopback server: killed in the middle, the same command finishes; then no network is needed",
        .enabled(if: SharedData.isAvailable && FileManager.default.isExecutableFile(atPath: "/usr/bin/env")))
    func killed() throws {
        let folder = FileManager.default.temporaryDirectory.path + "/covey-fetch-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let server = Process()
        server.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        // Each map takes about a second, so that the kill comes in the middle.
        server.arguments = [
            "python3", SharedData.url("reference/osf_server.py").path, "--subjects", "94", "--lifetime",
            "120",
            "--ready-file", folder + "/ready.json", "--faults",
            #"[{"on": "storage", "path~": "cmaps", "mode": "slow", "bytes_per_s": 600}]"#,
        ]
        server.standardOutput = FileHandle.nullDevice
        server.standardError = FileHandle.nullDevice
        try server.run()
        defer {
            kill(server.processIdentifier, SIGKILL)
            server.waitUntilExit()
        }
        struct Ready: Decodable {
            let address: String
            private enum CodingKeys: String, CodingKey { case address = "base_url" }
        }
        var address: String?
        for _ in 0..<200 where address == nil {
            usleep(50_000)
            address = FileManager.default.contents(atPath: folder + "/ready.json").flatMap {
                try? JSONDecoder().decode(Ready.self, from: $0).address
            }
        }
        // A machine without python3 has no such server; the tests of CoveyDatasets bring their own.
        guard let address else {
            FileHandle.standardError.write(Data("SKIPPED: python3 does not run the loopback server\n".utf8))
            return
        }
        let arguments = [
            "fetch", "localizer", "--contrast", "left button press (auditory cue)", "--subjects", "94",
            "--cache",
            "cache", "--out", "localizer.tsv", "--base-url",
        ]
        let first = Process()
        first.executableURL = URL(fileURLWithPath: try #require(Program.path))
        first.arguments = arguments + [address]
        first.currentDirectoryURL = URL(fileURLWithPath: folder)
        first.standardError = FileHandle.nullDevice
        try first.run()
        usleep(4_000_000)
        kill(first.processIdentifier, SIGKILL)
        first.waitUntilExit()
        let names = { () -> [String] in
            (FileManager.default.enumerator(atPath: folder + "/cache")?.allObjects as? [String] ?? [])
        }
        let came = names().count { $0.hasSuffix(".nii.gz") }
        #expect((1..<94).contains(came) && !FileManager.default.fileExists(atPath: folder + "/localizer.tsv"))

        let second = try Program(arguments + [address], in: folder)
        #expect(second.status == 0, "\(second.errors)")
        #expect(second.output.contains("files fetched"))
        #expect(names().count { $0.hasSuffix(".nii.gz") } == 94 && !names().contains { $0.contains(".part") })
        let table = try Table.read(folder + "/localizer.tsv").table
        #expect(table.rows.count == 94 && table.columns.contains("pseudo"))
        #expect(DataSetCard(besideTable: folder + "/localizer.tsv")?.name == "Brainomics Localizer")

        let third = try Program(arguments + ["http://127.0.0.1:9"], in: folder)
        #expect(third.status == 0 && third.output.contains("no network was needed"), "\(third.errors)")
    }
}
