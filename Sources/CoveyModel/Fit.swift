public import CoveyCore
public import CoveyImaging
import CoveyKernels
import Synchronization

/// Ordinary least squares at every voxel of a cohort: what every contrast needs, computed once.
///
/// Before the projection each voxel is shifted by its first subject's value (where the model contains the
/// constant, so that nothing but the constant's coefficient changes) and scaled by a power of two to
/// magnitude 1. Without the shift the one-way data sets of NIST with a large mean lose all digits; without
/// the scale maps in units of 1e-160 lose theirs. Both are undone in what is returned.
public struct Fit: Sendable {
    /// The model that was fitted.
    public let model: LinearModel
    /// The voxels.
    public let mask: Mask
    /// Voxels at which every subject has the same value: no statistic.
    public let constantVoxelCount: Int
    /// Voxels that the model fits without residual: no statistic.
    public let perfectVoxelCount: Int
    /// How many threads maps are computed with; changes nothing but time.
    public let threads: Int

    /// rank x voxels: `Q' y` of the shifted and scaled data.
    private let projections: [Double]
    /// Sum of squared residuals of the scaled data; NaN where there is no statistic.
    private let residualSquares: [Double]
    private let shifts: [Double]
    private let exponents: [Int32]

    /// The share of a voxel's length below which its residual is rounding and its variance 0.
    static let residualTolerance = 1e-12

    /// Fits `model` at every voxel of `cohort`.
    ///
    /// - Precondition: the cohort has as many subjects as the design has rows.
    public init(_ model: LinearModel, _ cohort: Cohort, threads: Int = availableThreads()) {
        precondition(cohort.subjectCount == model.subjectCount, "cohort and design have different rows")
        let (n, rank, voxels) = (model.subjectCount, model.rank, cohort.mask.count)
        let width = Panel.width
        let panelsPerBlock = 16
        let basis = model.factorisation.basis.elements
        let blocks = (cohort.panelCount + panelsPerBlock - 1) / panelsPerBlock
        let results = Mutex(Storage(rank: rank, voxels: voxels))

        forEachBlock(blocks, threads: threads, scratch: { PanelPreparation(subjects: n, rank: rank) }) {
            scratch, block in
            let first = block * panelsPerBlock
            let last = min(first + panelsPerBlock, cohort.panelCount)
            var part = Storage(rank: rank, voxels: min(voxels, last * width) - first * width)
            for panel in first..<last {
                scratch.load(cohort, panel: panel, shifting: model.constantProjection != nil)
                scratch.project(on: basis)
                let lanes = min(width, voxels - panel * width)
                let start = (panel - first) * width
                for lane in 0..<lanes {
                    let length = scratch.lengths[lane]
                    let tolerance = Self.residualTolerance * length
                    let squares = scratch.squares[lane]
                    if length == 0 {
                        part.constant += 1
                        part.residualSquares[start + lane] = .nan
                    } else if squares <= tolerance * tolerance {
                        part.perfect += 1
                        part.residualSquares[start + lane] = .nan
                    } else {
                        part.residualSquares[start + lane] = squares
                    }
                    part.shifts[start + lane] = scratch.shifts[lane]
                    part.exponents[start + lane] = scratch.exponents[lane]
                    for j in 0..<rank {
                        part.projections[j * part.voxels + start + lane] =
                            scratch.projection[j * width + lane]
                    }
                }
            }
            results.withLock { [part] in $0.insert(part, at: first * width) }
        }
        let all = results.withLock { $0 }
        self.model = model
        self.mask = cohort.mask
        self.threads = threads
        constantVoxelCount = all.constant
        perfectVoxelCount = all.perfect
        projections = all.projections
        residualSquares = all.residualSquares
        shifts = all.shifts
        exponents = all.exponents
    }

    /// Number of voxels with a statistic.
    public var testedVoxelCount: Int { mask.count - constantVoxelCount - perfectVoxelCount }

    /// Student's t of a t contrast: `c'beta / sqrt(c'(X'X)^-1 c SSE/dof)`. NaN where there is no statistic.
    public func t(_ partition: ContrastPartition) -> StatisticMap {
        precondition(!partition.isF, "t of an F contrast")
        let dof = Double(model.degreesOfFreedom)
        return map(.t(degreesOfFreedom: dof), partition) { a, squares, _ in
            a[0] / (squares / dof).squareRoot()
        }
    }

    /// Fisher's F: `|B'Q'y|^2 / r / (SSE/dof)`; for a single row the square of t.
    public func f(_ partition: ContrastPartition) -> StatisticMap {
        let dof = Double(model.degreesOfFreedom)
        let rank = Double(partition.testedRank)
        return map(.f(numerator: rank, denominator: dof), partition) { a, squares, _ in
            a.reduce(0) { $0 + $1 * $1 } / rank / (squares / dof)
        }
    }

    /// The statistic the contrast is tested with: t, or F for an F contrast.
    public func statistic(_ partition: ContrastPartition) -> StatisticMap {
        partition.isF ? f(partition) : t(partition)
    }

    /// The contrast of the parameters, `c'beta`, in units of the maps over those of the regressor.
    ///
    /// Defined also where the residual is zero.
    public func effect(_ partition: ContrastPartition) -> StatisticMap {
        precondition(!partition.isF, "the effect of an F contrast is not one number")
        return map(.effect, partition, evenWithoutStatistic: true) { a, _, exponent in
            scaled(a[0] * partition.effectScale, by: exponent)
        }
    }

    /// The estimated variance of the effect, `c'(X'X)^-1 c SSE/dof`.
    public func variance(_ partition: ContrastPartition) -> StatisticMap {
        let scale = partition.effectScale
        let dof = Double(model.degreesOfFreedom)
        return map(.variance, partition) { _, squares, exponent in
            scaled(scale * scale * squares / dof, by: 2 * exponent)
        }
    }

    /// The estimated standard error of the effect, the square root of ``variance(_:)``.
    public func standardError(_ partition: ContrastPartition) -> StatisticMap {
        let scale = partition.effectScale
        let dof = Double(model.degreesOfFreedom)
        return map(.standardError, partition) { _, squares, exponent in
            scaled(scale * (squares / dof).squareRoot(), by: exponent)
        }
    }

    /// The share of the variance left by the nuisance columns that the contrast explains:
    /// `|B'Q'y|^2 / (|B'Q'y|^2 + SSE) = t^2 / (t^2 + dof)`.
    public func partialR2(_ partition: ContrastPartition) -> StatisticMap {
        map(.partialR2, partition) { a, squares, _ in
            let explained = a.reduce(0) { $0 + $1 * $1 }
            return explained / (explained + squares)
        }
    }

    /// The effect in residual standard deviations, `c'beta / sqrt(SSE/dof)`: Cohen's d where the contrast is
    /// a mean or a difference of group means.
    public func cohensD(_ partition: ContrastPartition) -> StatisticMap {
        precondition(!partition.isF, "Cohen's d of an F contrast")
        let dof = Double(model.degreesOfFreedom)
        return map(.cohensD, partition) { a, squares, _ in
            a[0] * partition.effectScale / (squares / dof).squareRoot()
        }
    }

    /// The residual standard deviation, `sqrt(SSE/dof)`, in units of the maps; NaN without a statistic.
    public func residualStandardDeviation() -> [Double] {
        let dof = Double(model.degreesOfFreedom)
        return (0..<mask.count).map {
            scaled((residualSquares[$0] / dof).squareRoot(), by: Int(exponents[$0]))
        }
    }

    /// One value per voxel from the tested projections of the scaled data, its residual squares and the
    /// exponent of its scale.
    private func map(
        _ statistic: Statistic, _ partition: ContrastPartition, evenWithoutStatistic: Bool = false,
        _ value: @Sendable (_ tested: [Double], _ residualSquares: Double, _ exponent: Int) -> Double
    ) -> StatisticMap {
        precondition(partition.model.matrix == model.matrix, "the contrast is of another model")
        let (voxels, rank, tested) = (mask.count, model.rank, partition.testedRank)
        let chunk = 4096
        let parts = mapBlocks((voxels + chunk - 1) / chunk, threads: threads) { block -> [Double] in
            var a = [Double](repeating: 0, count: tested)
            return (block * chunk..<min(voxels, (block + 1) * chunk)).map { voxel in
                let squares = residualSquares[voxel]
                if squares.isNaN && !evenWithoutStatistic { return .nan }
                let exponent = Int(exponents[voxel])
                for i in 0..<tested {
                    var sum = 0.0
                    for j in 0..<rank { sum += partition.directions[j, i] * projections[j * voxels + voxel] }
                    let constant = partition.constantOnDirections[i]
                    if constant != 0 { sum += constant * scaled(shifts[voxel], by: -exponent) }
                    a[i] = sum
                }
                return value(a, squares, exponent)
            }
        }
        return StatisticMap(statistic, mask: mask, values: parts.flatMap { $0 })
    }

    private struct Storage: Sendable {
        let voxels: Int
        let rank: Int
        var projections: [Double]
        var residualSquares: [Double]
        var shifts: [Double]
        var exponents: [Int32]
        var constant = 0
        var perfect = 0

        init(rank: Int, voxels: Int) {
            self.voxels = voxels
            self.rank = rank
            projections = [Double](repeating: 0, count: rank * voxels)
            residualSquares = [Double](repeating: 0, count: voxels)
            shifts = residualSquares
            exponents = [Int32](repeating: 0, count: voxels)
        }

        mutating func insert(_ part: Storage, at start: Int) {
            residualSquares.replaceSubrange(start..<start + part.voxels, with: part.residualSquares)
            shifts.replaceSubrange(start..<start + part.voxels, with: part.shifts)
            exponents.replaceSubrange(start..<start + part.voxels, with: part.exponents)
            for j in 0..<rank {
                projections.replaceSubrange(
                    j * voxels + start..<j * voxels + start + part.voxels,
                    with: part.projections[j * part.voxels..<(j + 1) * part.voxels])
            }
            constant += part.constant
            perfect += part.perfect
        }
    }
}

/// `x * 2^exponent`, rounded once.
func scaled(_ x: Double, by exponent: Int) -> Double {
    exponent == 0 ? x : Double(sign: .plus, exponent: exponent, significand: x)
}
