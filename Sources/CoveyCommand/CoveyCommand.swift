import ArgumentParser
import Covey
import Foundation

/// `covey`: flags become a plan, a plan becomes results.
@main
struct CoveyCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "covey",
        abstract: "Group-level inference on brain maps.",
        version: coveyVersion,
        subcommands: [
            AnalyzeCommand.self, RunCommand.self, CohortCommand.self,
            FetchCommand.self, CollectCommand.self, PreflightCommand.self, StatsModelCommand.self,
            DoctorCommand.self, InfoCommand.self,
            MaskCommand.self, SmoothCommand.self, FitCommand.self, ContrastCommand.self,
            ThresholdCommand.self, PermuteCommand.self, ShuffleCommand.self, MergeCommand.self,
            ClustersCommand.self, AriCommand.self, SmoothnessCommand.self, PlotCommand.self,
            ReportCommand.self, ServeCommand.self,
            MathCommand.self,
        ])

    static func main() {
        do {
            try checkVerb()
            var command = try parseAsRoot()
            try command.run()
        } catch let error as any ExplainedError {
            Terminal.clearLine()
            Terminal.say("covey: error: \(error.description)")
            if !error.remedy.isEmpty { Terminal.say("covey: \(error.remedy)") }
            Foundation.exit(1)
        } catch {
            exitAfter(usage: error)
        }
    }

    /// A word that is no verb is a mistake also where help is asked for.
    private static func checkVerb() throws {
        guard CommandLine.arguments.count > 1, let word = CommandLine.arguments[1...].first,
            !word.hasPrefix("-")
        else { return }
        let verbs = configuration.subcommands.compactMap { $0.configuration.commandName } + ["help"]
        guard verbs.contains(word) else {
            throw ValidationError("there is no verb \(quoted(word)); verbs: \(verbs.joined(separator: ", "))")
        }
    }

    /// Help and version go to standard output; a mistake in the flags is one line and a hint.
    private static func exitAfter(usage error: any Error) -> Never {
        let code = exitCode(for: error)
        let text = fullMessage(for: error)
        if code.isSuccess {
            if !text.isEmpty { print(text) }
            Foundation.exit(0)
        }
        let lines = message(for: error).split(separator: "\n").map(String.init)
        let first = lines.joined(separator: " ")
        Terminal.say("covey: error: " + printable(first.isEmpty ? text : first, limit: 900))
        Terminal.say("covey: see 'covey --help' or 'covey VERB --help'")
        Foundation.exit(code == .validationFailure ? 64 : code.rawValue == 0 ? 1 : code.rawValue)
    }
}
