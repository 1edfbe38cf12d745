import ArgumentParser
import Covey
import Foundation

/// One share of a plan's shuffles, for a cluster.
struct ShuffleCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "shuffle",
        abstract: "Tally one share of a plan's shuffles into a small file; 'covey merge' joins the shares.")

    @Argument(help: "plan.json, as 'covey permute --print-plan' or an analysis gives it.")
    var plan: String

    @Option(help: "Which share: I/N, such as 3/16.", transform: Read.shard)
    var shard: Shard

    @Option(name: [.short, .long], help: "File for the tally (default: shard-I-of-N.tally).")
    var out: String?

    @OptionGroup(title: "Machine") var machine: MachineOptions
    @OptionGroup(title: "Machine") var checkpoints: CheckpointOptions

    func run() throws {
        let path = out ?? "shard-\(shard.index)-of-\(shard.count).tally"
        let (done, all) = try Interruption.answering({ "no tally was written to \(quoted(path))" }) {
            let progress = Terminal.progress(isQuiet: machine.quiet)
            let prepared = try PreparedAnalysis(
                try AnalysisPlan(contentsOf: plan), options: machine.runOptions, progress: progress)
            guard !prepared.tests.isEmpty else { throw TallyError.nothingToShuffle(plan) }
            let tallies = try tallies(
                prepared, for: path, shard: shard, checkpoints, isQuiet: machine.quiet, progress)
            try TallyFile(fingerprint: Fingerprint(prepared), shard: shard, tallies: tallies).write(to: path)
            try? FileManager.default.removeItem(atPath: Checkpoint.path(for: path))
            return (tallies.reduce(0) { $0 + $1.shuffles.count }, prepared.shuffleCount())
        }
        Terminal.clearLine()
        if !machine.quiet { print("\(printable(path)): \(done) of \(counted(all, "shuffle"))") }
    }
}

/// The shares of a plan's shuffles joined to its results.
struct MergeCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "merge",
        abstract: "Join the tallies of all shares of a plan's shuffles to its results: the bits of one run.")

    @Argument(help: "The plan that was shuffled.")
    var plan: String

    @Argument(help: "The tallies of all shares, in any order.")
    var tallies: [String]

    @Option(name: [.short, .long], help: "Folder for the results.")
    var out: String

    @Flag(help: "Replace the folder if it exists.")
    var overwrite = false

    @OptionGroup(title: "Machine") var machine: MachineOptions

    func run() throws {
        let loaded = try AnalysisPlan(contentsOf: plan)
        let folder = try ResultFolder(out, overwrites: overwrite)
        let analysis = try Interruption.guarding(folder) {
            let progress = Terminal.progress(isQuiet: machine.quiet)
            let prepared = try PreparedAnalysis(loaded, options: machine.runOptions, progress: progress)
            guard !prepared.tests.isEmpty else { throw TallyError.nothingToShuffle(plan) }
            let analysis = prepared.conclude(try prepared.merge(tallies), progress: progress)
            try analysis.write(into: folder, progress: progress)
            try folder.commit()
            return analysis
        }
        conclude(analysis, folder, machine)
    }
}
