import Covey
import Dispatch
import Foundation

/// What happens on Ctrl-C: what was being written is removed, one line is said, and the process ends with
/// status 130.
enum Interruption {
    /// Answers interrupts while `body` runs by tidying up and saying what is left: `tidy` returns the words.
    static func answering<Result>(
        _ tidy: @escaping @Sendable () -> String, _ body: () throws -> Result
    ) rethrows -> Result {
        ProcessUsage.holdInterrupts()
        let queue = DispatchQueue(label: "covey.interrupts", qos: .userInteractive)
        let sources = [SIGINT, SIGTERM].map { number in
            let source = DispatchSource.makeSignalSource(signal: number, queue: queue)
            source.setEventHandler {
                let left = tidy()
                Terminal.clearLine()
                Terminal.say("covey: interrupted; \(left)")
                exit(number == SIGINT ? 130 : 143)
            }
            source.resume()
            return source
        }
        defer { for source in sources { source.cancel() } }
        return try body()
    }

    /// Answers interrupts while `body` runs by discarding `folder`, as an error does.
    static func guarding<Result>(_ folder: ResultFolder, _ body: () throws -> Result) rethrows -> Result {
        try answering {
            folder.discard()
            return "nothing was written to \(quoted(folder.destination))"
        } _: {
            do {
                return try body()
            } catch {
                folder.discard()
                throw error
            }
        }
    }
}
