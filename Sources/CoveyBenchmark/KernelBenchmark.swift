import CoveyCore
import CoveyImaging
import CoveyInference
import CoveyKernels
import CoveyModel

/// Times the fit and the permutation test on numbers made in memory, and prints what share of the
/// arithmetic one core can do the kernel reaches.
@main
enum KernelBenchmark {
    static func main() throws {
        let arguments = CommandLine.arguments
        switch arguments.dropFirst().first {
        case "trees": return try TreeBenchmark.run(folder: arguments.count > 2 ? arguments[2] : nil)
        case "engine": return try EngineBenchmark.run()
        default: break
        }
        // Gigaflops of a matrix product on one thread and on two, as somebody's library reaches them here.
        let peaks = arguments.dropFirst().compactMap(Double.init)
        let (subjects, voxels, count) = (89, 50_000, 1000)
        let grid = Grid(shape: [voxels, 1, 1], affine: Affine([3, 0, 0, 0, 0, 3, 0, 0, 0, 0, 3, 0]))
        let mask = Mask(grid: grid) { _ in true }
        let cohort = Cohort(identifiers: (0..<subjects).map { "sub-\($0)" }, mask: mask, threads: 2) { row in
            var stream = PhiloxStream(seed: 1, domain: 0, index: UInt64(row))
            return (0..<voxels).map { _ in stream.uniform() - 0.5 }
        }
        var stream = PhiloxStream(seed: 2, domain: 0, index: 0)
        let columns = (0..<6).map { c in (0..<subjects).map { _ in c == 0 ? 1 : stream.uniform() } }
        say("\(subjects) subjects, \(voxels) voxels, \(count) shuffles; kernel: \(InstructionLevel.best)")
        for (name, width, exchanging) in [
            ("slope + intercept, labels", 2, ExchangeScheme.permute), ("mean, signs", 1, .flip),
            ("slope + 4 confounds, labels", 6, .permute), ("slope + intercept, signs", 2, .flip),
        ] {
            let design = Matrix(columns: Array(columns[..<width]))
            let model = try LinearModel(matrix: design)
            let weights = Matrix(rows: [(0..<width).map { $0 == min(1, width - 1) ? 1.0 : 0 }])
            let partition = try ContrastPartition(model, weights: weights, isF: false, name: name)
            let shuffles = ShuffleSet(
                ShufflePlan(count: count, exchanging: exchanging, seed: 1), design: design)
            let rows = Double(
                partition.testedRank + partition.nuisanceBasis.columns
                    - (partition.constantIsNuisance && !shuffles.flipsSigns ? 1 : 0))
            for threads in [1, 2] {
                let fitting = Timing.median { _ = Fit(model, cohort, threads: threads) }
                let fit = Fit(model, cohort, threads: threads)
                let test = PermutationTest(partition, cohort, fit, tail: .greater, shuffles: shuffles)
                let testing = Timing.median { _ = test.run(threads: threads) }
                let gigaflops = 2 * Double(subjects * voxels) * Double(shuffles.count) * rows / testing / 1e9
                let share =
                    threads <= peaks.count
                    ? ", \(Int(100 * gigaflops / peaks[threads - 1])) % of the peak" : ""
                say(
                    "\(name): \(threads) thread(s): fit \(milliseconds(fitting)) ms, "
                        + "permutation \(milliseconds(testing)) ms, \(Int(gigaflops)) GFLOP/s\(share)")
            }
        }
    }

    static func milliseconds(_ seconds: Double) -> String { "\((seconds * 10000).rounded() / 10)" }
}
