import CoveyCore
import Synchronization

/// Blocks of prepared data, kept from one batch of maps to the next: each batch reads all data, and preparing them
/// anew would take a tenth of its time.
final class PreparedBlocks: Sendable {
    /// Data that take more than this are prepared anew each time.
    static let budget = 512 << 20

    private struct State {
        var isKeeping = false
        /// What was removed from the data.
        var basis: Matrix?
        var blocks: [Int: [Double]] = [:]
    }

    private let fits: Bool
    private let state = Mutex(State())

    /// - Parameter bytes: what all blocks take; with 0 none is kept.
    init(bytes: Int) { fits = bytes > 0 }

    /// A block as it was kept.
    func data(of block: Int, removing basis: Matrix) -> [Double]? {
        state.withLock { $0.basis == basis ? $0.blocks[block] : nil }
    }

    /// From now on blocks are kept.
    func startKeeping() { state.withLock { $0.isKeeping = fits } }

    /// Drops all blocks, and keeps none from now on.
    func forget() { state.withLock { $0 = State() } }

    /// Keeps a block; those from which something else was removed are dropped.
    func keep(_ data: ArraySlice<Double>, of block: Int, removing basis: Matrix) {
        guard state.withLock({ $0.isKeeping }) else { return }
        let data = Array(data)
        state.withLock {
            if $0.basis != basis { $0 = State(isKeeping: true, basis: basis) }
            $0.blocks[block] = data
        }
    }
}
