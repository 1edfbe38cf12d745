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
    private static let batch = 64

    /// Draws shuffles until every voxel is done.
    public func run(
        threads: Int = availableThreads(), progress: ProgressListener = .silent
    ) -> Result {
        let voxels = test.statistic.voxels
        let thresholds = test.observe(threads: threads).thresholds[0]
        let limit = test.shuffles.count - 1
        var counts = [SequentialCount](
            repeating: SequentialCount(target: target, limit: limit), count: voxels.count)
        var open = Array(voxels.indices)
        var drawn = 0
        while !open.isEmpty, drawn < limit {
            let range = drawn + 1..<min(drawn + 1 + Self.batch, limit + 1)
            let maps = test.statistic.maps(of: test.shuffles, in: range, threads: threads)
            for place in open {
                for k in 0..<range.count {
                    let value = maps[k * voxels.count + place]
                    let directed = test.tail == .greater ? value : test.tail == .less ? -value : abs(value)
                    counts[place].add(reaches: directed >= thresholds[place])
                }
            }
            open.removeAll { counts[$0].isDone }
            drawn += range.count
            progress.report("uncorrected p", done: drawn, of: limit)
        }
        var p = [Double](repeating: .nan, count: test.mask.count)
        for (place, voxel) in voxels.enumerated() { p[Int(voxel)] = counts[place].p ?? .nan }
        return Result(
            p: StatisticMap(.p(test.tail, .none, .sequentialPermutation), mask: test.mask, values: p),
            shuffleCount: counts.reduce(0) { max($0, $1.drawn) })
    }
}
