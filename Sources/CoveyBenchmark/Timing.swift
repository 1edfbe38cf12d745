import Foundation

/// Times of pieces of work.
enum Timing {
    /// The median time of some runs, in seconds: after one that warms up, five, or as many as fit in three seconds.
    static func median(_ body: () -> Void) -> Double {
        let clock = ContinuousClock()
        var times: [Double] = []
        var total = 0.0
        let first = seconds(clock.measure(body))
        while times.count < 5, times.isEmpty || total + first < 3 {
            times.append(seconds(clock.measure(body)))
            total += times.last!
        }
        return times.sorted()[times.count / 2]
    }

    private static func seconds(_ duration: Duration) -> Double {
        Double(duration.components.seconds) + Double(duration.components.attoseconds) * 1e-18
    }
}

/// Prints a line at once, also into a file or a pipe.
func say(_ line: String) { FileHandle.standardOutput.write(Data((line + "\n").utf8)) }
