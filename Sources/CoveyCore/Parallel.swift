import Dispatch
import Synchronization

/// How many threads this machine can run at once.
public func availableThreads() -> Int { activeProcessors() }

/// Runs `body` for each block 0..<count on up to `threads` threads. Every thread makes its own scratch value
/// once and hands it to each of its blocks.
///
/// Which thread runs which block is not determined; `body` must write only what belongs to its block, or
/// merge in a way that does not depend on the order (counts, maxima). If blocks throw, the error of the
/// lowest block is thrown, and blocks that have not begun are not run. `finish` receives each thread's scratch
/// once its blocks are done, one thread at a time.
public func forEachBlock<Scratch, Failure: Error>(
    _ count: Int, threads: Int, scratch: @Sendable () -> Scratch,
    _ body: @Sendable (inout Scratch, Int) throws(Failure) -> Void,
    finish: @Sendable (Scratch) -> Void = { _ in }
) throws(Failure) {
    let workers = max(1, min(threads, count))
    if workers == 1 {
        var mine = scratch()
        for block in 0..<count { try body(&mine, block) }
        finish(mine)
        return
    }
    let finishing = Mutex(())
    let next = Atomic(0)
    let failed = Atomic(false)
    let failures = Mutex<[(block: Int, error: Failure)]>([])
    DispatchQueue.concurrentPerform(iterations: workers) { _ in
        var mine = scratch()
        while !failed.load(ordering: .relaxed) {
            let block = next.wrappingAdd(1, ordering: .relaxed).oldValue
            guard block < count else { break }
            do throws(Failure) {
                try body(&mine, block)
            } catch {
                failures.withLock { $0.append((block, error)) }
                failed.store(true, ordering: .relaxed)
            }
        }
        finishing.withLock { _ in finish(mine) }
    }
    if let first = failures.withLock({ $0.min { $0.block < $1.block } }) { throw first.error }
}

/// `forEachBlock` without scratch.
public func forEachBlock<Failure: Error>(
    _ count: Int, threads: Int, _ body: @Sendable (Int) throws(Failure) -> Void
) throws(Failure) {
    try forEachBlock(count, threads: threads, scratch: { () }) { (_, block) throws(Failure) in try body(block)
    }
}

/// One result per block, in order, computed on up to `threads` threads.
public func mapBlocks<Result: Sendable, Failure: Error>(
    _ count: Int, threads: Int, _ body: @Sendable (Int) throws(Failure) -> Result
) throws(Failure) -> [Result] {
    let results = Mutex([Result?](repeating: nil, count: count))
    try forEachBlock(count, threads: threads) { (block: Int) throws(Failure) in
        let result = try body(block)
        results.withLock { $0[block] = result }
    }
    return results.withLock { $0.map { $0! } }
}

/// `transform` of every element, in order, computed in chunks on up to `threads` threads.
public func concurrentMap(
    _ values: [Double], threads: Int, _ transform: @Sendable (Double) -> Double
) -> [Double] {
    let chunk = 2048
    let parts = mapBlocks((values.count + chunk - 1) / chunk, threads: threads) { block in
        values[block * chunk..<min(values.count, (block + 1) * chunk)].map(transform)
    }
    return Array(parts.joined())
}
