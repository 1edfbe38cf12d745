import Synchronization

/// Wall-clock seconds of each stage of a run, in the order in which the stages first began.
public final class StageClock: Sendable {
    private let stages = Mutex<[(name: String, seconds: Double)]>([])

    /// A clock with nothing on it.
    public init() {}

    /// Runs `body` and adds its time to a stage.
    public func time<Result>(_ name: String, _ body: () throws -> Result) rethrows -> Result {
        let began = ContinuousClock.now
        defer {
            let elapsed = (ContinuousClock.now - began).components
            add(name, Double(elapsed.seconds) + Double(elapsed.attoseconds) * 1e-18)
        }
        return try body()
    }

    /// The stages so far with their seconds.
    public var seconds: [(name: String, seconds: Double)] { stages.withLock { $0 } }

    private func add(_ name: String, _ seconds: Double) {
        stages.withLock { stages in
            if let known = stages.firstIndex(where: { $0.name == name }) {
                stages[known].seconds += seconds
            } else {
                stages.append((name, seconds))
            }
        }
    }
}
