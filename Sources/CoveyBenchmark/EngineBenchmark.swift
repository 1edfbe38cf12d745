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
            let grid = Grid(shape: shape, affine: Affine([3, 0, 0, 0, 0, 3, 0, 0, 0, 0, 3, 0]))
            let mask = Mask(grid: grid) { offset in
                let at = grid.index(at: offset)
                return zip([at.x, at.y, at.z], shape).reduce(0.0) { sum, pair in
                    let u = (Double(pair.0) + 0.5) / Double(pair.1) * 2 - 1
                    return sum + u * u
                } < 0.98
            }
            let maps = try mapBlocks(subjects, threads: 2) { (k: Int) throws in
                try TreeBenchmark.smoothNoise(mask, seed: UInt64(100 + k))
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
            return KernelBenchmark.median(of: 3) {
                _ = test.tally(
                    of: 0..<shuffles.count, observation, threads: threads, checkpoint: { _ in })
            }
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
        print("engine, one-sided, ms per shuffle on 1 and 2 threads:")
        for (name, columns, tested, exchange) in [
            ("association", 2, 1, ExchangeScheme.permute), ("sign flips", 1, 1, .flip),
            ("four confounds", 6, 1, .permute), ("F of rank 3", 4, 3, .permute),
        ] {
            let problem = try Case(subjects: 89, shape: small, columns: columns, tested: tested)
            for (what, choice, count) in [
                ("voxel", InferenceChoice.voxels, 10_000), ("clusters", clusters, 1000), ("TFCE", tfce, 1000),
                ("all", all, 1000),
            ] {
                let one = problem.seconds(count, exchange, choice, threads: 1)
                let two = problem.seconds(count, exchange, choice, threads: 2)
                print(
                    "  \(name), \(problem.cohort.mask.count) voxels, \(what), \(count) shuffles:",
                    "\(fixed(one / Double(count) * 1000, decimals: 3)) \(fixed(two / Double(count) * 1000, decimals: 3))",
                    "ratio \(fixed(one / two, decimals: 2))")
            }
        }
        let large = try Case(subjects: 89, shape: [74, 88, 74], columns: 2, tested: 1)
        for (what, choice, count) in [
            ("voxel", InferenceChoice.voxels, 2000), ("TFCE", tfce, 200), ("all", all, 200),
        ] {
            let two = large.seconds(count, .permute, choice, threads: 2)
            print(
                "  association, \(large.cohort.mask.count) voxels, \(what), \(count) shuffles, 2 threads:",
                "\(fixed(two / Double(count) * 1000, decimals: 3))")
        }
        try growth(tfce)
    }

    /// How time grows: the exponent between the ends of each series.
    private static func growth(_ tfce: InferenceChoice) throws {
        print("growth, ms, 1 thread: voxel and TFCE")
        func series(_ name: String, _ points: [(Double, Double, Double)]) {
            let (first, last) = (points[0], points[points.count - 1])
            func exponent(_ a: Double, _ b: Double) -> String {
                fixed(log(b / a) / log(last.0 / first.0), decimals: 2)
            }
            let times = points.map {
                "\(Int($0.0)): \(fixed($0.1 * 1000, decimals: 0)), \(fixed($0.2 * 1000, decimals: 0))"
            }
            print(
                "  \(name): \(times.joined(separator: "; ")); exponents \(exponent(first.1, last.1)), \(exponent(first.2, last.2))"
            )
        }
        series(
            "subjects",
            try [30, 60, 120].map { n in
                let problem = try Case(subjects: n, shape: small, columns: 2, tested: 1)
                return (
                    Double(n), problem.seconds(2000, .permute, .voxels, threads: 1),
                    problem.seconds(200, .permute, tfce, threads: 1)
                )
            })
        series(
            "voxels",
            try [[28, 34, 28], [44, 53, 44], [70, 84, 70]].map { shape in
                let problem = try Case(subjects: 60, shape: shape, columns: 2, tested: 1)
                return (
                    Double(problem.cohort.mask.count), problem.seconds(2000, .permute, .voxels, threads: 1),
                    problem.seconds(200, .permute, tfce, threads: 1)
                )
            })
        let problem = try Case(subjects: 60, shape: small, columns: 2, tested: 1)
        series(
            "shuffles",
            [500, 2000, 8000].map { count in
                (
                    Double(count), problem.seconds(count, .permute, .voxels, threads: 1),
                    problem.seconds(count / 10, .permute, tfce, threads: 1)
                )
            })
    }
}
