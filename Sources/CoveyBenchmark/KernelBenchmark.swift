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
        kernelAlone()
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

    /// The kernel alone on data in cache, in turn with plain arithmetic: the share of the processors' multiply-adds in double
    /// precision that it reaches in double precision, and with comparisons decided in single precision.
    private static func kernelAlone() {
        let (subjects, panels, count) = (89, 16, 512)
        var stream = PhiloxStream(seed: 3, domain: 0, index: 0)
        func unit(_ lanes: Int) -> [Double] {
            var values = (0..<subjects * lanes).map { _ in stream.normal() }
            for lane in 0..<lanes {
                let length = norm((0..<subjects).map { values[$0 * lanes + lane] })
                for k in 0..<subjects { values[k * lanes + lane] /= length }
            }
            return values
        }
        let data = (0..<panels).flatMap { _ in unit(Panel.width) }
        var rows = ShuffledRows(count: count, subjects: subjects, tested: 1, nuisance: 0)
        for shuffle in 0..<count {
            for (subject, value) in unit(1).enumerated() { rows[shuffle, 0, subject] = value }
        }
        rows.closeLastTile()
        let voxels = panels * Panel.width
        let thresholds = (0..<voxels).map { _ in 0.3 * stream.uniform() }
        let repeats = 12
        let screen = RowScreen(rows)
        for threads in [1, 2] {
            func piece(_ screen: RowScreen?) -> () -> Void {
                { [rows] in
                    forEachBlock(threads, threads: threads) { _ in
                        var counts = [Int64](repeating: 0, count: voxels)
                        var maxima = ScoreKernel.emptyMaxima(shuffles: count)
                        for _ in 0..<repeats {
                            ScoreKernel.score(
                                data, panels: panels, rows: rows, screen: screen, twoSided: true,
                                thresholds: thresholds, counts: &counts, maxima: &maxima)
                        }
                    }
                }
            }
            let times = Timing.turns([piece(nil), piece(screen), Timing.arithmetic(threads: threads)])
            let operations = 2 * Double(subjects * voxels * count * repeats)
            func share(_ piece: Int) -> String {
                let ofPeak = operations / Timing.arithmeticOperations * times.ratio(2, over: piece)
                return "\(Int((100 * ofPeak).rounded())) %"
            }
            say(
                "kernel alone, \(threads) thread(s): double precision \(share(0)) of the peak of multiply-adds in double "
                    + "precision, decided in single precision \(share(1))")
        }
    }

    static func milliseconds(_ seconds: Double) -> String { "\((seconds * 10000).rounded() / 10)" }
}
