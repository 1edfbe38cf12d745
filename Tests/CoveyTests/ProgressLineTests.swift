import CoveyTestSupport
import Foundation
import Synchronization
import Testing

@testable import Covey
@testable import CoveyCommand

@Suite("The progress line")
struct ProgressLineTests {
    /// What is shown after so many seconds of a stage.
    private func line(_ stage: String, _ reports: [(seconds: Double, done: Int)]) -> String? {
        let line = Mutex(ProgressLine())
        let shown = Mutex<String?>(nil)
        let began = ContinuousClock.now
        for (seconds, done) in reports {
            ProgressListener { report in
                let text = line.withLock { $0.update(report, at: began + .seconds(seconds)) }
                shown.withLock { $0 = text }
            }.report(stage, done: done, of: 100)
        }
        return shown.withLock { $0 }
    }

    @Test("the time left counts the contrasts to come, and nothing that a checkpoint brought along")
    func timeLeft() {
        let reports: [(Double, Int)] = [(0, 0), (7.5, 75)]
        #expect(line("shuffling", reports) == "shuffling 75 %, 3 s left")
        #expect(
            line("shuffling, contrast 1 of 3", reports) == "shuffling, contrast 1 of 3 75 %, 23 s left")
        #expect(
            line("shuffling, contrast 3 of 3", reports) == "shuffling, contrast 3 of 3 75 %, 3 s left")
        #expect(line("shuffling", [(0, 50), (5, 75)]) == "shuffling 75 %, 5 s left")
    }

    @Test("maps that are not smoothed are read, not smoothed")
    func stages() throws {
        let cohort = try TemporaryCohort()
        for width in [0.0, 4] {
            var plan = cohort.plan
            plan.permutation = nil
            plan.smoothing = width > 0 ? .init(fwhmMillimeters: [width, width, width]) : nil
            let stages = Mutex(Set<String>())
            _ = try plan.run(
                progress: ProgressListener { report in
                    _ = stages.withLock { $0.insert(report.stage) }
                })
            let told = stages.withLock { $0 }
            #expect(told.contains("smoothing") == (width > 0))
            #expect(told.contains("reading values") == (width == 0))
        }
    }
}
