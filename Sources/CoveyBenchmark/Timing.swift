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

    /// Two pieces of work that were timed in turn.
    struct Pair {
        /// Median times in seconds.
        let first, second: Double
        /// The median of the quotients first / second of runs that followed each other: it holds where the speed of the
        /// machine drifts.
        let ratio: Double
    }

    /// Times two pieces of work in turn, after one run of each that warms up: seven times, or as often as fits in eight
    /// seconds, but three times at least.
    static func pair(_ first: () -> Void, _ second: () -> Void) -> Pair {
        _ = (seconds(first), seconds(second))
        var times: [(first: Double, second: Double)] = []
        var total = 0.0
        while times.count < 3 || times.count < 7 && total < 8 {
            // Who goes first changes, so that neither always meets the other's warm caches.
            if times.count % 2 == 0 {
                let a = seconds(first)
                times.append((a, seconds(second)))
            } else {
                let b = seconds(second)
                times.append((seconds(first), b))
            }
            total += times.last!.first + times.last!.second
        }
        return Pair(
            first: middle(times.map(\.first)), second: middle(times.map(\.second)),
            ratio: middle(times.map { $0.first / $0.second }))
    }

    /// Floating-point operations per second, in units of 1e9, that so many threads reach with multiply-adds in registers:
    /// the most arithmetic that these processors can do.
    static func peakGigaflops(threads: Int) -> Double {
        let rounds = 2_000_000
        let operations = covey_multiply_add(1)
        let time = median {
            forEachBlock(threads, threads: threads) { _ in _ = covey_multiply_add(rounds) }
        }
        return operations * Double(rounds * threads) / time / 1e9
    }

    private static func middle(_ times: [Double]) -> Double { times.sorted()[times.count / 2] }

    private static func seconds(_ body: () -> Void) -> Double {
        let duration = ContinuousClock().measure(body)
        return Double(duration.components.seconds) + Double(duration.components.attoseconds) * 1e-18
    }
}

/// Prints a line at once, also into a file or a pipe.
func say(_ line: String) { FileHandle.standardOutput.write(Data((line + "\n").utf8)) }
