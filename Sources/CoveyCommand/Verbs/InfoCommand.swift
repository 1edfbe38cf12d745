import ArgumentParser
import Covey
import Foundation

/// What an image file holds.
struct InfoCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "info", abstract: "Say what an image holds: header, orientation, values.")

    @Argument(help: "NIfTI or ANALYZE image.")
    var file: String

    @Flag(help: "Print JSON.")
    var json = false

    @Option(
        help: "Also print the value at a voxel: x,y,z[,volume], counted from 0; repeatable.",
        transform: { text in
            try Read.positions(text).map { number in
                guard let index = Int(exactly: number) else {
                    throw ValidationError("a voxel is named by whole numbers separated by commas")
                }
                return index
            }
        })
    var sample: [[Int]] = []

    func run() throws {
        let image = try ImageFile(file)
        for note in image.notes where note.severity == .warning {
            Terminal.say("covey: warning: \(quoted(file)): \(note.text)")
        }
        let summary = ImageSummary(image)
        if json {
            var samples: [ImageSummary.Sample] = []
            for position in sample { samples.append(try summary.sample(position, of: image)) }
            print(summary.json(samples: samples))
        } else {
            print(summary.text)
            for position in sample {
                let sample = try summary.sample(position, of: image)
                print("value at \(sample.index): \(sample.value)")
            }
        }
    }
}
