import CoveyCore
public import CoveyKernels
public import CoveyModel
import Synchronization

/// t or F of a contrast in ordinary least squares, under any shuffle.
///
/// A shuffle costs `rank(tested) + rank(nuisance)` short rows and never moves the data (Freedman and Lane's
/// method on the partitioned design; Winkler et al. 2014, NeuroImage 92:381-397): with `e` the residuals of
/// the data on the nuisance columns, scaled to length 1, and bases `T` (tested) and `U` (nuisance),
///
///     F_k = |(P_k'T)'e|^2 / r  /  ((1 - |(P_k'U)'e|^2 - |(P_k'T)'e|^2) / dof)
///
/// The other methods of treating nuisance columns differ in the rows or the data; see ``NuisanceMethod``.
public struct RegressionStatistic: ShuffledStatistic, Sendable {
    /// The contrast.
    public let partition: ContrastPartition
    /// What is shuffled.
    public let method: NuisanceMethod
    /// How the model is split, where that matters.
    public let split: PartitionMethod
    /// t or F with its degrees of freedom.
    public let kind: Statistic
    /// The voxels with a statistic.
    public let voxels: [Int32]

    private let cohort: Cohort
    let kept: PreparedBlocks
    let level: InstructionLevel

    /// The statistic of a contrast on the data that `fit` was fitted to.
    ///
    /// - Parameters:
    ///   - fit: its voxels without a statistic are left out.
    ///   - level: the instruction set; see ``InstructionLevel``.
    public init(
        _ partition: ContrastPartition, _ cohort: Cohort, _ fit: Fit,
        method: NuisanceMethod = .freedmanLane, split: PartitionMethod = .ridgway,
        level: InstructionLevel = .best
    ) {
        let parametric = fit.statistic(partition)
        self.partition = partition
        self.method = method
        self.split = split
        self.cohort = cohort
        self.level = level
        kind = parametric.statistic
        voxels = parametric.values.indices.filter { parametric.values[$0].isFinite }.map(Int32.init)
        kept = PreparedBlocks(
            bytes: Self.preparedBytes(voxels: voxels.count, subjects: cohort.subjectCount))
    }

    /// Memory for prepared data from one batch of maps to the next; 0 where they would be too much.
    static func preparedBytes(voxels: Int, subjects: Int) -> Int {
        let bytes = Panel.count(for: voxels) * Panel.width * subjects * 8
        return bytes <= PreparedBlocks.budget ? bytes : 0
    }

    /// Voxels in a block: small enough that a block stays in the second-level cache.
    static let panelsPerBlock = 16
    /// Memory for shuffled rows at a time, in bytes.
    static let rowBudget = 16 << 20

    var degreesOfFreedom: Double { Double(partition.degreesOfFreedom) }

    /// By the tie rule, and where the fit is nearly perfect by the rounding of correlations besides: a dot product of
    /// unit vectors is no better than that, whatever it makes of t.
    public func tieThreshold(_ observed: Double, tail: Tail) -> Double {
        let scale = ScoreScale(partition, tail: tail, isCorrelation: false)
        let lowered = scale.extreme(scale.tieThreshold(scale.score(ofExtreme: observed)))
        return min(TieRule.threshold(observed), lowered)
    }

    /// The statistics of a range of shuffles; see ``ShuffledStatistic``.
    public func maps(of shuffles: ShuffleSet, in range: Range<Int>, threads: Int) -> [Double] {
        var maps: [Double] = []
        write(&maps, of: shuffles, in: range, threads: threads)
        return maps
    }

    /// The statistics of a range of shuffles in memory that is used again; see ``ShuffledStatistic``.
    public func write(
        _ maps: inout [Double], of shuffles: ShuffleSet, in range: Range<Int>, threads: Int
    ) {
        if method == .terBraak, range.contains(0) {
            // The observed statistic stands apart: shuffles are of residuals that it left nothing of.
            maps = RegressionStatistic(self, method: .freedmanLane)
                .maps(of: shuffles, in: 0..<1, threads: threads)
            if range.count > 1 { maps += self.maps(of: shuffles, in: 1..<range.upperBound, threads: threads) }
            return
        }
        let bases = ShuffledBases(
            partition, method: method, split: split, flipsSigns: shuffles.flipsSigns,
            blocks: shuffles.blocks)
        let rows = bases.rows(of: shuffles, in: range, threads: threads)
        let meaning = meaning(of: bases)
        MapKernel.write(&maps, shuffles: range.count, voxels: voxels.count) { writer in
            forEachDataBlock(removing: bases.removed, keeping: kept, threads: threads, scratch: ()) {
                _, data, panels, columns in
                let scores = ScoreKernel.scores(
                    data, panels: panels, rows: rows, twoSided: false, level: level)
                writer.write(
                    scores, scoreStride: panels * Panel.width, meaning: meaning,
                    degreesOfFreedom: degreesOfFreedom, rank: Double(partition.testedRank), columns: columns,
                    level: level)
            }
        }
    }

    /// Keeps prepared data from now on.
    public func keepPrepared() { kept.startKeeping() }

    /// Drops the prepared data.
    public func forgetPrepared() { kept.forget() }

    /// What the scores of rows from such bases stand for.
    func meaning(of bases: ShuffledBases) -> ScoreMeaning {
        switch (partition.isF, bases.givesCorrelations) {
        case (false, true): .correlation
        case (false, false): .signedR2
        case (true, true): .correlationF
        case (true, false): .partialR2
        }
    }

    private init(_ other: RegressionStatistic, method: NuisanceMethod) {
        (partition, split, kind, voxels) = (other.partition, other.split, other.kind, other.voxels)
        (cohort, level) = (other.cohort, other.level)
        kept = PreparedBlocks(bytes: 0)
        self.method = method
    }

    /// Number of panels of all voxels.
    var panelCount: Int { Panel.count(for: voxels.count) }

    /// Number of blocks that ``forEachDataBlock(removing:threads:scratch:_:finish:)`` hands on.
    var blockCount: Int {
        (panelCount + Self.panelsPerBlock - 1) / Self.panelsPerBlock
    }

    /// Hands on the data block by block: residuals on `basis` of unit length in panel layout, the number of
    /// panels, and the places of the block's voxels in ``voxels``.
    ///
    /// - Parameter kept: where blocks are kept for the next time.
    func forEachDataBlock<Extra>(
        removing basis: Matrix, keeping kept: PreparedBlocks? = nil, threads: Int, scratch extra: Extra,
        _ body: @Sendable (inout Extra, [Double], Int, Range<Int>) -> Void,
        finish: @Sendable (Extra) -> Void = { _ in }
    ) where Extra: Sendable {
        let n = partition.model.subjectCount
        let width = Panel.width
        let panelCount = panelCount
        let blocks = blockCount
        // A shift is harmless where what is removed takes it out again.
        let shifting = basis.spansConstant
        forEachBlock(
            blocks, threads: threads,
            scratch: {
                BlockScratch(
                    preparation: PanelPreparation(subjects: n, rank: basis.columns),
                    data: [Double](repeating: 0, count: Self.panelsPerBlock * n * width), extra: extra)
            },
            { scratch, block in
                let firstPanel = block * Self.panelsPerBlock
                let panels = min(Self.panelsPerBlock, panelCount - firstPanel)
                let first = firstPanel * width
                let columns = first..<min(first + panels * width, voxels.count)
                if let data = kept?.data(of: block, removing: basis) {
                    body(&scratch.extra, data, panels, columns)
                    return
                }
                for panel in 0..<panels {
                    let start = (firstPanel + panel) * width
                    scratch.preparation.load(
                        cohort, voxels: voxels[start..<min(start + width, voxels.count)], shifting: shifting)
                    scratch.preparation.project(on: basis.elements)
                    scratch.preparation.copyUnitResiduals(to: &scratch.data, at: panel * n * width)
                }
                kept?.keep(scratch.data[..<(panels * n * width)], of: block, removing: basis)
                body(&scratch.extra, scratch.data, panels, columns)
            },
            finish: { finish($0.extra) })
    }
}

/// What a thread needs to prepare blocks of data, and what its caller adds.
private struct BlockScratch<Extra> {
    var preparation: PanelPreparation
    var data: [Double]
    var extra: Extra
}

extension Matrix {
    /// Whether the span of orthonormal columns holds the constant, but for rounding.
    fileprivate var spansConstant: Bool {
        var rest = [Double](repeating: 1, count: rows)
        for c in 0..<columns {
            let sum = (0..<rows).reduce(0.0) { $0 + self[$1, c] }
            for row in 0..<rows { rest[row] -= sum * self[row, c] }
        }
        return rest.allSatisfy { abs($0) < 1e-10 }
    }
}
