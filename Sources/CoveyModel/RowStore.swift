import Synchronization

/// Rows that several threads fill.
final class RowStore: Sendable {
    private let rows: Mutex<[[Double]]>

    init(count: Int) { rows = Mutex([[Double]](repeating: [], count: count)) }

    func set(_ values: [Double], for row: Int) { rows.withLock { $0[row] = values } }

    /// Hands the rows over and leaves nothing.
    func take() -> [[Double]] {
        rows.withLock { rows in
            defer { rows = [] }
            return rows
        }
    }
}
