public import CoveyCore
public import CoveyModel

/// The uncorrected p of every voxel, each from as many shuffles as it needs (Besag and Clifford 1991).
///
/// A voxel that has been reached h times is done: most are after a few shuffles, and the run ends when all are.
/// What each p guarantees stands at ``SequentialCount``.
public struct SequentialTest: Sendable {
    /// What is known of the voxels.
    public struct Result: Sendable {
        /// p of every voxel, uncorrected; NaN where there is no statistic.
        public let p: StatisticMap
        /// Random shuffles drawn before the last voxel was done, or before none were left.
        public let shuffleCount: Int
        /// Of each voxel that has a statistic, the shuffles that were drawn.
        let counts: [Int: SequentialCount]

        /// The Monte-Carlo interval of p at a voxel of the mask; `nil` where there is no statistic.
        public func interval(at voxel: Int) -> MonteCarloInterval? { counts[voxel]?.interval }
    }

    private let test: PermutationTest
    private let target: Int

    /// The voxels of `test`, each stopped at `target` shuffles that reach it.
    ///
    /// - Precondition: the shuffles are random: a sequence in which any order is as likely as any other.
    public init(_ test: PermutationTest, target: Int) {
        if case .exhaustive = test.shuffles.origin {
            preconditionFailure("exhaustive shuffles have an order")
        }
        precondition(target > 0)
        self.test = test
        self.target = target
    }

    /// Shuffles to look at in a time.
    private static let batch = 256
    /// Shuffles whose maps are looked at in a time.
    private static let mapBatch = 32

    /// Draws shuffles until every voxel is done.
    public func run(
        threads: Int = availableThreads(), progress: ProgressListener = .silent
    ) -> Result {
        test.statistic.keepPrepared()
        defer { test.statistic.forgetPrepared() }
        let voxels = test.statistic.voxels
        let thresholds = test.observe(threads: threads).thresholds[0]
        let limit = test.shuffles.count - 1
        var counts = [SequentialCount](
            repeating: SequentialCount(target: target, limit: limit), count: voxels.count)
        var open = Array(voxels.indices)
        var drawn = 0
        // Of the last batches, those in which some voxel was done: while most are, maps are made at once.
        var ended = [Bool](repeating: true, count: 4)
        while !open.isEmpty, drawn < limit {
            let range = drawn + 1..<min(drawn + 1 + Self.batch, limit + 1)
            // Which of a batch reach a voxel matters only where the voxel is done within it: else their number does.
            var ending = open
            if ended.count(where: { $0 }) < 3, let reached = counted(range, threads: threads) {
                ending = open.filter { counts[$0].reached + Int(reached[$0]) >= target }
                let staying = Set(ending)
                for place in open where !staying.contains(place) {
                    counts[place].add(reaching: Int(reached[place]), of: range.count)
                }
            }
            add(range, to: &counts, at: ending, thresholds, threads: threads)
            let before = open.count
            open.removeAll { counts[$0].isDone }
            ended = ended.dropFirst() + [open.count < before]
            drawn += range.count
            progress.report("uncorrected p at most", done: drawn, of: limit)
        }
        progress.report("uncorrected p at most", done: limit, of: limit)
        var p = [Double](repeating: .nan, count: test.mask.count)
        for (place, voxel) in voxels.enumerated() { p[Int(voxel)] = counts[place].p ?? .nan }
        return Result(
            p: StatisticMap(.p(test.tail, .none, .sequentialPermutation), mask: test.mask, values: p),
            shuffleCount: counts.reduce(0) { max($0, $1.drawn) },
            counts: Dictionary(uniqueKeysWithValues: zip(voxels.map(Int.init), counts)))
    }

    /// How many shuffles of a range reach each voxel; `nil` where only maps would tell.
    private func counted(_ range: Range<Int>, threads: Int) -> [Int32]? {
        guard let fast = test.statistic as? any VoxelTallying, fast.talliesVoxels else { return nil }
        return fast.tally(
            of: test.shuffles, in: range, tail: test.tail, keeping: nil, threads: threads,
            progress: ProgressListener.silent.part("", from: 0, count: 0, of: 1))?.counts
    }

    /// Takes shuffles one after the other into the counts at some places.
    private func add(
        _ range: Range<Int>, to counts: inout [SequentialCount], at places: [Int], _ thresholds: [Double],
        threads: Int
    ) {
        guard !places.isEmpty else { return }
        let voxels = test.statistic.voxels.count
        for first in stride(from: range.lowerBound, to: range.upperBound, by: Self.mapBatch) {
            let part = first..<min(first + Self.mapBatch, range.upperBound)
            let maps = test.statistic.maps(of: test.shuffles, in: part, threads: threads)
            for place in places where !counts[place].isDone {
                for k in 0..<part.count {
                    let value = maps[k * voxels + place]
                    let directed = test.tail == .greater ? value : test.tail == .less ? -value : abs(value)
                    counts[place].add(reaches: directed >= thresholds[place])
                }
            }
            if places.allSatisfy({ counts[$0].isDone }) { return }
        }
    }
}
