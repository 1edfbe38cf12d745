public import CoveyCore

/// Permutation tests of several contrasts of one model, tallied in one pass over the data: what is multiplied with the
/// shuffled columns is multiplied once for all of them.
///
/// Counts and p-values are those of the single tests; maxima differ from theirs by rounding.
public struct SharedPermutationTest: Sendable {
    /// The tests.
    public let tests: [PermutationTest]
    private let regression: SharedRegression

    /// The tests together; `nil` where they do not share a model, its voxels and the shuffles, or test something else
    /// than ordinary least squares by Freedman and Lane's method.
    ///
    /// The data are looked at once: where one contrast's voxels are nearly all explained by what the others test, each is
    /// tested alone.
    public init?(_ tests: [PermutationTest], threads: Int = availableThreads()) {
        let statistics = tests.compactMap { $0.statistic as? RegressionStatistic }
        guard statistics.count == tests.count, let first = tests.first,
            tests.allSatisfy({
                $0.mask == first.mask && $0.shuffles.isSame(as: first.shuffles)
                    && $0.choice.quantities.count == first.choice.quantities.count
            }),
            let regression = SharedRegression(statistics, first.shuffles, threads: threads)
        else { return nil }
        self.tests = tests
        self.regression = regression
    }

    /// The memory that tallying takes at most, in bytes, besides the cohort: the tests' workspaces side by side, and the
    /// prepared data once.
    public func workspaceBytes(threads: Int) -> Int {
        tests.reduce(tests[0].preparedBytes) { $0 + $1.workspaceBytes(threads: threads, batch: batch) }
    }

    /// Whether no test needs whole maps.
    private var isQuick: Bool { tests.allSatisfy { $0.quick != nil } }

    /// Shuffles to tally at a time: the maps of all contrasts share the room of one.
    private var batch: Int {
        isQuick
            ? tests.map(\.quickBatch).min()!
            : max(PermutationTest.leastBatch, tests.map(\.mapBatch).min()! / tests.count / 8 * 8)
    }

    /// Tallies a run of shuffles for every test.
    ///
    /// - Parameters:
    ///   - observations: what the unshuffled data show in each test.
    ///   - done: the tallies of the first shuffles of the run, where they were done before; empty otherwise.
    ///   - checkpoint: receives the tallies so far from time to time.
    public func tallies(
        of run: Range<Int>, _ observations: [PermutationTest.Observation],
        continuing done: [PermutationTally] = [],
        threads: Int = availableThreads(), progress: ProgressListener = .silent,
        checkpoint: ([PermutationTally]) throws -> Void
    ) rethrows -> [PermutationTally] {
        var tallies = done.isEmpty ? observations.map { .empty(before: run.lowerBound, $0) } : done
        precondition(tallies.count == tests.count && Set(tallies.map(\.shuffles)).count == 1)
        let isQuick = isQuick
        var batch = batch
        defer { regression.forgetPrepared() }
        let readers = zip(tests, observations).map { $0.readers(for: $1) }
        let voxels = tests[0].statistic.voxels.count
        var maps: [Double] = []
        while tallies[0].shuffles.upperBound < run.upperBound {
            let first = tallies[0].shuffles.upperBound
            let range = first..<min(first + batch, run.upperBound)
            if range.upperBound < run.upperBound { regression.keepPrepared() }
            let share = progress.part(
                "shuffling", from: first - run.lowerBound, count: range.count, of: run.count)
            if isQuick {
                let found = regression.tally(
                    in: range, tails: tests.map(\.tail),
                    keeping: tests.compactMap { $0.highVoxels(of: range) },
                    threads: threads, progress: share)
                guard let found else {
                    batch = PermutationTest.smaller(than: range.count)
                    continue
                }
                for k in tests.indices {
                    tallies[k].append(
                        tests[k].read(range, observations[k], found[k], readers[k], threads))
                }
            } else {
                regression.write(&maps, in: range, threads: threads)
                for k in tests.indices {
                    let part = progress.part(
                        "shuffling", from: first - run.lowerBound + range.count * k / tests.count,
                        count: range.count / tests.count, of: run.count)
                    tallies[k].append(
                        tests[k].read(
                            range, observations[k], maps, from: k * range.count * voxels, readers[k], threads,
                            part))
                }
            }
            try checkpoint(tallies)
        }
        progress.report("shuffling", done: run.count, of: run.count)
        return tallies
    }
}
