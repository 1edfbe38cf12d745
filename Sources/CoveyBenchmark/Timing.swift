import CCoveyBenchmark
import CoveyCore
import Foundation

/// Times of pieces of work.
enum Timing {
    /// The median time of some runs, in seconds: after one that warms up, five, or as many as fit in three seconds.
    static func median(_ body: () -> Void) -> Double {
        var times: [Double] = []
        var total = 0.0
        let first = seconds(body)
        while times.count < 5, times.isEmpty || total + first < 3 {
            times.append(seconds(body))
            total += times.last!
        }
        return middle(times)
    }

    /// Pieces of work that were timed in turn.
    struct Turns {
        /// The seconds of each piece, round by round.
        let seconds: [[Double]]

        /// The median time of a piece in seconds.
        func median(_ piece: Int) -> Double { middle(seconds[piece]) }

        /// The median of the quotients of two pieces' times in the same round: it holds where the speed of the machine
        /// drifts.
        func ratio(_ piece: Int, over other: Int) -> Double {
            middle(zip(seconds[piece], seconds[other]).map { $0 / $1 })
        }
    }

    /// Times pieces of work in turn, after one run of each that warms up: 25 rounds, or as many as fit in so many seconds,
    /// but three at least.
    static func turns(seconds limit: Double = 8, _ pieces: [() -> Void]) -> Turns {
        for piece in pieces { piece() }
        var times = pieces.map { _ in [Double]() }
        var total = 0.0
        while times[0].count < 3 || times[0].count < 25 && total < limit {
            // Who goes first changes, so that none always meets another's warm caches.
            let order = times[0].count % 2 == 0 ? Array(pieces.indices) : pieces.indices.reversed()
            for k in order {
                let time = seconds(pieces[k])
                times[k].append(time)
                total += time
            }
        }
        return Turns(seconds: times)
    }

    /// Rounds of multiply-adds of a piece of plain arithmetic: some twenty milliseconds.
    private static let rounds = 2_000_000

    /// Two pieces of work at the same time, on a thread each.
    static func sideBySide(_ one: @escaping @Sendable () -> Void, _ other: @escaping @Sendable () -> Void)
        -> () -> Void
    {
        { forEachBlock(2, threads: 2) { $0 == 0 ? one() : other() } }
    }

    /// Plain arithmetic in registers, as much on every one of so many threads.
    static func arithmetic(threads: Int) -> () -> Void {
        { forEachBlock(threads, threads: threads) { _ in _ = covey_multiply_add(rounds) } }
    }

    /// Floating-point operations of ``arithmetic(threads:)`` on each thread.
    static let arithmeticOperations = covey_multiply_add(1) * Double(rounds)

    /// Floating-point operations per second, in units of 1e9, that so many threads reach with multiply-adds in registers:
    /// the most arithmetic that these processors can do.
    static func peakGigaflops(threads: Int) -> Double {
        arithmeticOperations * Double(threads) / median(arithmetic(threads: threads)) / 1e9
    }

    private static func seconds(_ body: () -> Void) -> Double {
        let duration = ContinuousClock().measure(body)
        return Double(duration.components.seconds) + Double(duration.components.attoseconds) * 1e-18
    }
}

private func middle(_ times: [Double]) -> Double { times.sorted()[times.count / 2] }

/// Prints a line at once, also into a file or a pipe.
func say(_ line: String) { FileHandle.standardOutput.write(Data((line + "\n").utf8)) }
