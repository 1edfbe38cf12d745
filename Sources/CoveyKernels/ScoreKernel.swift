import CCoveyKernels

/// Rows of shuffled bases in the layout the kernel reads: tiles of ``tile`` shuffles.
///
/// Every shuffle has `tested + nuisance` rows of `subjects` numbers.
public struct ShuffledRows: Sendable {
    /// Shuffles in a tile.
    public static let tile = Int(COVEY_TILE)

    /// Number of shuffles.
    public let count: Int
    /// Length of a row.
    public let subjects: Int
    /// Rows that span the tested space.
    public let tested: Int
    /// Rows that span the nuisance space.
    public let nuisance: Int
    /// tiles x rows x subjects x ``tile``.
    public private(set) var elements: [Double]

    /// Rows for `count` shuffles, all zero.
    public init(count: Int, subjects: Int, tested: Int, nuisance: Int) {
        precondition(count > 0 && subjects > 0 && tested > 0 && nuisance >= 0)
        self.count = count
        self.subjects = subjects
        self.tested = tested
        self.nuisance = nuisance
        elements = [Double](
            repeating: 0, count: Self.tiles(for: count) * (tested + nuisance) * subjects * Self.tile)
    }

    /// The shuffles of several parts, one after the other; all parts but the last fill their tiles.
    public init(joining parts: [ShuffledRows]) {
        let first = parts[0]
        precondition(
            parts.allSatisfy {
                $0.subjects == first.subjects && $0.tested == first.tested && $0.nuisance == first.nuisance
            } && parts.dropLast().allSatisfy { $0.count % Self.tile == 0 })
        count = parts.reduce(0) { $0 + $1.count }
        (subjects, tested, nuisance) = (first.subjects, first.tested, first.nuisance)
        elements = []
        elements.reserveCapacity(parts.reduce(0) { $0 + $1.elements.count })
        for part in parts { elements += part.elements }
    }

    /// Number of tiles that hold `count` shuffles.
    public static func tiles(for count: Int) -> Int { (count + tile - 1) / tile }

    /// Number of tiles.
    public var tileCount: Int { Self.tiles(for: count) }

    /// Sets the element of row `row` and subject `subject` of a shuffle.
    public subscript(shuffle: Int, row: Int, subject: Int) -> Double {
        get { elements[position(shuffle, row, subject)] }
        set { elements[position(shuffle, row, subject)] = newValue }
    }

    /// Fills the unused places of the last tile with NaN: their scores are NaN, reach no threshold and raise
    /// no maximum.
    public mutating func closeLastTile() {
        for shuffle in count..<(tileCount * Self.tile) {
            for row in 0..<(tested + nuisance) {
                for subject in 0..<subjects {
                    elements[position(shuffle, row, subject)] = .nan
                }
            }
        }
    }

    private func position(_ shuffle: Int, _ row: Int, _ subject: Int) -> Int {
        let (tile, lane) = shuffle.quotientAndRemainder(dividingBy: Self.tile)
        return ((tile * (tested + nuisance) + row) * subjects + subject) * Self.tile + lane
    }
}

/// Scores of shuffles on blocks of voxels: the hot loop of every permutation test.
///
/// With `a` the projections of a voxel's unit-length residual on the shuffled tested rows and `h` those on
/// the shuffled nuisance rows, the score is `a` (one tested row, no nuisance row), `a |a| / (1 - h'h)` (one
/// tested row) or `a'a / (1 - h'h)` (several): monotone in t, in t and in F.
public enum ScoreKernel {
    /// Scores every shuffle on a block of panels.
    ///
    /// - Parameters:
    ///   - data: panels x subjects x ``Panel/width``; every voxel of unit length.
    ///   - rows: the shuffles.
    ///   - screen: the same rows in single precision: the same bits for half the work.
    ///   - twoSided: score magnitudes (of a single tested row).
    ///   - thresholds: one per voxel of the block; `counts` gains 1 for each shuffle that reaches it. Empty:
    ///     nothing is counted.
    ///   - counts: as long as `thresholds`.
    ///   - maxima: `rows.tileCount * tile * lanes` running maxima, to be read by ``maxima(of:count:)``.
    public static func score(
        _ data: [Double], panels: Int, rows: ShuffledRows, screen: RowScreen? = nil, twoSided: Bool,
        thresholds: [Double], counts: inout [Int64], maxima: inout [Double],
        level: InstructionLevel = .best
    ) {
        unsafe run(data, panels, rows, twoSided, thresholds, &counts, &maxima, level) { block in
            if let screen {
                unsafe screen.score(&block, keeping: nil, level)
            } else {
                unsafe covey_score_block(level.rawValue, &block)
            }
        }
    }

    /// Scores every shuffle on a block of panels as
    /// ``score(_:panels:rows:screen:twoSided:thresholds:counts:maxima:level:)`` does, and keeps the high scores, with
    /// the bits that ``scores(_:panels:rows:twoSided:level:)`` has.
    ///
    /// - Parameter kept: receives them.
    public static func score(
        _ data: [Double], panels: Int, rows: ShuffledRows, screen: RowScreen, twoSided: Bool,
        thresholds: [Double], counts: inout [Int64], maxima: inout [Double], keeping kept: inout KeptScores,
        level: InstructionLevel = .best
    ) {
        unsafe kept.lend(panels: panels, tiles: rows.tileCount) { kept in
            unsafe run(data, panels, rows, twoSided, thresholds, &counts, &maxima, level) { block in
                unsafe screen.score(&block, keeping: kept, level)
            }
        }
    }

    private static func run(
        _ data: [Double], _ panels: Int, _ rows: ShuffledRows, _ twoSided: Bool, _ thresholds: [Double],
        _ counts: inout [Int64], _ maxima: inout [Double], _ level: InstructionLevel,
        _ body: (inout covey_block) -> Void
    ) {
        precondition(data.count >= panels * rows.subjects * Panel.width)
        precondition(counts.count == thresholds.count)
        precondition(thresholds.isEmpty || thresholds.count == panels * Panel.width)
        precondition(maxima.count == rows.tileCount * ShuffledRows.tile * Int(COVEY_MAX_LANES))
        unsafe run(data, panels, rows, twoSided, level) { block in
            unsafe thresholds.withUnsafeBufferPointer { thresholds in
                unsafe counts.withUnsafeMutableBufferPointer { counts in
                    unsafe maxima.withUnsafeMutableBufferPointer { maxima in
                        unsafe block.thresholds = thresholds.isEmpty ? nil : thresholds.baseAddress
                        unsafe block.counts = counts.baseAddress
                        unsafe block.maxima = maxima.baseAddress
                        unsafe body(&block)
                    }
                }
            }
        }
    }

    /// The scores themselves: shuffles x voxels of the block, row by row.
    ///
    /// The same arithmetic as ``score(_:panels:rows:twoSided:thresholds:counts:maxima:level:)``, so that the
    /// identity's score can serve as the threshold of its own ties.
    public static func scores(
        _ data: [Double], panels: Int, rows: ShuffledRows, twoSided: Bool, level: InstructionLevel = .best
    ) -> [Double] {
        let places = rows.tileCount * ShuffledRows.tile
        var maxima = emptyMaxima(shuffles: rows.count)
        var scores = [Double](repeating: 0, count: places * panels * Panel.width)
        unsafe run(data, panels, rows, twoSided, level) { block in
            unsafe maxima.withUnsafeMutableBufferPointer { maxima in
                unsafe scores.withUnsafeMutableBufferPointer { scores in
                    unsafe block.maxima = maxima.baseAddress
                    unsafe block.scores = scores.baseAddress
                    unsafe covey_score_block(level.rawValue, &block)
                }
            }
        }
        scores.removeLast((places - rows.count) * panels * Panel.width)
        return scores
    }

    /// Running maxima before the first block.
    public static func emptyMaxima(shuffles: Int) -> [Double] {
        [Double](
            repeating: -.infinity,
            count: ShuffledRows.tiles(for: shuffles) * ShuffledRows.tile * Int(COVEY_MAX_LANES))
    }

    /// The greatest score of each shuffle, from running maxima.
    public static func maxima(of running: [Double], count: Int) -> [Double] {
        let lanes = Int(COVEY_MAX_LANES)
        return (0..<count).map { shuffle in
            running[shuffle * lanes..<(shuffle + 1) * lanes].reduce(-.infinity, max)
        }
    }

    static func run(
        _ data: [Double], _ panels: Int, _ rows: ShuffledRows, _ twoSided: Bool, _ level: InstructionLevel,
        _ body: (inout covey_block) -> Void
    ) {
        unsafe data.withUnsafeBufferPointer { data in
            unsafe rows.elements.withUnsafeBufferPointer { elements in
                var block = unsafe covey_block()
                unsafe block.subjects = rows.subjects
                unsafe block.panels = panels
                unsafe block.data = data.baseAddress
                unsafe block.tiles = rows.tileCount
                unsafe block.tested = rows.tested
                unsafe block.nuisance = rows.nuisance
                unsafe block.rows = elements.baseAddress
                unsafe block.two_sided = twoSided ? 1 : 0
                unsafe body(&block)
            }
        }
    }
}
