import CoveyCore
import CoveyModel
import CoveyReport

extension ReportScatter {
    /// How subjects are plotted against a contrast of a design.
    ///
    /// The tested regressor of a contrast `c` is `X1 = w / (w'w)` with `w = X (X'X)^+ c`, the part of the design
    /// that moves with `c'beta` and with nothing else (Beckmann et al. 2001; Winkler et al. 2014, appendix A): the
    /// data regressed on it, beside what is orthogonal to it, give `w'y = c'beta`. Where one column is weighted by
    /// 1, the mean of that column is added, so that the axis is the column's own.
    init(_ found: ContrastAnalysis, _ design: Design) {
        let partition = found.partition
        let basis = partition.model.factorisation.basis
        guard !partition.isF else {
            self.init(
                xName: "the fitted value of the whole model", yName: "Value", isAdjusted: false, x: [],
                origin: 0, weights: [],
                basis: basis, addsMean: false, intervalFactor: 0)
            return
        }
        let weights = partition.testedBasis.column(0).map { $0 * partition.effectScale }
        let square = weights.reduce(0) { $0 + $1 * $1 }
        let regressor = weights.map { $0 / square }
        let isCentred = partition.constantIsNuisance
        let used = found.contrast.weightedColumns
        let row = found.contrast.weights.row(0)
        let single =
            used.count == 1 ? design.names.firstIndex(of: used[0]).flatMap { row[$0] == 1 ? $0 : nil } : nil
        let column = single.map(design.matrix.column)
        let origin = isCentred ? column.map { $0.reduce(0, +) / Double($0.count) } ?? 0 : 0
        let others = design.columns.count > (isCentred ? 2 : 1)
        let name = printable(single.map { design.names[$0] } ?? found.title, limit: 60)
        self.init(
            xName: name, yName: others ? "Adjusted value" : "Value", isAdjusted: others,
            x: rounded(regressor.map { $0 + origin }), origin: origin, weights: weights, basis: basis,
            addsMean: isCentred, intervalFactor: Covey.intervalFactor(partition))
    }
}

/// Values that differ by rounding alone made equal, so that subjects of one group stand at one place.
private func rounded(_ values: [Double]) -> [Double] {
    let greatest = values.reduce(0) { max($0, abs($1)) }
    guard greatest > 0 else { return values }
    let unit = greatest * 0x1p-40
    return values.map { ($0 / unit).rounded() * unit }
}
