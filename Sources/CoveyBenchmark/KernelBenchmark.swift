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
        case "engine": return try EngineBenchmark.run(only: arguments.count > 2 ? arguments[2] : nil)
        case "growth": return try GrowthBenchmark.run()
        case "contrasts": return try ContrastBenchmark.run()
        default: break
        }
        // Gigaflops of a matrix product on one thread and on two, as somebody's library reaches them here.
        let peaks = arguments.dropFirst().compactMap(Double.init)
        kernelAlone(peaks)
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
                    ? ", \(Int(100 * gigaflops / peaks[threads - 1])) % of a matrix product" : ""
                say(
                    "\(name): \(threads) thread(s): fit \(milliseconds(fitting)) ms, "
                        + "permutation \(milliseconds(testing)) ms, \(Int(gigaflops)) GFLOP/s\(share)")
            }
        }
    }

    /// The kernel in double precision alone, in turn with plain arithmetic: the share of the processors' multiply-adds that it
    /// reaches, and of the matrix product's gigaflops where these are given. (Deciding comparisons in single precision pays over
    /// many voxels: what follows times that.)
    private static func kernelAlone(_ peaks: [Double]) {
        let (subjects, panels, count) = (89, 16, 8192)
        var stream = PhiloxStream(seed: 3, domain: 0, index: 0)
        let voxels = panels * Panel.width
        let data = (0..<voxels * subjects).map { _ in stream.normal() }
        var rows = ShuffledRows(count: count, subjects: subjects, tested: 1, nuisance: 0)
        for shuffle in 0..<count {
            for subject in 0..<subjects { rows[shuffle, 0, subject] = stream.normal() }
        }
        rows.closeLastTile()
        let thresholds = (0..<voxels).map { _ in 20 * stream.uniform() }
        for threads in [1, 2] {
            let scoring = { [rows] in
                forEachBlock(threads, threads: threads) { _ in
                    var counts = [Int64](repeating: 0, count: voxels)
                    var maxima = ScoreKernel.emptyMaxima(shuffles: count)
                    ScoreKernel.score(
                        data, panels: panels, rows: rows, twoSided: false, thresholds: thresholds,
                        counts: &counts, maxima: &maxima)
                }
            }
            let times = Timing.turns([scoring, Timing.arithmetic(threads: threads)])
            let operations = 2 * Double(subjects * voxels * count)
            let share = operations / Timing.arithmeticOperations * times.ratio(1, over: 0)
            var line = "kernel in double precision alone, \(threads) thread(s): "
            line += "\(Int((100 * share).rounded())) % of the peak of multiply-adds"
            if peaks.count >= threads {
                let gigaflops = Double(threads) * operations / times.median(0) / 1e9
                line += ", \(Int((100 * gigaflops / peaks[threads - 1]).rounded())) % of a matrix product"
            }
            say(line)
        }
    }

    static func milliseconds(_ seconds: Double) -> String { "\((seconds * 10000).rounded() / 10)" }
}
