import CCoveyKernels

/// Rows of shuffled columns from which the scores of several contrasts of one model come, and what each shuffle makes of
/// the columns that any of them tests.
///
/// With `A` those columns (``moved`` of them, orthonormal) and `B` the model's others, the rows of a shuffle are its `A`
/// and `B`; the data are residuals on the unshuffled `B`. See `covey_share` in shuffle_kernels.h for the formulae.
public struct SharedRows: Sendable {
    /// The most rows.
    public static let mostRows = Int(COVEY_SHARED_ROWS)
    /// The most columns `A`.
    public static let mostMoved = Int(COVEY_SHARED_MOVED)
    /// The most contrasts.
    public static let mostContrasts = Int(COVEY_SHARED_CONTRASTS)

    /// The rows, `A`'s first.
    public let rows: ShuffledRows
    /// Number of columns `A`.
    public var moved: Int { rows.tested }
    /// Number of rows of a shuffle.
    public var lines: Int { rows.tested + rows.nuisance }
    /// tiles x lines x moved x ``ShuffledRows/tile``: every shuffle's rows times `A`.
    let movement: [Double]

    /// - Parameters:
    ///   - rows: `A`'s as tested rows, the others as nuisance rows.
    ///   - columns: `A`, moved x subjects.
    public init(_ rows: ShuffledRows, columns: [Double]) {
        let (moved, lines) = (rows.tested, rows.tested + rows.nuisance)
        precondition(
            columns.count == moved * rows.subjects && lines <= Self.mostRows && moved <= Self.mostMoved)
        self.rows = rows
        var movement = [Double](repeating: 0, count: rows.tileCount * lines * moved * ShuffledRows.tile)
        for line in 0..<rows.tileCount * lines {
            unsafe covey_row_products(rows.elements, line, rows.subjects, columns, moved, &movement)
        }
        self.movement = movement
    }
}

/// What tells one contrast from the others that share its rows.
public struct SharedContrast: Sendable {
    /// Its tested columns by ``SharedRows``' columns `A`: tested x moved, orthonormal rows. A contrast of which small
    /// statistics count has the signs turned.
    public let weights: [Double]
    /// Rank of what is tested.
    public let tested: Int
    /// Whether magnitudes are scored, of a single tested column.
    public let twoSided: Bool

    /// A contrast of several.
    public init(weights: [Double], tested: Int, twoSided: Bool) {
        precondition(tested > 0 && weights.count % tested == 0)
        (self.weights, self.tested, self.twoSided) = (weights, tested, twoSided)
    }
}

/// A block of data as contrasts that share rows see it.
public struct SharedData: Sendable {
    /// Residuals on the columns that no contrast tests: panels x subjects x ``Panel/width``, of unit length.
    public let data: [Double]
    /// Number of panels.
    public let panels: Int
    /// contrasts x moved x columns: what of each voxel other contrasts test.
    let fitted: [Double]
    /// contrasts x columns: what that leaves of its squared length.
    public let own: [Double]

    /// The data, and what each contrast makes of them.
    ///
    /// - Parameter columns: the columns `A` as the single rows of as many shuffles.
    public init(_ data: [Double], panels: Int, columns rows: ShuffledRows, contrasts: [SharedContrast]) {
        let moved = rows.count
        let columns = panels * Panel.width
        self.data = data
        self.panels = panels
        let projections = ScoreKernel.scores(data, panels: panels, rows: rows, twoSided: false)
        var fitted: [Double] = []
        fitted.reserveCapacity(contrasts.count * moved * columns)
        var own = [Double](repeating: 1, count: contrasts.count * columns)
        for (k, contrast) in contrasts.enumerated() {
            var rest = projections
            for t in 0..<contrast.tested {
                let weights = contrast.weights[t * moved..<(t + 1) * moved]
                var mine = [Double](repeating: 0, count: columns)
                for (i, weight) in weights.enumerated() {
                    for c in 0..<columns { mine[c] += weight * projections[i * columns + c] }
                }
                for (i, weight) in weights.enumerated() {
                    for c in 0..<columns { rest[i * columns + c] -= weight * mine[c] }
                }
            }
            for i in 0..<moved {
                for c in 0..<columns { own[k * columns + c] -= rest[i * columns + c] * rest[i * columns + c] }
            }
            fitted += rest
        }
        (self.fitted, self.own) = (fitted, own)
    }
}

/// ``SharedRows`` in single precision, as ``RowScreen`` has rows of one contrast.
public struct SharedScreen: Sendable {
    private let rows: [Float]
    private let movement: [Float]
    private let weights: [Float]
    private let errors: [Float]
    private let slopes: [Float]
    private let rounding: Float

    /// The screen of some rows; `nil` where there are so many subjects that nothing is gained.
    public init?(_ shared: SharedRows, contrasts: [SharedContrast]) {
        guard let screen = RowScreen(shared.rows) else { return nil }
        rows = screen.elements
        movement = shared.movement.map { Float($0) }
        weights = contrasts.flatMap(\.weights).map { Float($0) }
        let (lines, moved, unit) = (Float(shared.lines), Float(shared.moved), Float(0x1p-24))
        let part = screen.error + (3 * moved + 8) * unit
        let rounding = (2 * lines + 10) * unit
        self.rounding = rounding
        let errors = contrasts.map { contrast in
            let sums = (0..<contrast.tested).map { t in
                contrast.weights[t * shared.moved..<(t + 1) * shared.moved].reduce(0) { $0 + abs($1) }
            }
            return Float(sums.max()!) * 1.0001 * part + (2 * moved + 3) * unit
        }
        self.errors = errors
        slopes = zip(contrasts, errors).map { contrast, error in
            let tested = Float(contrast.tested)
            return 2.02 * part * (lines.squareRoot() + lines * part)
                + 2.02 * error * (tested.squareRoot() + tested * error) + rounding
        }
    }

    /// Scores the block, whose rows are those of this screen.
    ///
    /// - Parameter kept: where the high scores of each contrast are kept; empty: nowhere.
    func score(
        _ data: SharedData, _ shared: SharedRows, _ contrasts: [SharedContrast],
        _ tally: inout SharedTally, keeping kept: [UnsafeMutablePointer<covey_kept>?],
        _ level: InstructionLevel
    ) {
        let bytes = covey_shared_room(
            shared.rows.subjects, data.panels, shared.rows.tileCount, shared.moved, contrasts.count)
        unsafe withUnsafeTemporaryAllocation(byteCount: bytes, alignment: 64) { room in
            unsafe ScoreKernel.run(data.data, data.panels, shared.rows, false, level) { block in
                unsafe covey_screen_shared(
                    level.rawValue, &block, shared.movement, contrasts.count, contrasts.map(\.tested),
                    contrasts.map { $0.twoSided ? 1 : 0 }, contrasts.flatMap(\.weights), data.fitted,
                    data.own,
                    tally.thresholds, &tally.counts, &tally.maxima, rows, movement, weights, errors, slopes,
                    rounding, kept.isEmpty ? nil : kept, room.baseAddress)
            }
        }
    }
}

/// What scores of several contrasts are added to.
public struct SharedTally: Sendable {
    /// contrasts x columns of a block.
    public var thresholds: [Double] = []
    /// As long as ``thresholds``.
    public var counts: [Int64] = []
    /// For each contrast, running maxima as ``ScoreKernel/maxima(of:count:)`` reads them.
    public var maxima: [Double]
    /// For each contrast, the scores that are kept; empty: none are.
    public var kept: [KeptScores]

    /// Before the first block.
    public init(shuffles: Int, contrasts: Int, keeping kept: [KeptScores] = []) {
        let empty = ScoreKernel.emptyMaxima(shuffles: shuffles)
        maxima = (0..<contrasts).flatMap { _ in empty }
        self.kept = kept
    }
}

extension ScoreKernel {
    /// The scores of several contrasts: for each, shuffles x voxels of the block, row by row.
    public static func scores(
        _ data: SharedData, rows: SharedRows, contrasts: [SharedContrast], level: InstructionLevel = .best
    ) -> [[Double]] {
        let columns = data.panels * Panel.width
        let places = rows.rows.tileCount * ShuffledRows.tile * columns
        var tally = SharedTally(shuffles: rows.rows.count, contrasts: contrasts.count)
        var scores = [Double](repeating: 0, count: contrasts.count * places)
        require(data, rows, contrasts, tally)
        unsafe run(data.data, data.panels, rows.rows, false, level) { block in
            unsafe covey_score_shared(
                level.rawValue, &block, rows.movement, contrasts.count, contrasts.map(\.tested),
                contrasts.map { $0.twoSided ? 1 : 0 }, contrasts.flatMap(\.weights), data.fitted, data.own,
                nil,
                nil, &tally.maxima, &scores)
        }
        return contrasts.indices.map {
            Array(scores[$0 * places..<$0 * places + rows.rows.count * columns])
        }
    }

    /// Scores every shuffle on a block for several contrasts: counts, maxima, and high scores where some are kept.
    ///
    /// - Parameter screen: the rows in single precision: the same bits for half the work.
    public static func score(
        _ data: SharedData, rows: SharedRows, contrasts: [SharedContrast], screen: SharedScreen?,
        into tally: inout SharedTally, level: InstructionLevel = .best
    ) {
        require(data, rows, contrasts, tally)
        precondition(tally.thresholds.count == contrasts.count * data.panels * Panel.width)
        precondition(tally.counts.count == tally.thresholds.count)
        guard let screen else {
            precondition(tally.kept.isEmpty, "high scores without a screen")
            unsafe run(data.data, data.panels, rows.rows, false, level) { block in
                unsafe covey_score_shared(
                    level.rawValue, &block, rows.movement, contrasts.count, contrasts.map(\.tested),
                    contrasts.map { $0.twoSided ? 1 : 0 }, contrasts.flatMap(\.weights), data.fitted,
                    data.own,
                    tally.thresholds, &tally.counts, &tally.maxima, nil)
            }
            return
        }
        var kept = tally.kept[...]
        tally.kept = []
        unsafe lend(&kept, panels: data.panels, tiles: rows.rows.tileCount, []) { kept in
            unsafe screen.score(data, rows, contrasts, &tally, keeping: kept, level)
        }
        tally.kept = Array(kept)
    }

    /// Lends the room of all contrasts to the kernel.
    private static func lend(
        _ rest: inout ArraySlice<KeptScores>, panels: Int, tiles: Int,
        _ lent: [UnsafeMutablePointer<covey_kept>?], _ body: ([UnsafeMutablePointer<covey_kept>?]) -> Void
    ) {
        guard var first = rest.popFirst() else {
            unsafe body(lent)
            return
        }
        unsafe first.lend(panels: panels, tiles: tiles) { pointer in
            unsafe lend(&rest, panels: panels, tiles: tiles, lent + [pointer], body)
        }
        rest = [first] + rest
    }

    private static func require(
        _ data: SharedData, _ rows: SharedRows, _ contrasts: [SharedContrast], _ tally: SharedTally
    ) {
        let columns = data.panels * Panel.width
        let lanes = rows.rows.tileCount * ShuffledRows.tile * Int(COVEY_MAX_LANES)
        precondition(!contrasts.isEmpty && contrasts.count <= SharedRows.mostContrasts)
        precondition(
            contrasts.allSatisfy { $0.weights.count == $0.tested * rows.moved && $0.tested <= rows.moved })
        precondition(
            data.data.count >= data.panels * rows.rows.subjects * Panel.width
                && data.fitted.count == contrasts.count * rows.moved * columns
                && data.own.count == contrasts.count * columns)
        precondition(tally.maxima.count == contrasts.count * lanes)
        precondition(tally.kept.isEmpty || tally.kept.count == contrasts.count)
    }
}
