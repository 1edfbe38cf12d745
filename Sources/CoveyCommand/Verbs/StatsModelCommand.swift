import ArgumentParser
import Covey

/// BIDS Stats Models.
struct StatsModelCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "model",
        abstract: "Turn a BIDS Stats Model into a plan, and a plan into a BIDS Stats Model.",
        subcommands: [ReadModelCommand.self, WriteModelCommand.self])
}

/// A plan from a model.
struct ReadModelCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "read",
        abstract: "Make a plan for 'covey run' from the dataset level of a BIDS Stats Model.")

    @Argument(help: "BIDS Stats Model (JSON).")
    var model: String

    @Option(help: "Table of subjects and maps, as 'covey collect' makes one.")
    var table: String?

    @Option(help: "Node of the dataset level (default: the only one).")
    var node: String?

    @Option(name: [.short, .long], help: "The plan (default: printed).")
    var out: String?

    @Flag(help: "Replace the file if it exists.")
    var overwrite = false

    func run() throws {
        let (model, notes) = try StatsModel.read(model)
        let (plan, more) = try AnalysisPlan.reading(model, node: node, table: table)
        try deliver(plan.json(), notes + more, to: out, overwrites: overwrite)
    }
}

/// A model from a plan.
struct WriteModelCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "write",
        abstract: "Write a plan as a BIDS Stats Model; what that cannot say goes under Software.Covey.")

    @Argument(help: "plan.json, as every analysis leaves one beside its results.")
    var plan: String

    @Option(help: "The model's name.")
    var name = "covey"

    @Option(name: [.short, .long], help: "The model (default: printed).")
    var out: String?

    @Flag(help: "Replace the file if it exists.")
    var overwrite = false

    func run() throws {
        let (model, notes) = try AnalysisPlan(contentsOf: plan).statsModel(named: name)
        try deliver(model.json(), notes, to: out, overwrites: overwrite)
    }
}

/// Notes to standard error, the text to a file or to standard output.
private func deliver(_ text: String, _ notes: [Note], to path: String?, overwrites: Bool) throws {
    if let path { try writeNewFile(text, to: path, overwrites: overwrites) }
    for note in notes { Terminal.say("covey: \(note.severity == .warning ? "warning: " : "")\(note.text)") }
    if path == nil { print(text, terminator: "") }
}
