import CoveyCore
import CoveyFormats
import CoveyTestSupport
import CoveyTransfer
import Crypto
import Foundation
import Testing

@testable import CoveyDatasets

@Suite("A data set whose files stand at fixed paths")
struct DescribedDataSetTests {
    typealias Answer = LoopbackServer.Answer

    /// The bytes of a file of two, and a table in the order of the subjects.
    static func bytes(_ path: String) -> [UInt8]? {
        if path == "/data/scores.txt" { return Array("X\tY score\n1\t0.5\n2\t0.25\n3\tNaN\n".utf8) }
        guard path.hasPrefix("/data/con_"), path.hasSuffix(".img") || path.hasSuffix(".hdr") else {
            return nil
        }
        return Array(("file " + path).utf8)
    }

    static let dataSet = DataSet(
        name: "pairs", title: "Pairs", summary: "Maps in two files.", page: "https://example.org",
        licence: "none",
        citations: ["Someone"], size: "3 maps", server: "https://example.org", listing: .paths,
        hosts: ["example.org"], folder: "pairs", subjects: ["01", "02", "03"],
        contrasts: [DataSet.Contrast(label: "only", names: ["only"])],
        images: [
            .map: DataSet.Naming(
                remote: "/data/con_{subject}.img", local: "con_{subject}.img", headerSuffix: ".hdr")
        ],
        tables: [
            DataSet.TableSource(
                naming: DataSet.Naming(remote: "/data/scores.txt", local: "scores.txt"), join: .order)
        ],
        checksums: Dictionary(
            uniqueKeysWithValues: ["01", "02", "03"].flatMap { subject in
                [".img", ".hdr"].map { suffix in
                    let path = "/data/con_" + subject + suffix
                    let sum = SHA256.hash(data: bytes(path) ?? []).map {
                        String(Int($0) + 256, radix: 16).suffix(2)
                    }
                    return (path, sum.joined())
                }
            }))

    func fetch(
        _ folder: String, subjects: String? = nil,
        fault: @escaping @Sendable (LoopbackServer.Request) -> Answer? = { _ in nil }
    ) throws -> FetchedFiles {
        let server = LoopbackServer { request in
            fault(request) ?? Self.bytes(request.path).map { Answer($0) } ?? Answer([], status: 404)
        }
        var settings = FetchSettings()
        settings.server = server.address
        settings.pausesSeconds = [0.01, 0.01]
        return try withExtendedLifetime(server) {
            try FetchRequest(Self.dataSet, contrast: nil, subjects: subjects).fetch(
                into: CacheFolders(folder), settings)
        }
    }

    func inFolder(_ body: (String) throws -> Void) throws {
        let folder = FileManager.default.temporaryDirectory.path + "/covey-pairs-\(UUID().uuidString)"
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try body(folder)
    }

    @Test("both files of an image come, and rows are joined in the order of all subjects")
    func pairs() throws {
        try inFolder { folder in
            let files = try fetch(folder, subjects: "2,3")
            #expect(files.fetchedCount == 5)
            let (table, _) = try files.table(relativeTo: folder)
            #expect(table.columns == ["participant_id", "map", "X", "Y score"])
            #expect(
                table.rows == [
                    ["02", "pairs/con_02.img", "2", "0.25"], ["03", "pairs/con_03.img", "3", "NaN"],
                ])
            #expect(try fetch(folder, subjects: "2,3").isFromCacheAlone)
        }
    }

    @Test("bytes other than those of the checksum are refused")
    func checksums() throws {
        try inFolder { folder in
            let error = #expect(throws: DatasetError.self) {
                try fetch(folder) { $0.path.hasSuffix("con_02.hdr") ? Answer(Array("other".utf8)) : nil }
            }
            guard case .files(let failures, _, _)? = error else {
                Issue.record("\(String(describing: error))")
                return
            }
            #expect(failures.map(\.file) == ["/data/con_02.hdr"])
            guard case .checksum = failures[0].problem else {
                Issue.record("\(failures[0].problem)")
                return
            }
            #expect(!FileManager.default.fileExists(atPath: folder + "/pairs/con_02.hdr"))
            #expect(FileManager.default.fileExists(atPath: folder + "/pairs/con_02.img"))
        }
    }

    @Test("a table of another length than the subjects is refused")
    func shortTable() throws {
        try inFolder { folder in
            let error = #expect(throws: DatasetError.self) {
                try fetch(folder) { $0.path.hasSuffix("txt") ? Answer(Array("X\n1\n2\n".utf8)) : nil }
            }
            #expect(error?.description.contains("2 rows where there are 3 subjects") == true)
        }
    }

    @Test(
        "the emotion-regulation set comes whole by its checksums, joined to its table in order",
        .enabled(if: SharedData.isAvailable))
    func emotionRegulation() throws {
        let folder = SharedData.url("data/emotion_regulation").path
        let known = try Table.read(folder + "/participants.tsv").table
        let scores = try zip(#require(known.cells(of: "rvlpfc")), #require(known.cells(of: "success")))
            .map { "\($0)\t\($1)\n" }.joined()
        let server = LoopbackServer { request in
            if request.path.hasSuffix("behavioral_data.txt") {
                return Answer(Array(("X_RVLPFC\tY_Reappraisal_Success\n" + scores).utf8))
            }
            let name = request.path.split(separator: "/").last ?? ""
            guard request.path.hasPrefix("/canlab/CanlabCore/master/"),
                let bytes = FileManager.default.contents(atPath: folder + "/" + name)
            else { return Answer([], status: 404) }
            return Answer(Array(bytes))
        }
        try inFolder { cache in
            var settings = FetchSettings()
            settings.server = server.address
            let files = try withExtendedLifetime(server) {
                try FetchRequest(.emotionRegulation, contrast: nil).fetch(into: CacheFolders(cache), settings)
            }
            #expect(files.fetchedCount == 61 && files.notes.isEmpty)
            let (table, _) = try files.table(relativeTo: cache)
            #expect(table.cells(of: "Y_Reappraisal_Success") == known.cells(of: "success"))
            #expect(table.rows[29][1] == "wager2008_emotion_regulation/con_00810030.img")
        }
    }

    @Test("every data set is whole: names, terms, what to cite, and https only")
    func descriptions() throws {
        #expect(Set(DataSet.all.map(\.name)).count == DataSet.all.count)
        #expect(
            Set(DataSet.all.map(\.folder)).count == DataSet.all.count - 1, "two of NeuroVault share a folder")
        for dataSet in DataSet.all {
            #expect(dataSet.server.hasPrefix("https://") && dataSet.page.hasPrefix("https://"))
            #expect(!dataSet.licence.isEmpty && !dataSet.citations.isEmpty && !dataSet.size.isEmpty)
            let host = try #require(WebAddress(dataSet.server)).host
            #expect(WebAddress(dataSet.server)!.isOn(dataSet.hosts), "\(host)")
            #expect(try DataSet.named(dataSet.name.uppercased()) == dataSet)
            for naming in dataSet.images.values where naming.headerSuffix != nil {
                for subject in dataSet.subjects {
                    for file in naming.images(of: subject, contrast: dataSet.contrasts[0].label) {
                        #expect(dataSet.checksums[file.remote]?.count == 64, "\(file.remote)")
                    }
                }
            }
        }
        #expect(DataSet.emotionRegulation.checksums.count == 60)
    }
}
