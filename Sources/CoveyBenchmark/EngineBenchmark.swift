import CoveyCore
import CoveyImaging
import CoveyInference
import CoveyModel

/// Times the permutation engine whole, case beside case. One thread, two, and two runs of one thread each side by side are timed
/// in turn: what those gain is what the machine has to give.
enum EngineBenchmark {
    /// The grid of 52,140 voxels, and one of 244,688, as many as a brain has at 2 mm.
    static let small = [44, 53, 44]
    static let large = [74, 88, 74]

    /// - Parameter part: only what is tested under this name, such as `clusters`; `nil`: all.
    static func run(only part: String? = nil) throws {
        var tfce = InferenceChoice()
        tfce.tfce = TFCE()
        var clusters = InferenceChoice()
        clusters.formingHeights = [3.1]
        var all = InferenceChoice()
        all.tfce = TFCE()
        all.formingHeights = [2.3, 3.1]
        say("engine: 89 subjects of smooth noise, one-sided, ms per shuffle on 1 and 2 threads")
        var association: (time: Double, rows: Int)?
        for (name, shape, columns, tested, exchange, share) in [
            ("association", small, 2, 1, ExchangeScheme.permute, 1), ("sign flips", small, 1, 1, .flip, 1),
            ("four confounds", small, 6, 1, .permute, 1), ("F of rank 3", small, 4, 3, .permute, 1),
            ("association", large, 2, 1, .permute, 5), ("sign flips", large, 1, 1, .flip, 5),
        ] {
            let problem = try BenchmarkCase(subjects: 89, shape: shape, columns: columns, tested: tested)
            for (what, choice, count) in [
                ("voxels", InferenceChoice.voxels, 10_000 / share), ("clusters", clusters, 1000),
                ("TFCE", tfce, 1000 / share), ("all", all, 1000 / share),
            ] where part == nil || part == what {
                let runs = [1, 2, 1, 1].map { problem.tally(count, exchange, choice, threads: $0) }
                let times = Timing.turns(
                    seconds: 16, [runs[0], runs[1], Timing.sideBySide(runs[2], runs[3])])
                var line = "  \(name), \(problem.cohort.mask.count) voxels, \(what), \(count) shuffles: "
                line += "\(perShuffle(times.median(0), count)) \(perShuffle(times.median(1), count)), "
                line += "threads x \(ratio(times.ratio(0, over: 1))) "
                line += "(two runs side by side x \(ratio(2 * times.ratio(0, over: 2))))"
                if choice == .voxels, shape == small {
                    let rows = problem.rows(exchange)
                    association = association ?? (times.median(0), rows)
                    let share = Double(rows) / Double(association!.rows)
                    line += "; rows x \(ratio(share)), time over the rows' share "
                    line += ratio(times.median(0) / association!.time / share)
                }
                say(line)
            }
        }
    }

    private static func perShuffle(_ seconds: Double, _ count: Int) -> String {
        fixed(seconds / Double(count) * 1000, decimals: 3)
    }

    static func ratio(_ x: Double) -> String { fixed(x, decimals: 2) }
}
