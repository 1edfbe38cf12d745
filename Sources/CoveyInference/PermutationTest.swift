public import CoveyCore
public import CoveyKernels
public import CoveyModel
import Synchronization

/// A permutation test of one contrast with correction by the distribution of the maximum.
///
/// Freedman and Lane's method on the partitioned design (Winkler et al. 2014, NeuroImage 92:381-397): with
/// `e` the residuals of the data on the nuisance columns, shuffle `k` is tested with the statistic of
/// `P_k e`. In terms of the bases `T` (tested) and `U` (nuisance) and `e` scaled to length 1,
///
///     F_k = |(P_k'T)'e|^2 / r  /  ((1 - |(P_k'U)'e|^2 - |(P_k'T)'e|^2) / dof)
///
/// so that a shuffle costs `rank(tested) + rank(nuisance)` short rows and the data are never touched. Under
/// permutation a constant nuisance column costs nothing, since it stays where it is.
///
/// A shuffled statistic counts as reaching the observed one when it is within 1e-9 of it, relatively, or
/// within 1e-13 on the scale of correlations (the rounding of a dot product): designs with few distinct
/// shuffles are full of exact ties, and rounding must not break them.
public struct PermutationTest: Sendable {
    /// The contrast.
    public let partition: ContrastPartition
    /// Which statistics count against the null; F has only large ones and takes `.greater`.
    public let tail: Tail
    /// The shuffles.
    public let shuffles: ShuffleSet

    /// A test of `partition` with the given tail and shuffles.
    ///
    /// - Precondition: as many subjects in all; an F contrast is tested with `.greater`.
    public init(_ partition: ContrastPartition, tail: Tail, shuffles: ShuffleSet) {
        precondition(shuffles.subjectCount == partition.model.subjectCount)
        precondition(!partition.isF || tail == .greater, "F has one tail")
        self.partition = partition
        self.tail = tail
        self.shuffles = shuffles
    }

    /// Voxels in a block: small enough that a block stays in the second-level cache.
    static let panelsPerBlock = 16
    /// Memory for shuffled rows at a time, in bytes.
    static let rowBudget = 16 << 20

    /// Runs every shuffle on every voxel that has a statistic.
    ///
    /// - Parameters:
    ///   - cohort: the data that `fit` was fitted to.
    ///   - fit: the fit; its voxels without a statistic are left out.
    ///   - threads: changes nothing but time.
    ///   - level: the instruction set; see ``InstructionLevel``.
    public func run(
        _ cohort: Cohort, _ fit: Fit, threads: Int = availableThreads(), progress: ProgressListener = .silent,
        level: InstructionLevel = .best
    ) -> PermutationResult {
        let parametric = fit.statistic(partition)
        let voxels = parametric.values.indices.filter { parametric.values[$0].isFinite }.map(Int32.init)
        let scale = ScoreScale(partition, tail: tail, flipsSigns: shuffles.flipsSigns)
        guard !voxels.isEmpty else {
            return result(parametric, scale, State(voxels: voxels, shuffles: shuffles.count))
        }

        var state = State(voxels: voxels, shuffles: shuffles.count)
        let rowBytes = scale.rowsPerShuffle * partition.model.subjectCount * 8
        let batch = max(64, Self.rowBudget / rowBytes / ShuffledRows.tile * ShuffledRows.tile)
        for first in stride(from: 0, to: shuffles.count, by: batch) {
            let range = first..<min(first + batch, shuffles.count)
            runBatch(range, scale, cohort, threads, progress, level, &state)
        }
        return result(parametric, scale, state)
    }

    /// What accumulates over batches, for the voxels with a statistic.
    private struct State: Sendable {
        let voxels: [Int32]
        var observed: [Double]
        var thresholds: [Double]
        var counts: [Int64]
        var maxima: [Double]

        init(voxels: [Int32], shuffles: Int) {
            self.voxels = voxels
            let places = Panel.count(for: voxels.count) * Panel.width
            observed = [Double](repeating: 0, count: places)
            thresholds = observed
            counts = [Int64](repeating: 0, count: places)
            maxima = [Double](repeating: -.infinity, count: shuffles)
        }
    }

    private func runBatch(
        _ range: Range<Int>, _ scale: ScoreScale, _ cohort: Cohort, _ threads: Int,
        _ progress: ProgressListener,
        _ level: InstructionLevel, _ state: inout State
    ) {
        let n = partition.model.subjectCount
        let width = Panel.width
        let rows = scale.rows(of: shuffles, in: range)
        let identity = range.lowerBound == 0 ? scale.rows(of: shuffles, in: 0..<1) : nil
        let nuisance = partition.nuisanceBasis
        let shifting = partition.constantIsNuisance
        let panelCount = Panel.count(for: state.voxels.count)
        let blocks = (panelCount + Self.panelsPerBlock - 1) / Self.panelsPerBlock
        let running = Mutex(ScoreKernel.emptyMaxima(shuffles: rows.count))
        let shared = Mutex(state)
        let finished = Atomic(0)
        let (voxels, known) = (state.voxels, state.thresholds)
        // The threads change the shared copy in place; a second owner would make every change copy it whole.
        state = State(voxels: [], shuffles: 0)

        struct Scratch {
            var preparation: PanelPreparation
            var data: [Double]
            var maxima: [Double]
        }
        forEachBlock(
            blocks, threads: threads,
            scratch: {
                Scratch(
                    preparation: PanelPreparation(subjects: n, rank: nuisance.columns),
                    data: [Double](repeating: 0, count: Self.panelsPerBlock * n * width),
                    maxima: ScoreKernel.emptyMaxima(shuffles: rows.count))
            },
            { scratch, block in
                let firstPanel = block * Self.panelsPerBlock
                let panels = min(Self.panelsPerBlock, panelCount - firstPanel)
                for panel in 0..<panels {
                    let start = (firstPanel + panel) * width
                    scratch.preparation.load(
                        cohort, voxels: voxels[start..<min(start + width, voxels.count)], shifting: shifting)
                    scratch.preparation.project(on: nuisance.elements)
                    scratch.preparation.copyUnitResiduals(to: &scratch.data, at: panel * n * width)
                }
                let places = firstPanel * width..<(firstPanel + panels) * width
                var thresholds = Array(known[places])
                var observed: [Double] = []
                if let identity {
                    observed = ScoreKernel.scores(
                        scratch.data, panels: panels, rows: identity, twoSided: scale.isTwoSided, level: level
                    )
                    thresholds = observed.map(scale.tieThreshold)
                }
                var counts = [Int64](repeating: 0, count: places.count)
                ScoreKernel.score(
                    scratch.data, panels: panels, rows: rows, twoSided: scale.isTwoSided,
                    thresholds: thresholds, counts: &counts, maxima: &scratch.maxima, level: level)
                shared.withLock { [observed, thresholds, counts] shared in
                    for (i, place) in places.enumerated() { shared.counts[place] += counts[i] }
                    if !observed.isEmpty {
                        shared.observed.replaceSubrange(places, with: observed)
                        shared.thresholds.replaceSubrange(places, with: thresholds)
                    }
                }
                let done = finished.wrappingAdd(1, ordering: .relaxed).newValue
                progress.report(
                    "shuffling", done: range.lowerBound * blocks + done * range.count,
                    of: shuffles.count * blocks)
            },
            finish: { scratch in
                running.withLock { running in
                    for i in running.indices { running[i] = max(running[i], scratch.maxima[i]) }
                }
            })
        state = shared.withLock { $0 }
        let maxima = running.withLock { ScoreKernel.maxima(of: $0, count: rows.count) }
        state.maxima.replaceSubrange(range, with: maxima)
    }

    private func result(_ parametric: StatisticMap, _ scale: ScoreScale, _ state: State) -> PermutationResult
    {
        var observed = [Double](repeating: .nan, count: parametric.mask.count)
        var exceedances = [Int](repeating: 0, count: parametric.mask.count)
        var familyWise = exceedances
        let sorted = state.maxima.sorted()
        for (place, voxel) in state.voxels.enumerated() {
            observed[Int(voxel)] = scale.statistic(
                state.observed[place], signedAs: parametric.values[Int(voxel)])
            exceedances[Int(voxel)] = Int(state.counts[place])
            familyWise[Int(voxel)] = sorted.count - sorted.firstIndex(notLessThan: state.thresholds[place])
        }
        return PermutationResult(
            observed: StatisticMap(scale.kind, mask: parametric.mask, values: observed),
            tail: tail, shuffles: shuffles, maxima: state.maxima.map(scale.extreme),
            exceedances: exceedances, familyWiseExceedances: familyWise)
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
}
