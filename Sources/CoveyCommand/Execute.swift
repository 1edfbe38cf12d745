import ArgumentParser
import Covey
import Foundation

/// Runs a plan into a folder and says what was found; a plan that is only printed needs no folder.
func execute(
    _ plan: AnalysisPlan, into path: String?, overwrites: Bool, _ execution: ExecutionOptions
) throws {
    if execution.printPlan {
        print(plan.json(), terminator: "")
        return
    }
    guard let path else { throw ValidationError("no folder for the results: give '--out FOLDER'") }
    let machine = execution.machine
    let folder = try ResultFolder(path, overwrites: overwrites)
    let analysis = try Interruption.guarding(folder) {
        let progress = Terminal.progress(isQuiet: machine.quiet)
        let prepared = try PreparedAnalysis(plan, options: machine.runOptions, progress: progress)
        if execution.checkpoints.resume { folder.removeAbandoned() }
        let tallies = try tallies(
            prepared, for: folder.destination, execution.checkpoints, isQuiet: machine.quiet, progress)
        let analysis = prepared.conclude(tallies, progress: progress)
        try analysis.write(into: folder, progress: progress)
        try folder.commit()
        try? FileManager.default.removeItem(atPath: Checkpoint.path(for: folder.destination))
        return analysis
    }
    conclude(analysis, folder, machine)
}

/// The tallies of a run or a shard, with a checkpoint every few seconds; continued from one with `--resume`.
///
/// - Parameter results: the folder or the file that is to hold the results.
func tallies(
    _ prepared: PreparedAnalysis, for results: String, shard: Shard? = nil, _ options: CheckpointOptions,
    isQuiet: Bool, _ progress: ProgressListener
) throws -> [PermutationTally] {
    guard !prepared.tests.isEmpty else { return [] }
    let planned = prepared.shuffleCount(of: shard)
    if !isQuiet {
        Terminal.say(
            "covey: \(counted(planned, "shuffle")) in all; at most \(prepared.memoryEstimate >> 20) MiB "
                + "for the cohort and the shuffles")
    }
    let path = Checkpoint.path(for: results)
    let existing = FileManager.default.fileExists(atPath: path)
    let checkpoint = Checkpoint(
        for: results, prepared, shard: shard, interval: .seconds(options.checkpointSeconds))
    var done: [PermutationTally] = []
    if options.resume {
        done = try checkpoint.load() ?? []
        let count = done.reduce(0) { $0 + $1.shuffles.count }
        if !isQuiet {
            Terminal.say(
                count > 0
                    ? "covey: continuing after \(count) of \(counted(planned, "shuffle"))"
                    : "covey: no checkpoint; starting from the first shuffle")
        }
    } else if existing {
        Terminal.say(
            "covey: \(quoted(path)) of an earlier run is not used without --resume, and goes when this run ends"
        )
    }
    return try prepared.tallies(shard: shard, continuing: done, progress: progress) {
        try checkpoint.save($0)
    }
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
