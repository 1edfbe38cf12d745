import CoveyCore
import CoveyImaging
import CoveyInference
import CoveyModel
import Foundation

/// How the time of the permutation engine grows with subjects, voxels, shuffles and threads: a table of times, of the share
/// of the processors' peak that voxel shuffles reach and of TFCE over what any program has to do, and the exponents of the
/// least-squares lines through the logarithms.
enum GrowthBenchmark {
    static func run() throws {
        let small = EngineBenchmark.small
        let peaks = [1, 2].map { Timing.peakGigaflops(threads: $0) }
        say(
            "peak of multiply-adds in double precision: \(peaks.map { fixed($0, decimals: 0) }.joined(separator: ", "))"
        )
        say(
            "growth: voxels and TFCE of 6 neighbours, seconds; GFLOP/s as if all were double, and of the peak; time over that of"
        )
        say("the product at the peak, sorting and joining, and over sorting and joining alone")
        let columns = ["", "", "voxels", "GFLOP/s", "peak", "TFCE", "floor", "tree"]
        say("  " + columns.map { padded($0, 10) }.joined())
        series(
            "subjects",
            try [30, 60, 120, 240].map { n in
                Point(
                    n, try BenchmarkCase(subjects: n, shape: small, columns: 2, tested: 1), shuffles: 2000,
                    peaks: peaks)
            })
        series(
            "voxels",
            try [[28, 34, 28], small, EngineBenchmark.large].map { shape in
                let problem = try BenchmarkCase(subjects: 60, shape: shape, columns: 2, tested: 1)
                return Point(problem.cohort.mask.count, problem, shuffles: 2000, peaks: peaks)
            })
        let problem = try BenchmarkCase(subjects: 60, shape: small, columns: 2, tested: 1)
        series("shuffles", [500, 2000, 8000].map { Point($0, problem, shuffles: $0, peaks: peaks) })
        series("threads", [1, 2].map { Point($0, problem, shuffles: 2000, threads: $0, peaks: peaks) })
    }

    /// One measurement of a series.
    private struct Point {
        let size: Double
        let voxels: Double
        let gigaflops: Double
        /// Of what the processors can do.
        let share: Double
        let tfce: Double
        /// TFCE's time over that of the products at the peak, of sorting and of joining on as many threads.
        let overFloor: Double
        /// TFCE's time over that of sorting and joining.
        let overTree: Double

        init(_ size: Int, _ problem: BenchmarkCase, shuffles: Int, threads: Int = 1, peaks: [Double]) {
            self.size = Double(size)
            voxels = Timing.median(problem.tally(shuffles, .permute, .voxels, threads: threads))
            gigaflops = problem.operations(shuffles, .permute) / voxels / 1e9
            share = gigaflops / peaks[threads - 1]
            var choice = InferenceChoice()
            choice.tfce = TFCE()
            choice.connectivity = .faces
            // A tenth of the shuffles.
            let count = shuffles / 10
            tfce = Timing.median(problem.tally(count, .permute, choice, threads: threads))
            let tree = problem.floorSeconds(.faces) * Double(count) / Double(threads)
            let product = problem.operations(count, .permute) / peaks[threads - 1] / 1e9
            overFloor = tfce / (product + tree)
            overTree = tfce / tree
        }
    }

    private static func series(_ name: String, _ points: [Point]) {
        for point in points {
            let cells = [
                name, "\(Int(point.size))", fixed(point.voxels, decimals: 3),
                fixed(point.gigaflops, decimals: 0),
                "\(Int((100 * point.share).rounded())) %", fixed(point.tfce, decimals: 3),
                EngineBenchmark.ratio(point.overFloor), EngineBenchmark.ratio(point.overTree),
            ]
            say("  " + cells.map { padded($0, 10) }.joined())
        }
        let exponents = [\Point.voxels, \.tfce].map { time in
            EngineBenchmark.ratio(slope(points.map { (log($0.size), log($0[keyPath: time])) }))
        }
        let cells = [name, "exponent", exponents[0], "", "", exponents[1]]
        say("  " + cells.map { padded($0, 10) }.joined())
    }

    private static func slope(_ points: [(Double, Double)]) -> Double {
        let n = Double(points.count)
        let (x, y) = points.reduce((0.0, 0.0)) { ($0.0 + $1.0 / n, $0.1 + $1.1 / n) }
        return points.reduce(0) { $0 + ($1.0 - x) * ($1.1 - y) }
            / points.reduce(0) { $0 + ($1.0 - x) * ($1.0 - x) }
    }

    private static func padded(_ text: String, _ width: Int) -> String {
        text + String(repeating: " ", count: max(1, width - text.count))
    }
}
