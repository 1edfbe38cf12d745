import Covey
import Foundation
import Synchronization

/// What the command says on standard error: messages, and a progress line where someone is looking.
enum Terminal {
    /// One line on standard error.
    static func say(_ line: String) {
        FileHandle.standardError.write(Data((line + "\n").utf8))
    }

    /// Whether standard error is a terminal.
    static let isInteractive = isatty(FileHandle.standardError.fileDescriptor) == 1

    /// Removes the progress line.
    static func clearLine() {
        if isInteractive { FileHandle.standardError.write(Data("\r\u{1B}[K".utf8)) }
    }

    /// A listener that keeps one line up to date: the stage, the share done and the time left.
    static func progress() -> ProgressListener {
        guard isInteractive else { return .silent }
        let state = Mutex(ProgressLine())
        return ProgressListener { report in
            let line = state.withLock { $0.update(report) }
            if let line { FileHandle.standardError.write(Data(("\r\u{1B}[K" + line).utf8)) }
        }
    }
}

/// The progress line: at most ten times a second, with a remaining time measured on this stage.
///
/// Of a stage that is one of several alike ("shuffling, contrast 1 of 3") the time left is that of all of them.
struct ProgressLine {
    private var stage = ""
    private var began = ContinuousClock.now
    private var doneAtFirst = 0
    private var last: ContinuousClock.Instant?

    /// The line to show, `nil` where it is too early for a new one.
    mutating func update(
        _ report: ProgressListener.Report, at now: ContinuousClock.Instant = .now
    ) -> String? {
        if report.stage != stage {
            stage = report.stage
            began = now
            doneAtFirst = report.done
            last = nil
        }
        if report.done >= report.total { return "" }
        if let last, now - last < .milliseconds(100) { return nil }
        last = now
        let share = Double(report.done) / Double(max(report.total, 1))
        var line = "\(report.stage) \(Int(share * 100)) %"
        let elapsed =
            Double((now - began).components.seconds) + Double((now - began).components.attoseconds) * 1e-18
        // What a checkpoint brought along took none of the time.
        let measured = report.done - doneAtFirst
        if share > 0.02, elapsed > 0.5, measured > 0 {
            let units = report.total - report.done + Self.stagesToCome(report.stage) * report.total
            let left = elapsed / Double(measured) * Double(units)
            line +=
                left < 90
                ? ", \(Int(left.rounded(.up))) s left" : ", \(Int((left / 60).rounded(.up))) min left"
        }
        return line
    }

    /// How many stages like this one follow: 2 of "shuffling, contrast 1 of 3".
    private static func stagesToCome(_ stage: String) -> Int {
        guard let match = stage.firstMatch(of: /, contrast (\d+) of (\d+)$/),
            let number = Int(match.output.1),
            let count = Int(match.output.2)
        else { return 0 }
        return max(0, count - number)
    }
}
