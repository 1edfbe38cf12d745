public import CoveyCore
import CoveyKernels

/// What single subjects do to a t contrast in ordinary least squares, without fitting again.
///
/// With the hat matrix's diagonal `h`, residuals `e`, and `w = X (X'X)^+ c`, so that `c'b = w'y`, leaving subject i out
/// changes (Belsley, Kuh and Welsch 1980, Regression Diagnostics, chapter 2)
///
///     effect        by  -w_i e_i / (1 - h_i)
///     w'w           by  +w_i^2 / (1 - h_i)
///     RSS           by  -e_i^2 / (1 - h_i),  on one degree of freedom less
public struct Influence: Sendable {
    /// The diagonal of the hat matrix: one number per subject.
    public let leverage: [Double]
    private let basis: Matrix
    private let weights: [Double]
    private let degreesOfFreedom: Double
    private let rank: Double

    /// A subject whose leverage is within this of 1 is fitted exactly: without it the design is another.
    private static let fullLeverage = 1 - 1e-9

    /// The influence on a contrast.
    ///
    /// - Precondition: a t contrast.
    public init(_ partition: ContrastPartition) {
        precondition(!partition.isF, "influence on an F contrast")
        let basis = partition.model.factorisation.basis
        self.basis = basis
        leverage = Self.leverage(of: basis)
        weights = partition.testedBasis.column(0).map { $0 * partition.effectScale }
        degreesOfFreedom = Double(partition.degreesOfFreedom)
        rank = Double(partition.model.rank)
    }

    private static func leverage(of basis: Matrix) -> [Double] {
        (0..<basis.rows).map { r in (0..<basis.columns).reduce(0) { $0 + basis[r, $1] * basis[r, $1] } }
    }

    /// The t statistic of a voxel without each subject in turn; `nil` where the contrast is not estimable, no degree
    /// of freedom is left, or nothing varies without the subject.
    ///
    /// - Parameter values: one per subject.
    public func statistics(without values: [Double]) -> [Double?] {
        let residuals = residuals(values)
        let squares = residuals.reduce(0) { $0 + $1 * $1 }
        let length = weights.reduce(0) { $0 + $1 * $1 }
        let effect = zip(weights, values).reduce(0) { $0 + $1.0 * $1.1 }
        return values.indices.map { i in
            let (h, e, w) = (leverage[i], residuals[i], weights[i])
            guard h < Self.fullLeverage else {
                // The subject has a parameter of its own; another contrast does not notice.
                return abs(w) < 1e-9 * length.squareRoot()
                    ? effect / (squares / degreesOfFreedom * length).squareRoot() : nil
            }
            let rest = squares - e * e / (1 - h)
            guard degreesOfFreedom > 1, rest > 1e-20 * squares else { return nil }
            let variance = rest / (degreesOfFreedom - 1) * (length + w * w / (1 - h))
            return (effect - w * e / (1 - h)) / variance.squareRoot()
        }
    }

    /// Cook's distance of every subject at a voxel: `e_i^2 h_i / (p s^2 (1 - h_i)^2)` with p the rank of the design
    /// (Cook 1977, Technometrics 19:15-18); NaN for a leverage of 1.
    public func cooksDistances(_ values: [Double]) -> [Double] {
        let residuals = residuals(values)
        let variance = residuals.reduce(0) { $0 + $1 * $1 } / degreesOfFreedom
        return residuals.indices.map { residuals[$0] * residuals[$0] / variance * cookFactor($0) }
    }

    /// Cook's distance of every subject, the mean over the voxels with a statistic; NaN for a leverage of 1.
    ///
    /// One pass over the cohort; the same bits on any number of threads.
    public func meanCooksDistances(
        _ fit: Fit, _ cohort: Cohort, threads: Int = availableThreads()
    ) -> [Double] {
        precondition(fit.mask.offsets == cohort.mask.offsets, "the fit is of another cohort")
        let (n, width) = (cohort.subjectCount, Panel.width)
        let deviations = fit.residualStandardDeviation()
        let panelsPerBlock = 64
        let sums = mapBlocks((cohort.panelCount + panelsPerBlock - 1) / panelsPerBlock, threads: threads) {
            block -> [Double] in
            var preparation = PanelPreparation(subjects: n, rank: basis.columns)
            var unit = [Double](repeating: 0, count: n * width)
            var sums = [Double](repeating: 0, count: n)
            for panel in block * panelsPerBlock..<min((block + 1) * panelsPerBlock, cohort.panelCount) {
                preparation.load(cohort, panel: panel, shifting: fit.model.constantProjection != nil)
                preparation.project(on: basis.elements)
                preparation.copyUnitResiduals(to: &unit, at: 0)
                for lane in 0..<min(width, deviations.count - panel * width)
                where deviations[panel * width + lane] > 0 {
                    for k in 0..<n { sums[k] += unit[k * width + lane] * unit[k * width + lane] }
                }
            }
            return sums
        }
        let tested = Double(fit.testedVoxelCount)
        return (0..<n).map { k in
            degreesOfFreedom * sums.reduce(0) { $0 + $1[k] } / tested * cookFactor(k)
        }
    }

    private func cookFactor(_ i: Int) -> Double {
        let h = leverage[i]
        return h < Self.fullLeverage ? h / (rank * (1 - h) * (1 - h)) : .nan
    }

    /// What the design leaves of the values, in two passes.
    private func residuals(_ values: [Double]) -> [Double] {
        precondition(values.count == basis.rows, "\(values.count) values")
        var rest = values
        for _ in 0..<2 {
            for j in 0..<basis.columns {
                let dot = rest.indices.reduce(0.0) { $0 + basis[$1, j] * rest[$1] }
                for i in rest.indices { rest[i] -= dot * basis[i, j] }
            }
        }
        return rest
    }
}
