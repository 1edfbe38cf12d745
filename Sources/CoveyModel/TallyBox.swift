import CoveyImaging
import Synchronization

/// A support tally that several threads merge their own into.
final class TallyBox: Sendable {
    private let box: Mutex<SupportTally>

    init(grid: Grid) { box = Mutex(SupportTally(grid: grid)) }

    func merge(_ other: SupportTally) { box.withLock { $0.merge(other) } }

    var tally: SupportTally { box.withLock { $0 } }
}
