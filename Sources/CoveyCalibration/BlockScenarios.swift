import CoveyCore
import CoveyImaging
import CoveyInference
import CoveyModel

/// Error rates with errors that depend on each other inside blocks: shuffles that respect the blocks hold the level,
/// free ones do not.
struct BlockScenario: Sendable {
    let name: String
    /// What is exchanged; `nil`: every row with every other.
    var exchange: ExchangeabilityBlocks.Exchange?
    var scheme = ExchangeScheme.permute
    /// What is tested: a column that is the same for all rows of a block, one that varies inside with the level of the
    /// block taken out, or the mean.
    var tested = Tested.betweenBlocks
    var isValid = true

    enum Tested { case betweenBlocks, withinBlocks, unequalBlocks, mean }

    static let all = [
        BlockScenario(
            name: "covariate of whole blocks, dependent errors, whole blocks permuted", exchange: .whole),
        BlockScenario(
            name: "covariate of whole blocks, dependent errors, rows permuted freely", isValid: false),
        BlockScenario(
            name: "mean, dependent errors, whole blocks flipped", exchange: .whole, scheme: .flip,
            tested: .mean),
        BlockScenario(
            name: "mean, dependent errors, rows flipped freely", scheme: .flip, tested: .mean, isValid: false),
        BlockScenario(
            name: "repeated measures, subject effects, maps permuted within subjects", exchange: .within,
            tested: .withinBlocks),
        BlockScenario(
            name: "blocks of unequal variance and spread, rows permuted within blocks", exchange: .within,
            tested: .unequalBlocks),
        BlockScenario(
            name: "blocks of unequal variance and spread, rows permuted freely", tested: .unequalBlocks,
            isValid: false),
    ]

    private static let blockCount = 12
    private static let rowsPerBlock = 4

    /// What is compared.
    static var choice: InferenceChoice {
        var choice = InferenceChoice()
        choice.tfce = TFCE()
        choice.formingHeights = [1.7]
        return choice
    }

    /// Whether each quantity finds something at family-wise .05 in a data set without an effect.
    func rejects(_ index: Int) throws -> [Bool] {
        let grid = Grid(shape: [5, 4, 3], affine: Affine([1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0]))
        let voxels = grid.count
        var random = NormalStream(index: UInt64(index))
        let n = Self.blockCount * Self.rowsPerBlock
        let block = (0..<n).map { $0 / Self.rowsPerBlock }
        func draws(_ count: Int) -> [Double] { (0..<count).map { _ in random.next() } }
        // The first two blocks are noisy, and the covariate is spread there.
        let spread = (0..<n).map { tested == .unequalBlocks && block[$0] < 2 ? 4.0 : 1 }
        let shared = (0..<Self.blockCount).map { _ in draws(voxels) }
        let share = tested == .unequalBlocks ? 0.0 : 1
        let rows = (0..<n).map { row in
            zip(draws(voxels), shared[block[row]]).map { spread[row] * $0 + share * $1 }
        }
        let ones = [Double](repeating: 1, count: n)
        let levels = (1..<Self.blockCount).map { level in block.map { $0 == level ? 1.0 : 0 } }
        let between = draws(Self.blockCount)
        let columns: [[Double]] =
            switch tested {
            case .mean: [ones]
            case .betweenBlocks: [block.map { between[$0] }, ones]
            case .withinBlocks: [draws(n), ones] + levels
            case .unequalBlocks: [zip(draws(n), spread).map { $0 * $1 }, ones]
            }
        let design = Matrix(columns: columns)
        let model = try LinearModel(matrix: design)
        let partition = try ContrastPartition(
            model, weights: Matrix(rows: [columns.indices.map { $0 == 0 ? 1 : 0 }]), isF: false, name: name)
        let cohort = Cohort(
            identifiers: rows.indices.map(String.init), mask: Mask(grid: grid) { _ in true }
        ) { rows[$0] }
        let blocks = try exchange.map {
            try ExchangeabilityBlocks(levels: block.map { [$0 + 1] }, source: "simulated", exchange: $0)
        }
        let plan = ShufflePlan(count: 199, exchanging: scheme, seed: UInt64(index))
        return PermutationTest(
            partition, cohort, Fit(model, cohort, threads: 1), tail: .greater,
            shuffles: ShuffleSet(plan, design: design, blocks: blocks), comparing: Self.choice
        ).run(threads: 1).all.map { $0.familyWiseP.values.contains { $0 <= 0.05 } }
    }
}
