import CoveyTestSupport
import Foundation
import Testing

@testable import Covey

/// Runs the program as a user does.
struct Program {
    let status: Int32
    let output: String
    let errors: String

    /// The built program stands beside the test bundle.
    static let path: String? = {
        let arguments = ProcessInfo.processInfo.arguments
        var candidates = [URL(fileURLWithPath: arguments[0]).deletingLastPathComponent()]
        candidates += arguments.filter { $0.hasSuffix(".xctest") }.map {
            URL(fileURLWithPath: $0).deletingLastPathComponent()
        }
        return candidates.map { $0.appendingPathComponent("covey").path }.first {
            FileManager.default.isExecutableFile(atPath: $0)
        }
    }()

    init(_ arguments: [String], in folder: String = ".") throws {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: Self.path!)
        process.arguments = arguments
        process.currentDirectoryURL = URL(fileURLWithPath: folder)
        // Files, not pipes: neither stream can block the other.
        let folder = FileManager.default.temporaryDirectory.path
        let files = ["out", "err"].map { "\(folder)/covey-\(UUID().uuidString).\($0)" }
        for file in files { try Data().write(to: URL(fileURLWithPath: file)) }
        defer { for file in files { try? FileManager.default.removeItem(atPath: file) } }
        process.standardOutput = FileHandle(forWritingAtPath: files[0])
        process.standardError = FileHandle(forWritingAtPath: files[1])
        try process.run()
        process.waitUntilExit()
        status = process.terminationStatus
        output = try String(contentsOfFile: files[0], encoding: .utf8)
        errors = try String(contentsOfFile: files[1], encoding: .utf8)
    }
}

@Suite("The command", .enabled(if: Program.path != nil))
struct CommandTests {
    @Test("help lists every verb, and goes to standard output with status 0")
    func help() throws {
        let help = try Program(["--help"])
        #expect(help.status == 0)
        for verb in [
            "analyze", "run", "cohort", "fetch", "collect", "check", "model", "doctor", "info", "mask",
            "smooth",
            "fit", "contrast", "threshold",
            "permute", "clusters", "plot", "math",
        ] {
            #expect(help.output.contains("  \(verb) "), "\(verb)")
            #expect(try Program([verb, "--help"]).status == 0)
        }
        #expect(try Program(["--version"]).output == coveyVersion + "\n")
    }

    @Test("an analysis leaves the files that the README names")
    func analysis() throws {
        let cohort = try TemporaryCohort()
        let run = try Program(
            [
                "analyze", "participants.tsv", "--model", "~ score", "--contrast", "score", "--tail",
                "greater",
                "--fdr", "0.05", "--bonferroni", "0.05", "--n-perm", "50", "--seed", "1", "--out", "results",
                "--figure-format", "png", "--figure-format", "svg",
            ], in: cohort.folder)
        #expect(run.status == 0)
        #expect(run.output.contains("Contrast Score"))
        let files = try FileManager.default.subpathsOfDirectory(atPath: cohort.folder + "/results")
        for stat in ["effect", "variance", "se", "t", "z", "p", "log10p", "r2"] {
            #expect(files.contains("contrast-Score_stat-\(stat)_statmap.nii.gz"), "\(stat)")
        }
        for name in [
            "contrast-Score_stat-log10p_desc-bonferroni_statmap.nii.gz",
            "contrast-Score_stat-log10p_desc-fdr_statmap.nii.gz",
            "contrast-Score_stat-p_desc-fwe_statmap.nii.gz",
            "contrast-Score_stat-log10p_desc-unc_statmap.nii.gz", "contrast-Score_desc-fwe_maxima.tsv",
            "mask.nii.gz", "stat-n_statmap.nii.gz", "design.tsv", "plan.json", "provenance.json",
            "summary.json",
            "summary.txt", "figures/contrast-Score_z.png", "figures/contrast-Score_permutation.svg",
        ] {
            #expect(files.contains(name), "\(name)")
        }
        let t = try ImageFile(cohort.folder + "/results/contrast-Score_stat-t_statmap.nii.gz").image.header
        #expect(t.intentCode == 3 && t.intentParameters[0] == 10 && t.sformCode == 4)
        // A p of 1e-50 must not become 0 on disk.
        let p = try ImageFile(cohort.folder + "/results/contrast-Score_stat-p_statmap.nii.gz").image.header
        #expect(p.datatype == .float64 && p.intentCode == 22)
        // A second run into the same folder is refused and changes nothing.
        let again = try Program(
            ["analyze", "participants.tsv", "--model", "~ score", "--contrast", "score", "--out", "results"],
            in: cohort.folder)
        #expect(again.status == 1)
    }

    @Test(
        "a mistake ends in a status other than 0 and leaves nothing",
        arguments: [
            ["analyze", "nowhere.tsv", "--model", "~ score", "--contrast", "score"],
            ["analyze", "participants.tsv", "--model", "~ sc0re", "--contrast", "score"],
            ["analyze", "participants.tsv", "--model", "~ score", "--contrast", "Score"],
            ["analyze", "participants.tsv", "--model", "~ score", "--contrast", "score", "--n-perm", "0"],
            [
                "analyze", "participants.tsv", "--model", "~ score", "--contrast", "score", "--mask",
                "map0.nii.gz",
            ],
            [
                "analyze", "participants.tsv", "--model", "~ score", "--contrast", "score",
                "--smoothing-fwhm", "-1",
            ],
        ])
    func mistakes(arguments: [String]) throws {
        let cohort = try TemporaryCohort()
        let run = try Program(arguments + ["--out", "results"], in: cohort.folder)
        #expect(run.status != 0)
        #expect(run.output.isEmpty)
        let lines = run.errors.split(separator: "\n")
        #expect((1...3).contains(lines.count) && lines[0].hasPrefix("covey: error: "), "\(run.errors)")
        let left = try FileManager.default.contentsOfDirectory(atPath: cohort.folder)
        #expect(left.allSatisfy { $0.hasPrefix("map") || $0 == "participants.tsv" }, "\(left)")
    }

    @Test("--print-plan shows the plan that run repeats")
    func printPlan() throws {
        let cohort = try TemporaryCohort()
        let run = try Program(
            [
                "analyze", "participants.tsv", "--model", "~ score", "--contrast", "score", "--print-plan",
                "--out", "x",
            ], in: cohort.folder)
        #expect(run.status == 0)
        try writeFile(Array(run.output.utf8), to: cohort.folder + "/plan.json")
        let plan = try AnalysisPlan(contentsOf: cohort.folder + "/plan.json")
        #expect(plan.contrasts == ["score"])
        #expect(try Program(["run", "plan.json", "--out", "y", "--no-such"], in: cohort.folder).status == 64)
        #expect(try Program(["run", "plan.json", "--out", "y", "--quiet"], in: cohort.folder).status == 0)
    }
}
