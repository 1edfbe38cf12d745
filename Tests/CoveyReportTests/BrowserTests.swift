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
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments =
            [
                "python3", root.appendingPathComponent("Scripts/check-report.py").path,
                cohort.results + "/report.html",
            ]
            + flags
        let output = cohort.folder + "/checks-\(UUID().uuidString).txt"
        try Data().write(to: URL(fileURLWithPath: output))
        process.standardOutput = FileHandle(forWritingAtPath: output)
        process.standardError = process.standardOutput
        try process.run()
        process.waitUntilExit()
        let text = try String(contentsOfFile: output, encoding: .utf8)
        #expect(process.terminationStatus == 0, "\(text)")
        #expect(text.components(separatedBy: "\n").count { $0.hasPrefix("ok ") } > 25, "\(text)")
    }
}
