import CoveyCore
import CoveyImaging
import CoveyInference
import CoveyModel

/// Error rates where subjects are missing, where variances are smoothed and where the design differs by voxel.
struct VariantScenario: Sendable {
    let name: String
    let kind: Kind
    var scheme = ExchangeScheme.permute

    enum Kind { case missing, pseudoT, voxelwise }

    static let all = [
        VariantScenario(name: "a tenth of the values missing, groups, labels permuted", kind: .missing),
        VariantScenario(name: "pseudo-t of a mean, 8 subjects, signs flipped", kind: .pseudoT, scheme: .flip),
        VariantScenario(
            name: "an image as regressor beside a covariate, labels permuted", kind: .voxelwise),
    ]

    /// Whether the family-wise test at .05 finds something in a data set without an effect.
    func rejects(_ index: Int) throws -> Bool {
        var random = NormalStream(index: UInt64(index))
        func draws(_ count: Int) -> [Double] { (0..<count).map { _ in random.next() } }
        let n = kind == .pseudoT ? 8 : 20
        let grid = Grid(shape: [5, 4, 3], affine: Affine([2, 0, 0, 0, 0, 2, 0, 0, 0, 0, 2, 0]))
        let mask = Mask(grid: grid) { _ in true }
        let rows = (0..<n).map { _ in draws(grid.count) }
        let names = (0..<n).map(String.init)
        let cohort = Cohort(identifiers: names, mask: mask) { rows[$0] }

        let ones = [Double](repeating: 1, count: n)
        let columns: [[Double]] =
            switch kind {
            case .missing: [(0..<n).map { Double($0 % 2) }, ones]
            case .pseudoT: [ones]
            case .voxelwise: [draws(n), draws(n), ones]
            }
        let design = Matrix(columns: columns)
        let weights = Matrix(rows: [columns.indices.map { $0 == 0 ? 1.0 : 0 }])
        let partition = try ContrastPartition(
            LinearModel(matrix: design), weights: weights, isF: false, name: name)
        let fit = Fit(partition.model, cohort, threads: 1)
        let statistic: any ShuffledStatistic
        var tested = mask
        switch kind {
        case .missing:
            let missing = rows.map { row in row.map { _ in random.next() > 1.2816 } }
            let partial = PartialCohort(identifiers: names, mask: mask, minimumSubjects: 12) { subject in
                zip(rows[subject], missing[subject]).map { $1 ? .nan : $0 }
            }
            tested = partial.mask
            statistic = MissingDataStatistic(PartialFit(partition, partial, threads: 1))
        case .pseudoT:
            statistic = try PseudoTStatistic(partition, fit, cohort, fwhmMillimeters: 6)
        case .voxelwise:
            let images = (0..<n).map { _ in draws(grid.count) }
            let image = Cohort(identifiers: names, mask: mask) { images[$0] }
            let voxelwise = try VoxelwiseDesign(
                matrix: design, regressors: [0: image], weights: weights, isF: false, name: name)
            statistic = VoxelwiseRegressorStatistic(
                try VoxelwiseFit(voxelwise, cohort, threads: 1), cohort)
        }
        let plan = ShufflePlan(count: 199, exchanging: scheme, seed: UInt64(index))
        let result = PermutationTest(
            statistic, mask: tested, tail: .twoSided, shuffles: ShuffleSet(plan, design: design)
        ).run(threads: 1).voxel
        return result.familyWiseP.values.contains { $0 <= 0.05 }
    }
}
