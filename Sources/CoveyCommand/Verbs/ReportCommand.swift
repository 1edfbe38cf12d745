import ArgumentParser
import Covey

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// The report of a result folder, made again.
struct ReportCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "report",
        abstract: "Make the report of a result folder again: one HTML file that needs nothing else.")

    @Argument(help: "Folder that an analysis wrote.")
    var results: String

    @Option(
        name: [.short, .long], help: "The page to write, or to trace (default: report.html in the folder).")
    var out: String?

    @Flag(
        help:
            "Write nothing: hold every number, table, map and picture of the page against the files of the run, and say what has no source."
    )
    var trace = false

    @Option(help: "Threads (default: all processors); changes no result.", transform: Read.threads)
    var threads: Int?

    func run() throws {
        if trace { return try traceReport() }
        let report = try AnalysisReport(folder: results, threads: threads ?? availableThreads())
        let path = out ?? results + "/report.html"
        try writeFile(Array(report.html.utf8), to: path)
        print("report in \(printable(path))")
    }

    private func traceReport() throws {
        let path = out ?? results + "/report.html"
        guard FileManager.default.fileExists(atPath: path) else { throw ReportError.noPage(path) }
        let trace = try ReportTrace(
            page: readText(path), folder: results, threads: threads ?? availableThreads())
        print(trace.text, terminator: "")
        if !trace.isWhole { throw ReportError.untraced(path, trace.findings.count) }
    }
}
