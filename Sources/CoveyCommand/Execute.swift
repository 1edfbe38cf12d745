import ArgumentParser
import Covey
import Foundation

/// Runs a plan into a folder and says what was found; a plan that is only printed needs no folder.
func execute(_ plan: AnalysisPlan, into path: String?, overwrites: Bool, machine: MachineOptions) throws {
    if machine.printPlan {
        print(plan.json(), terminator: "")
        return
    }
    guard let path else { throw ValidationError("no folder for the results: give '--out FOLDER'") }
    let folder = try ResultFolder(path, overwrites: overwrites)
    let analysis = try Interruption.guarding(folder) {
        let progress = Terminal.progress()
        let prepared = try PreparedAnalysis(plan, options: machine.runOptions, progress: progress)
        let analysis = prepared.conclude(try tallies(prepared, folder, machine, progress))
        try analysis.write(into: folder, progress: progress)
        try folder.commit()
        try? FileManager.default.removeItem(atPath: Checkpoint.path(for: folder))
        return analysis
    }
    conclude(analysis, folder, machine)
}

/// The tallies of a run, with a checkpoint every few seconds; continued from one with `--resume`.
private func tallies(
    _ prepared: PreparedAnalysis, _ folder: ResultFolder, _ machine: MachineOptions,
    _ progress: ProgressListener
) throws -> [PermutationTally] {
    guard !prepared.tests.isEmpty else { return [] }
    if !machine.quiet {
        Terminal.say(
            "covey: \(prepared.shuffleCount) shuffles in all; at most \(prepared.memoryEstimate >> 20) MiB "
                + "for the cohort and the shuffles")
    }
    let existing = FileManager.default.fileExists(atPath: Checkpoint.path(for: folder))
    let checkpoint = Checkpoint(for: folder, prepared, interval: .seconds(machine.checkpointSeconds))
    var done: [PermutationTally] = []
    if machine.resume {
        folder.removeAbandoned()
        done = try checkpoint.load() ?? []
        let count = done.reduce(0) { $0 + $1.shuffles.count }
        if !machine.quiet {
            Terminal.say(
                count > 0
                    ? "covey: continuing after \(count) of \(prepared.shuffleCount) shuffles"
                    : "covey: no checkpoint; starting from the first shuffle")
        }
    } else if existing, !machine.quiet {
        Terminal.say("covey: an earlier run left a checkpoint; it is not used without --resume")
    }
    return try prepared.tallies(continuing: done, progress: progress) { try checkpoint.save($0) }
}

/// Says what was found and where it is.
func conclude(_ analysis: Analysis, _ folder: ResultFolder, _ machine: MachineOptions) {
    Terminal.clearLine()
    for note in analysis.notes where note.severity == .warning {
        Terminal.say("covey: warning: \(note.text)")
    }
    if !machine.quiet {
        let text = try? String(contentsOfFile: folder.destination + "/summary.txt", encoding: .utf8)
        print(text ?? "", terminator: "")
        print("results in \(printable(folder.destination))")
    }
}
