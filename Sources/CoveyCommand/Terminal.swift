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

    /// A listener that keeps one line up to date: the stage, the share done and the time left. In a file, such as a
    /// cluster's log, a line follows another once a minute.
    ///
    /// - Parameter isQuiet: whether a file is spared the lines.
    static func progress(isQuiet: Bool = false) -> ProgressListener {
        guard isInteractive || !isQuiet else { return .silent }
        let state = Mutex(ProgressLine(interval: isInteractive ? .milliseconds(100) : .seconds(60)))
        return ProgressListener { report in
            guard let line = state.withLock({ $0.update(report) }) else { return }
            if isInteractive {
                FileHandle.standardError.write(Data(("\r\u{1B}[K" + line).utf8))
            } else if !line.isEmpty {
                say("covey: " + line)
            }
        }
    }
}

/// The progress line: as often as is wanted, with a remaining time measured on this stage.
///
/// Of a stage that is one of several alike ("shuffling, contrast 1 of 3") the time left is that of all of them; of one
/// that may end early ("shuffling at most") it is the most that may be left.
struct ProgressLine {
    /// The shortest time between two lines. A terminal is shown the first report of a stage at once; where lines are
    /// far between, the first comes after as long.
    let interval: Duration
    private var stage = ""
    private var began = ContinuousClock.now
    private var doneAtFirst = 0
    private var last: ContinuousClock.Instant?

    /// Lines that follow each other after `interval` or later.
    init(interval: Duration = .milliseconds(100)) { self.interval = interval }

    /// The line to show, `nil` where it is too early for a new one.
    mutating func update(
        _ report: ProgressListener.Report, at now: ContinuousClock.Instant = .now
    ) -> String? {
        if report.stage != stage {
            stage = report.stage
            began = now
            doneAtFirst = report.done
            last = interval < .seconds(1) ? nil : now
        }
        if report.done >= report.total { return "" }
        if let last, now - last < interval { return nil }
        last = now
        let share = Double(report.done) / Double(max(report.total, 1))
        let mayEndEarly = report.stage.contains(Self.earlyEnd)
        var line = "\(report.stage.replacing(Self.earlyEnd, with: "")) \(Int(share * 100)) %"
        let elapsed =
            Double((now - began).components.seconds) + Double((now - began).components.attoseconds) * 1e-18
        // What a checkpoint brought along took none of the time.
        let measured = report.done - doneAtFirst
        if share > 0.02, elapsed > 0.5, measured > 0 {
            let units = report.total - report.done + Self.stagesToCome(report.stage) * report.total
            let left = elapsed / Double(measured) * Double(units)
            line += mayEndEarly ? ", at most " : ", "
            line +=
                left < 90
                ? "\(Int(left.rounded(.up))) s left" : "\(Int((left / 60).rounded(.up))) min left"
        }
        return line
    }

    /// What the name of a stage says that may be over before all of it is done.
    private static let earlyEnd = " at most"

    /// How many stages like this one follow: 2 of "shuffling, contrast 1 of 3".
    private static func stagesToCome(_ stage: String) -> Int {
        guard let match = stage.firstMatch(of: /, contrast (\d+) of (\d+)$/),
            let number = Int(match.output.1),
            let count = Int(match.output.2)
        else { return 0 }
        return max(0, count - number)
    }
}
