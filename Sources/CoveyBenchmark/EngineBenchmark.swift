import CoveyCore
import CoveyImaging
import CoveyInference
import CoveyKernels
import CoveyModel
import Foundation

/// Times the permutation engine whole, on a cohort of smooth noise: cases side by side, then growth in
/// subjects, voxels, shuffles and threads with the fitted exponents.
enum EngineBenchmark {
    struct Case {
        let cohort: Cohort
        let fit: Fit
        let partition: ContrastPartition
        let design: Matrix

        init(subjects: Int, shape: [Int], columns: Int, tested: Int) throws {
            let mask = MadeData.mask(shape: shape, voxelMillimeters: 3)
            let maps = try mapBlocks(subjects, threads: 2) { (k: Int) throws in
                try MadeData.smoothNoise(mask, seed: UInt64(100 + k))
            }
            cohort = Cohort(identifiers: (0..<subjects).map { "sub-\($0)" }, mask: mask) { maps[$0] }
            var stream = PhiloxStream(seed: 2, domain: 0, index: 0)
            design = Matrix(
                columns: (0..<columns).map { c in
                    (0..<subjects).map { _ in c == 0 ? 1 : stream.normal() }
                })
            let model = try LinearModel(matrix: design)
            let first = columns == 1 ? 0 : 1
            let weights = Matrix(
                rows: (0..<tested).map { r in (0..<columns).map { $0 == first + r ? 1 : 0 } })
            partition = try ContrastPartition(
                model, weights: weights, isF: tested > 1, name: "benchmark")
            fit = Fit(model, cohort)
        }

        /// Seconds of a tally of `count` shuffles.
        func seconds(
            _ count: Int, _ exchanging: ExchangeScheme, _ choice: InferenceChoice, threads: Int
        ) -> Double {
            let shuffles = ShuffleSet(
                ShufflePlan(count: count, exchanging: exchanging, seed: 1), design: design)
            let test = PermutationTest(
                partition, cohort, fit, tail: .greater, shuffles: shuffles, comparing: choice)
            let observation = test.observe(threads: threads)
            return Timing.median {
                _ = test.tally(
                    of: 0..<shuffles.count, observation, threads: threads, checkpoint: { _ in })
            }
        }

        /// Rows that each shuffle multiplies with the data: those tested and the nuisance but for the mean.
        func rows(flipping: Bool) -> Int {
            partition.testedRank + partition.nuisanceBasis.columns
                - (partition.constantIsNuisance && !flipping ? 1 : 0)
        }
    }

    static let small = [44, 53, 44]

    static func run() throws {
        var tfce = InferenceChoice()
        tfce.tfce = TFCE()
        var clusters = InferenceChoice()
        clusters.formingHeights = [3.1]
        var all = InferenceChoice()
        all.tfce = TFCE()
        all.formingHeights = [2.3, 3.1]
        say("engine: 89 subjects of smooth noise, one-sided, ms per shuffle on 1 and 2 threads")
        var association: (time: Double, rows: Int)?
        for (name, columns, tested, exchange) in [
            ("association", 2, 1, ExchangeScheme.permute), ("sign flips", 1, 1, .flip),
            ("four confounds", 6, 1, .permute), ("F of rank 3", 4, 3, .permute),
        ] {
            let problem = try Case(subjects: 89, shape: small, columns: columns, tested: tested)
            for (what, choice, count) in [
                ("voxels", InferenceChoice.voxels, 10_000), ("clusters", clusters, 1000),
                ("TFCE", tfce, 1000),
                ("all", all, 1000),
            ] {
                let one = problem.seconds(count, exchange, choice, threads: 1)
                let two = problem.seconds(count, exchange, choice, threads: 2)
                var line = "  \(name), \(problem.cohort.mask.count) voxels, \(what), \(count) shuffles: "
                line += "\(perShuffle(one, count)) \(perShuffle(two, count)), threads x \(ratio(one / two))"
                if choice == .voxels {
                    let rows = problem.rows(flipping: exchange == .flip)
                    association = association ?? (one, rows)
                    let share = Double(rows) / Double(association!.rows)
                    line += "; rows x \(ratio(share)), time over the rows' share "
                    line += ratio(one / association!.time / share)
                }
                say(line)
            }
        }
        let large = try Case(subjects: 89, shape: [74, 88, 74], columns: 2, tested: 1)
        for (what, choice, count) in [
            ("voxels", InferenceChoice.voxels, 2000), ("TFCE", tfce, 100), ("all", all, 100),
        ] {
            let one = large.seconds(count, .permute, choice, threads: 1)
            let two = large.seconds(count, .permute, choice, threads: 2)
            say(
                "  association, \(large.cohort.mask.count) voxels, \(what), \(count) shuffles: "
                    + "\(perShuffle(one, count)) \(perShuffle(two, count)), threads x \(ratio(one / two))")
        }
        try growth(tfce)
    }

    private static func perShuffle(_ seconds: Double, _ count: Int) -> String {
        fixed(seconds / Double(count) * 1000, decimals: 3)
    }

    private static func ratio(_ x: Double) -> String { fixed(x, decimals: 2) }

    /// One measurement of a series.
    private struct Point {
        let size: Double
        let voxels: Double
        let tfce: Double

        init(_ size: Int, _ problem: Case, shuffles: Int, _ tfce: InferenceChoice) {
            self.size = Double(size)
            voxels = problem.seconds(shuffles, .permute, .voxels, threads: 1)
            self.tfce = problem.seconds(shuffles / 10, .permute, tfce, threads: 1)
        }
    }

    /// How time grows, with the exponents of the least-squares lines through the logarithms.
    private static func growth(_ tfce: InferenceChoice) throws {
        say("growth on 1 thread, ms: voxels (2,000 shuffles) and TFCE (a tenth of them)")
        func series(_ name: String, _ points: [Point]) {
            let times = points.map {
                "\(Int($0.size)): \(fixed($0.voxels * 1000, decimals: 0)), \(fixed($0.tfce * 1000, decimals: 0))"
            }
            let exponents = [\Point.voxels, \.tfce].map { time in
                ratio(slope(points.map { (log($0.size), log($0[keyPath: time])) }))
            }
            say("  \(name): \(times.joined(separator: "; ")); exponents \(exponents.joined(separator: ", "))")
        }
        series(
            "subjects",
            try [30, 60, 120].map { n in
                Point(
                    n, try Case(subjects: n, shape: small, columns: 2, tested: 1), shuffles: 2000, tfce)
            })
        series(
            "voxels",
            try [[28, 34, 28], [44, 53, 44], [70, 84, 70]].map { shape in
                let problem = try Case(subjects: 60, shape: shape, columns: 2, tested: 1)
                return Point(problem.cohort.mask.count, problem, shuffles: 2000, tfce)
            })
        let problem = try Case(subjects: 60, shape: small, columns: 2, tested: 1)
        series("shuffles", [500, 2000, 8000].map { Point($0, problem, shuffles: $0, tfce) })
    }

    private static func slope(_ points: [(Double, Double)]) -> Double {
        let n = Double(points.count)
        let (x, y) = points.reduce((0.0, 0.0)) { ($0.0 + $1.0 / n, $0.1 + $1.1 / n) }
        return points.reduce(0) { $0 + ($1.0 - x) * ($1.1 - y) }
            / points.reduce(0) { $0 + ($1.0 - x) * ($1.0 - x) }
    }
}
