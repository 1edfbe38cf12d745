import Foundation
import Testing

@testable import Covey

/// Scripts/check-report.py drives headless Chromium; where there is none, that is said aloud.
private let chromium: String? = {
    let folders = (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":")
    let found = ["chromium", "chromium-browser", "google-chrome"].flatMap { name in
        folders.map { "\($0)/\(name)" }
    }
    .first { FileManager.default.isExecutableFile(atPath: $0) }
    if found == nil {
        FileHandle.standardError.write(
            Data(
                "SKIPPED: no Chromium on this machine (apt-get install chromium); reports are not opened\n"
                    .utf8))
    }
    return found
}()

@Suite("The page in a browser", .enabled(if: chromium != nil), .serialized)
struct BrowserTests {
    @Test(
        "renders, follows slider, marks, rows, keys and clicks, fetches nothing and keeps the console silent",
        arguments: [[], ["--dark"], ["--width", "420"]])
    func use(flags: [String]) throws {
        let cohort = try ReportedCohort.shared.get()
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let regions = cohort.folder + "/regions-\(UUID().uuidString).json"
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments =
            [
                "python3", root.appendingPathComponent("Scripts/check-report.py").path,
                cohort.results + "/report.html",
            ]
            + flags + ["--regions", regions]
        let output = cohort.folder + "/checks-\(UUID().uuidString).txt"
        try Data().write(to: URL(fileURLWithPath: output))
        process.standardOutput = FileHandle(forWritingAtPath: output)
        process.standardError = process.standardOutput
        try process.run()
        process.waitUntilExit()
        let text = try String(contentsOfFile: output, encoding: .utf8)
        #expect(process.terminationStatus == 0, "\(text)")
        #expect(text.components(separatedBy: "\n").count { $0.hasPrefix("ok ") } > 25, "\(text)")
        try compare(regions, cohort.analysis)
    }

    /// One region that the page told a bound for: what a threshold leaves, a cluster, a sphere, an outline.
    private struct Region: Decodable {
        let contrast: Int
        let kind: String
        let detail: String
        let threshold: Double
        let discoveries: Int
        let tested: Int
        let columns: [Int]
    }

    /// The page's bounds are those of all-resolutions inference on the run's own p-values in double precision,
    /// to the voxel, for every region the script looked at.
    private func compare(_ path: String, _ analysis: Analysis) throws {
        let data = try Data(contentsOf: URL(fileURLWithPath: path))
        let regions = try JSONDecoder().decode([Region].self, from: data)
        #expect(Set(regions.map(\.kind)) == ["threshold", "cluster", "sphere", "outline"])
        for (k, found) in analysis.contrasts.enumerated() {
            let logP = found.parametric.logP
            let inference = AllResolutionsInference(logP: logP, alpha: 0.05)
            let mine = regions.filter { $0.contrast == k }
            #expect(mine.count > 20 && mine.contains { $0.discoveries > 0 })
            for region in mine {
                let tested = region.columns.map { logP[$0] }.filter { !$0.isNaN }
                #expect(region.tested == tested.count, "\(region.kind) \(region.detail)")
                #expect(
                    region.discoveries == inference.discoveries(logP: tested),
                    "\(region.kind) \(region.detail)")
            }
            // Clusters are those of a table at the threshold shown, of the map as the page has it.
            let shown = StatisticMap(
                found.statistic.statistic, mask: found.statistic.mask,
                values: found.statistic.values.map { Double(Float($0)) })
            for region in mine.filter({ $0.kind == "cluster" && !$0.columns.isEmpty }) {
                let table = ClusterTable(
                    shown, threshold: Double(Float(region.threshold)), tail: found.tail,
                    connectivity: .corners)
                let id = table.labels[region.columns[0]]
                #expect(
                    id > 0
                        && region.columns.sorted() == table.labels.indices.filter { table.labels[$0] == id })
            }
            #expect(mine.contains { $0.kind == "cluster" && $0.columns.count > 1 })
        }
    }
}
