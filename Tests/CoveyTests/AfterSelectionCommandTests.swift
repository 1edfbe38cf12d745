import CoveyTestSupport
import Foundation
import Testing

@testable import Covey

#if canImport(FoundationNetworking)
    import FoundationNetworking
#endif

@Suite("After selection, from the command line", .enabled(if: Program.path != nil))
struct AfterSelectionCommandTests {
    @Test("ari gives the bounds of the analysis's own clusters, and refuses what it cannot take by name")
    func ari() throws {
        let cohort = try TemporaryCohort(subjects: 20)
        let run = try Program(
            [
                "analyze", "participants.tsv", "--model", "~ score + group", "--contrast", "score",
                "--cluster-threshold", "1.5", "--bounds-alpha", "0.1", "--random-field", "0.05",
                "--no-figures",
                "--no-report", "--out", "results", "--quiet",
            ], in: cohort.folder)
        #expect(run.status == 0, "\(run.errors)")
        let stem = "results/contrast-score"
        let names = try FileManager.default.contentsOfDirectory(atPath: cohort.folder + "/results")
        let label = try #require(names.first { $0.hasSuffix("_stat-t_statmap.nii.gz") })
            .replacingOccurrences(of: "_stat-t_statmap.nii.gz", with: "")
        let map = "results/\(label)_stat-t_statmap.nii.gz"
        let ari = try Program(
            [
                "ari", map, "--mask", "results/mask.nii.gz", "--alpha", "0.1", "--region",
                "results/\(label)_desc-clusters_dseg.nii.gz",
            ], in: cohort.folder)
        #expect(ari.status == 0, "\(ari.errors) \(stem)")
        let rows = ari.output.split(separator: "\n").map { $0.split(separator: "\t").map(String.init) }
        #expect(
            rows[0] == [
                "Image", "Region", "Voxels", "True discoveries at least", "TDP at least", "Voxels not tested",
            ])
        #expect(rows[1][1] == "whole map")
        let table = try String(
            contentsOfFile: cohort.folder + "/results/\(label)_clusters.tsv", encoding: .utf8
        )
        .split(separator: "\n").map { $0.split(separator: "\t").map(String.init) }
        let place = try #require(table[0].firstIndex(of: "ARI true discoveries"))
        let clusters = table.dropFirst().filter { $0[0].allSatisfy(\.isNumber) }
        #expect(rows.count == clusters.count + 2 && clusters.count > 1)
        #expect(rows.dropFirst(2).map { $0[3] } == clusters.map { $0[place] })
        #expect(rows.dropFirst(2).contains { $0[3] != "0" })
        for (arguments, word) in [
            (["ari", map, "--statistic", "p", "--tail", "less"], "drop '--tail'"),
            (["ari", "results/\(label)_stat-effect_statmap.nii.gz"], "does not say"),
            (["ari", map, "--region", map], "regions are numbered"),
            (["ari", map, "--statistic", "t"], "--dof"),
        ] {
            let refused = try Program(arguments, in: cohort.folder)
            #expect(refused.status != 0 && refused.errors.contains(word), "\(refused.errors)")
        }
    }

    @Test("smoothness reads residuals as the library does, from one image or from many")
    func smoothness() throws {
        let cohort = try TemporaryCohort()
        let files = (0..<12).map { "map\($0).nii.gz" }
        let run = try Program(["smoothness"] + files, in: cohort.folder)
        #expect(run.status == 0 && run.errors.contains("below a FWHM of 3 voxels"), "\(run.errors)")
        let maps = try files.map { try ImageFile.readVolume(cohort.folder + "/" + $0) }
        try Volume.write(maps, to: cohort.folder + "/all.nii.gz", ImageContent(datatype: .float64))
        let whole = try Program(["smoothness", "all.nii.gz"], in: cohort.folder)
        #expect(whole.output == run.output && !run.output.isEmpty)
        let mask = Mask(grid: maps[0].grid) { _ in true }
        var estimator = SmoothnessEstimator(
            mask: mask,
            residualSumOfSquares: (0..<mask.count).map { v in
                maps.reduce(0) { $0 + $1.values[v] * $1.values[v] }
            })
        for map in maps { estimator.add(map.values) }
        let found = try #require(estimator.smoothness())
        #expect(
            run.output.contains(
                "FWHM voxels\t" + found.fwhmVoxels.map { significant($0, digits: 8) }.joined(separator: "\t"))
        )
        let one = try Program(["smoothness", files[0]], in: cohort.folder)
        #expect(one.status != 0 && one.errors.contains("1 map of residuals"))
    }

    @Test("serve prints an address that answers and a tunnel, and Ctrl-C ends it with status 0")
    func serve() throws {
        let cohort = try TemporaryCohort()
        let output = cohort.folder + "/serve.txt"
        try Data().write(to: URL(fileURLWithPath: output))
        let process = Process()
        process.executableURL = URL(fileURLWithPath: try #require(Program.path))
        process.arguments = ["serve", cohort.folder]
        process.standardOutput = FileHandle(forWritingAtPath: output)
        process.standardError = FileHandle.nullDevice
        try process.run()
        defer { process.terminate() }
        var lines: [String] = []
        for _ in 0..<200 where lines.count < 4 {
            usleep(50_000)
            lines = try String(contentsOfFile: output, encoding: .utf8).split(separator: "\n").map(
                String.init)
        }
        let match = try #require(lines.first?.wholeMatch(of: #/http://127\.0\.0\.1:(\d+)/[0-9a-f]{32}//#))
        #expect(lines.contains { $0.contains("ssh -N -L \(match.1):127.0.0.1:\(match.1) ") })
        let served = try Data(contentsOf: #require(URL(string: String(match.0) + "participants.tsv")))
        #expect(try served == Data(contentsOf: URL(fileURLWithPath: cohort.table)))
        kill(process.processIdentifier, SIGINT)
        process.waitUntilExit()
        #expect(process.terminationStatus == 0 && process.terminationReason == .exit)
        let refused = try Program(["serve", cohort.folder + "/nothing"])
        #expect(refused.status == 1 && refused.errors.contains("there is no folder"))
    }
}
