public import CoveyCore
import CoveyImaging
import CoveyKernels
public import CoveyModel
import Synchronization

extension Smoothness {
    /// The smoothness of the errors of an ordinary least squares fit, from its residuals.
    ///
    /// Voxels without a statistic are left out, of the mask whose resels are counted too. Residuals are made
    /// anew, panel by panel, for as many subjects at a time as 64 MiB hold: the memory does not grow with the
    /// number of subjects. `nil` where ``SmoothnessEstimator/smoothness()`` finds none.
    ///
    /// - Precondition: the fit is of this cohort.
    public init?(
        residualsOf fit: Fit, in cohort: Cohort, threads: Int = availableThreads(),
        progress: ProgressListener = .silent
    ) {
        self.init(residualsOf: fit, in: cohort, budget: 64 << 20, threads: threads, progress: progress)
    }

    /// - Parameter budget: memory for maps of residuals at a time, in bytes; changes no bit.
    init?(
        residualsOf fit: Fit, in cohort: Cohort, budget: Int, threads: Int, progress: ProgressListener
    ) {
        precondition(fit.mask.offsets == cohort.mask.offsets, "the fit is of another cohort")
        let deviations = fit.residualStandardDeviation()
        // For each column of the cohort its column among the tested ones, or -1.
        var column = [Int32](repeating: -1, count: deviations.count)
        var tested: [Int32] = []
        for (place, deviation) in deviations.enumerated() where deviation > 0 {
            column[place] = Int32(tested.count)
            tested.append(cohort.mask.offsets[place])
        }
        guard !tested.isEmpty else { return nil }
        let mask = Mask(grid: cohort.mask.grid, offsets: tested)
        var estimator = SmoothnessEstimator(
            mask: mask, residualSumOfSquares: [Double](repeating: 1, count: mask.count))
        let (n, rank) = (cohort.subjectCount, fit.model.rank)
        let basis = fit.model.factorisation.basis.elements
        let batch = min(n, max(1, budget / (8 * mask.count)))
        let panelsPerBlock = 16
        let blocks = (cohort.panelCount + panelsPerBlock - 1) / panelsPerBlock
        let columns = column
        for first in stride(from: 0, to: n, by: batch) {
            let subjects = first..<min(first + batch, n)
            let rows = Mutex([Double](repeating: 0, count: subjects.count * mask.count))
            forEachBlock(blocks, threads: threads, scratch: { Scratch(subjects: n, rank: rank) }) {
                scratch, block in
                for panel in block * panelsPerBlock..<min((block + 1) * panelsPerBlock, cohort.panelCount) {
                    scratch.loadUnitResiduals(
                        cohort, panel, basis, shifting: fit.model.constantProjection != nil)
                    rows.withLock { rows in
                        for lane in 0..<min(Panel.width, columns.count - panel * Panel.width) {
                            let place = Int(columns[panel * Panel.width + lane])
                            guard place >= 0 else { continue }
                            for (k, subject) in subjects.enumerated() {
                                rows[k * mask.count + place] = scratch.residuals[subject * Panel.width + lane]
                            }
                        }
                    }
                }
            }
            rows.withLock { rows in
                for k in 0..<subjects.count {
                    estimator.add(Array(rows[k * mask.count..<(k + 1) * mask.count]))
                }
            }
            progress.report("smoothness", done: subjects.upperBound, of: n)
        }
        guard let found = estimator.smoothness() else { return nil }
        self = found
    }

    /// A panel and its residuals of length 1: the scratch space of a thread.
    private struct Scratch {
        var preparation: PanelPreparation
        var residuals: [Double]

        init(subjects: Int, rank: Int) {
            preparation = PanelPreparation(subjects: subjects, rank: rank)
            residuals = [Double](repeating: 0, count: subjects * Panel.width)
        }

        mutating func loadUnitResiduals(_ cohort: Cohort, _ panel: Int, _ basis: [Double], shifting: Bool) {
            preparation.load(cohort, panel: panel, shifting: shifting)
            preparation.project(on: basis)
            preparation.copyUnitResiduals(to: &residuals, at: 0)
        }
    }
}
