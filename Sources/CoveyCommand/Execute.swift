import ArgumentParser
import Covey
import Foundation

/// Runs a plan into a folder and says what was found.
func execute(_ plan: AnalysisPlan, into path: String, overwrites: Bool, machine: MachineOptions) throws {
    if machine.printPlan {
        print(plan.json(), terminator: "")
        return
    }
    var options = RunOptions()
    if let threads = machine.threads { options.threads = threads }
    options.command = ["covey"] + CommandLine.arguments.dropFirst()
    let folder = try ResultFolder(path, overwrites: overwrites)
    let analysis = try Interruption.guarding(folder) {
        let progress = Terminal.progress()
        let analysis = try plan.run(options: options, progress: progress)
        try analysis.write(into: folder, progress: progress)
        try folder.commit()
        return analysis
    }
    Terminal.clearLine()
    for note in analysis.notes where note.severity == .warning {
        Terminal.say("covey: warning: \(note.text)")
    }
    if !machine.quiet {
        let text = try String(contentsOfFile: folder.destination + "/summary.txt", encoding: .utf8)
        print(text, terminator: "")
        print("results in \(printable(folder.destination))")
    }
}
