public import CoveyCore
public import CoveyImaging
import CoveyKernels
public import CoveyModel
import Synchronization

/// A permutation test of one statistic with correction by the distribution of the maximum: of every voxel, and
/// where asked for of TFCE and of clusters, all from the same shuffles.
///
/// The test is three steps, so that the second can be divided among machines or taken up again: observe the
/// unshuffled data, tally any run of shuffles, turn the whole tally into results.
public struct PermutationTest: Sendable {
    /// The statistic.
    public let statistic: any ShuffledStatistic
    /// The voxels of the cohort.
    public let mask: Mask
    /// Which statistics count against the null; F has only large ones and takes `.greater`.
    public let tail: Tail
    /// The shuffles.
    public let shuffles: ShuffleSet
    /// What is compared.
    public let choice: InferenceChoice

    /// A test of a statistic.
    ///
    /// - Precondition: F is tested with `.greater`.
    public init(
        _ statistic: any ShuffledStatistic, mask: Mask, tail: Tail, shuffles: ShuffleSet,
        comparing choice: InferenceChoice = .voxels
    ) {
        if case .f = statistic.kind { precondition(tail == .greater, "F has one tail") }
        self.statistic = statistic
        self.mask = mask
        self.tail = tail
        self.shuffles = shuffles
        self.choice = choice
    }

    /// A test of t or F of a contrast in ordinary least squares, by Freedman and Lane's method.
    public init(
        _ partition: ContrastPartition, _ cohort: Cohort, _ fit: Fit, tail: Tail, shuffles: ShuffleSet,
        comparing choice: InferenceChoice = .voxels
    ) {
        precondition(shuffles.subjectCount == partition.model.subjectCount)
        self.init(
            RegressionStatistic(partition, cohort, fit), mask: cohort.mask, tail: tail, shuffles: shuffles,
            comparing: choice)
    }

    /// Memory for maps of shuffles at a time, in bytes.
    static let mapBudget = 64 << 20
    /// Memory for the high voxels of shuffles at a time, in bytes; twice as much may be found before fewer shuffles are
    /// tallied together.
    var highBudget = mapBudget

    /// Runs every shuffle.
    ///
    /// - Parameter threads: changes nothing but time.
    public func run(
        threads: Int = availableThreads(), progress: ProgressListener = .silent
    ) -> PermutationResults {
        let observation = observe(threads: threads)
        let tally = tally(
            of: 0..<shuffles.count, observation, threads: threads, progress: progress, checkpoint: { _ in })
        return results(observation, tally)
    }

    /// What the unshuffled data show, and what a shuffle must reach to count.
    public struct Observation: Sendable {
        /// The statistic, signed, at the voxels that have one.
        public let map: [Double]
        /// Every quantity in the direction of the tail, by voxel.
        let values: [[Double]]
        /// What a shuffled quantity must reach. Infinite where no cluster was observed, or next to nothing: every
        /// shuffle reaches that, and none is counted.
        let thresholds: [[Double]]
        /// For each quantity, its value in every cluster; `nil` for those that are of no cluster.
        let clusters: [[Double]?]
        /// What shuffled clusters must reach, see ``ClusterPool``; empty for quantities that are of no cluster.
        let ladders: [[Double]]

        init(map: [Double], values: [[Double]], thresholds: [[Double]], clusters: [[Double]?]) {
            (self.map, self.values, self.thresholds) = (map, values, thresholds)
            self.clusters = clusters
            ladders = clusters.map { $0.map(PooledClusters.ladder) ?? [] }
        }

        /// For each quantity, the number of voxels that have one.
        public var quantityCounts: [Int] { values.map(\.count) }

        /// For each quantity, the number of different clusters that shuffled ones are compared with; `nil` for those
        /// that are of no cluster.
        public var rungCounts: [Int?] { zip(clusters, ladders).map { $0 == nil ? nil : $1.count } }

        /// Pools of the quantities that are of clusters.
        func pools(numbers: [[Int32]], steps: [[Int64]]) -> [ClusterPool?] {
            clusters.indices.map {
                clusters[$0] == nil ? nil : ClusterPool(numbers: numbers[$0], steps: steps[$0])
            }
        }
    }

    /// Observes the unshuffled data.
    public func observe(threads: Int = availableThreads()) -> Observation {
        let ofClusters = choice.quantities.map { $0.formingThreshold != nil }
        guard !statistic.voxels.isEmpty else {
            let empty = choice.quantities.map { _ in [Double]() }
            return Observation(
                map: [], values: empty, thresholds: empty, clusters: ofClusters.map { $0 ? [] : nil })
        }
        let map = statistic.maps(of: shuffles, in: 0..<1, threads: threads)
        var reader = MapReader(choice, tail: tail, lattice: lattice, tables: tables(for: map), outer: outer)
        let (values, clusters) = reader.observe(map)
        let thresholds = values.enumerated().map { quantity, values in
            quantity == 0
                ? values.map { statistic.tieThreshold($0, tail: tail) }
                : values.map {
                    let threshold = TieRule.threshold($0)
                    return threshold > 0 ? threshold : .infinity
                }
        }
        return Observation(
            map: map, values: values, thresholds: thresholds,
            clusters: zip(ofClusters, clusters).map { $0 ? $1 : nil })
    }

    /// Tallies a run of shuffles.
    ///
    /// - Parameters:
    ///   - done: the tally of the first shuffles of the run, where they were done before.
    ///   - stopsAt: a level: the run ends when no decision at it can change any more, looked at every 256
    ///     shuffles; see ``FamilyWiseStopping``. `nil`: it goes to the end.
    ///   - checkpoint: receives the tally so far from time to time, in memory-sized steps.
    public func tally(
        of run: Range<Int>, _ observation: Observation, continuing done: PermutationTally? = nil,
        stopsAt alpha: Double? = nil, threads: Int = availableThreads(),
        progress: ProgressListener = .silent, checkpoint: (PermutationTally) throws -> Void
    ) rethrows -> PermutationTally {
        precondition(run.lowerBound >= 0 && run.upperBound <= shuffles.count)
        let voxels = statistic.voxels.count
        var tally = done ?? .empty(before: run.lowerBound, observation)
        precondition(
            tally.shuffles.lowerBound == run.lowerBound && tally.shuffles.upperBound <= run.upperBound)
        guard voxels > 0 else {
            let none = [Double](repeating: -.infinity, count: run.count)
            let zeros = [Int32](repeating: 0, count: run.count)
            return PermutationTally(
                shuffles: run, maxima: choice.quantities.map { _ in none }, counts: tally.counts,
                pools: observation.pools(
                    numbers: choice.quantities.map { _ in zeros }, steps: observation.ladders.map { _ in [] })
            )
        }
        defer { statistic.forgetPrepared() }
        let fast = quick
        var batch = fast == nil ? mapBatch : quickBatch
        var maps: [Double] = []
        let readers = readers(for: observation)
        while tally.shuffles.upperBound < run.upperBound {
            let first = tally.shuffles.upperBound
            // Asked before a batch, not after one: a tally that is taken up again may be settled already.
            if let alpha, first > run.lowerBound, first % Self.stoppingStep == 0,
                isSettled(tally, observation, alpha: alpha)
            {
                break
            }
            let step = alpha == nil ? batch : Self.stoppingStep - first % Self.stoppingStep
            let range = first..<min(first + min(batch, step), run.upperBound)
            if range.upperBound < run.upperBound { statistic.keepPrepared() }
            let share = progress.part(
                "shuffling", from: first - run.lowerBound, count: range.count, of: run.count)
            if let fast {
                guard
                    let found = fast.tally(
                        of: shuffles, in: range, tail: tail, keeping: highVoxels(of: range), threads: threads,
                        progress: share)
                else {
                    batch = Self.smaller(than: range.count)
                    continue
                }
                tally.append(read(range, observation, found, readers, threads))
            } else {
                statistic.write(&maps, of: shuffles, in: range, threads: threads)
                tally.append(read(range, observation, maps, from: 0, readers, threads, share))
            }
            try checkpoint(tally)
        }
        return tally
    }

    /// Shuffles between two looks at whether a test may stop.
    private static let stoppingStep = 256

    /// Whether no family-wise decision of any quantity can change any more.
    private func isSettled(
        _ tally: PermutationTally, _ observation: Observation, alpha: Double
    ) -> Bool {
        tally.maxima.indices.allSatisfy { quantity in
            var stopping = FamilyWiseStopping(plannedCount: shuffles.count, alpha: alpha)
            for maximum in tally.maxima[quantity] { stopping.add(maximum) }
            let observed = observation.values[quantity].filter { quantity == 0 || $0 > 0 }
            return stopping.isSettled(ascending: observed.sorted())
        }
    }

    /// Room for threads to read maps or high voxels in.
    func readers(for observation: Observation) -> MapReaderPool {
        MapReaderPool(
            MapReader(
                choice, tail: tail, lattice: lattice, tables: tables(for: observation.map), outer: outer))
    }

    /// Reads whole maps of a batch of shuffles, the first of which begins at `start`, one map a thread.
    func read(
        _ range: Range<Int>, _ observation: Observation, _ maps: [Double], from start: Int,
        _ readers: MapReaderPool, _ threads: Int, _ progress: ProgressListener.Part
    ) -> PermutationTally {
        let voxels = statistic.voxels.count
        let calibration = calibration
        let pivots = Mutex([Double](repeating: 0, count: calibration == nil ? 0 : range.count))
        let finished = Atomic(0)
        return read(range, observation, readers, threads, logPivots: { pivots.withLock { $0 } }) {
            reader, counts, k in
            let first = start + k * voxels
            let found = reader.count(maps, from: first, reaching: observation, into: &counts)
            if let calibration {
                let pivot = logPivot(of: maps[first..<first + voxels], calibration)
                pivots.withLock { $0[k] = pivot }
            }
            progress.report(done: finished.wrappingAdd(1, ordering: .relaxed).newValue, of: range.count)
            return found
        }
    }

    /// Reads the clusters of a batch of shuffles, if any are compared, off their high voxels.
    func read(
        _ range: Range<Int>, _ observation: Observation, _ found: VoxelTally, _ readers: MapReaderPool,
        _ threads: Int
    ) -> PermutationTally {
        guard let high = found.high else {
            return PermutationTally(
                shuffles: range, maxima: [found.maxima], counts: [found.counts], pools: [nil])
        }
        let clusters = read(range, observation, readers, threads) { reader, counts, k in
            reader.count(high, of: k, reaching: observation, into: &counts)
        }
        return PermutationTally(
            shuffles: range, maxima: [found.maxima] + clusters.maxima.dropFirst(),
            counts: [found.counts] + clusters.counts.dropFirst(), pools: clusters.pools)
    }

    /// Reads a batch of shuffles, one a thread.
    private func read(
        _ range: Range<Int>, _ observation: Observation, _ readers: MapReaderPool, _ threads: Int,
        logPivots: () -> [Double] = { [] },
        _ one:
            @Sendable (inout MapReader, inout MapReader.Counts, Int) -> (
                greatest: [Double], clusters: [Int32]
            )
    ) -> PermutationTally {
        let quantities = choice.quantities.count
        let total = Mutex(MapReader.Counts(observation))
        let extremes = Mutex(
            (
                maxima: [[Double]](repeating: [Double](repeating: 0, count: range.count), count: quantities),
                clusters: [[Int32]](repeating: [Int32](repeating: 0, count: range.count), count: quantities)
            ))
        forEachBlock(
            range.count, threads: threads,
            scratch: { (reader: readers.take(), counts: MapReader.Counts(observation)) },
            { scratch, k in
                let (greatest, clusters) = one(&scratch.reader, &scratch.counts, k)
                extremes.withLock { extremes in
                    for quantity in greatest.indices {
                        extremes.maxima[quantity][k] = greatest[quantity]
                        extremes.clusters[quantity][k] = clusters[quantity]
                    }
                }
            },
            finish: { scratch in
                total.withLock { $0 += scratch.counts }
                readers.give(scratch.reader)
            })
        let (counts, (maxima, clusters)) = (total.withLock { $0 }, extremes.withLock { $0 })
        return PermutationTally(
            shuffles: range, maxima: maxima, counts: counts.voxels, logPivots: logPivots(),
            pools: observation.pools(numbers: clusters, steps: counts.clusters))
    }

    /// The results of a whole tally.
    ///
    /// - Precondition: the tally begins with the identity.
    public func results(_ observation: Observation, _ tally: PermutationTally) -> PermutationResults {
        precondition(tally.shuffles.lowerBound == 0 && !tally.shuffles.isEmpty, "tally of \(tally.shuffles)")
        let count = mask.count
        let isDrawn = statistic.drawsPermutations(of: shuffles)
        return PermutationResults(
            all: choice.quantities.enumerated().map { k, quantity in
                var observed = [Double](repeating: .nan, count: count)
                var exceedances = [Int](repeating: 0, count: count)
                var familyWise = exceedances
                let sorted = tally.maxima[k].sorted()
                for (place, voxel) in statistic.voxels.enumerated() {
                    let threshold = observation.thresholds[k][place]
                    observed[Int(voxel)] =
                        quantity == .voxel ? observation.map[place] : observation.values[k][place]
                    // Where no cluster was observed every shuffle reaches what is there: nothing.
                    exceedances[Int(voxel)] =
                        threshold == .infinity ? tally.shuffles.count : Int(tally.counts[k][place])
                    familyWise[Int(voxel)] =
                        threshold == .infinity
                        ? sorted.count : sorted.count - sorted.firstIndex(notLessThan: threshold)
                }
                return PermutationResult(
                    quantity: quantity,
                    observed: StatisticMap(
                        quantity == .voxel ? statistic.kind : .quantity(quantity), mask: mask,
                        values: observed),
                    tail: tail, shuffles: shuffles, maxima: tally.maxima[k], exceedances: exceedances,
                    familyWiseExceedances: familyWise, isDrawn: isDrawn,
                    pooled: tally.pools[k].map {
                        PooledClusters(observed: observation.clusters[k] ?? [], $0)
                    })
            },
            calibration: calibration.map { empty in
                var calibration = empty
                for pivot in tally.logPivots { calibration.add(logPivot: pivot) }
                return calibration
            })
    }

    private var lattice: VoxelLattice? {
        choice.isVoxelwise
            ? nil
            : VoxelLattice(
                gridShape: mask.grid.shape, offsets: statistic.voxels.map { mask.offsets[Int($0)] },
                connectivity: choice.connectivity.rawValue)
    }

    /// The voxels that TFCE leaves out: those of the image's outermost planes, in FSL's way alone.
    private var outer: [Int] {
        guard choice.tfce?.integration == .steppedAsFSL else { return [] }
        let shape = mask.grid.shape
        return statistic.voxels.indices.filter { place in
            let index = mask.grid.index(at: Int(mask.offsets[Int(statistic.voxels[place])]))
            return [index.x, index.y, index.z].enumerated().contains { axis, i in
                i == 0 || i == shape[axis] - 1
            }
        }
    }

    private func tables(for map: [Double]) -> EnhancementTables? {
        choice.tfce.map { tfce in
            let greatest = map.reduce(0) { greatest, value in
                max(greatest, tail == .greater ? value : tail == .less ? -value : abs(value))
            }
            return EnhancementTables(tfce, voxels: map.count, greatestObserved: greatest)
        }
    }
}

extension [Double] {
    /// The position of the first element of an ascending array that is not below `bound`.
    func firstIndex(notLessThan bound: Double) -> Int {
        var (low, high) = (0, count)
        while low < high {
            let middle = (low + high) / 2
            if self[middle] < bound { low = middle + 1 } else { high = middle }
        }
        return low
    }

    /// The position of the first element of an ascending array that is above `bound`.
    func firstIndex(beyond bound: Double) -> Int {
        var (low, high) = (0, count)
        while low < high {
            let middle = (low + high) / 2
            if self[middle] <= bound { low = middle + 1 } else { high = middle }
        }
        return low
    }
}
