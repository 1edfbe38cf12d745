import CCoveyKernels

/// Shuffled statistics with a variance for each group of subjects: Aspin and Welch's v, and G.
///
/// The residuals of every shuffle are computed and summed by group; nothing is taken from differences of
/// large sums. `welch.h` has the formulas.
public struct WelchKernel: Sendable {
    /// Rows of the design.
    public let subjects: Int
    /// Columns of the basis.
    public let columns: Int
    /// Columns of the tested space.
    public let tested: Int
    /// Number of groups.
    public let groups: Int
    /// The trace of the residual-forming matrix over each group's rows: the group's degrees of freedom.
    public let traces: [Double]
    /// Row `order[k]` of the design stands at place `k`: by group, then as given.
    private let order: [Int]
    private let basis: [Double]
    private let ends: [Int]
    private let grams: [Double]

    /// The moves of several shuffles, as the kernel reads them.
    public struct Moves: Sendable {
        fileprivate let order: [Int]
        fileprivate var rows: [Int32] = []
        fileprivate var signs: [Double] = []

        /// Number of shuffles.
        public var count: Int { rows.count / order.count }

        /// Appends the shuffle under which row `i` of the data meets `signs[i]` times row `source[i]` of the
        /// design.
        public mutating func append(source: [Int], signs given: [Int8]) {
            precondition(source.count == order.count && given.count == order.count)
            var met = [Int](repeating: 0, count: order.count)
            for (i, row) in source.enumerated() { met[row] = i }
            for row in order {
                rows.append(Int32(met[row]))
                signs.append(Double(given[met[row]]))
            }
        }
    }

    /// Room to work in, one per thread.
    public struct Scratch: Sendable {
        fileprivate var elements: [Double]
    }

    /// A kernel for a design.
    ///
    /// - Parameters:
    ///   - nuisance: subjects x any number of columns, row by row.
    ///   - tested: subjects x `testedColumns`, row by row; the columns of both together are orthonormal.
    ///   - labels: the group of each subject, `0..<groups`.
    public init(
        nuisance: [Double], tested: [Double], testedColumns: Int, labels: [Int], groups: Int
    ) {
        let n = labels.count
        precondition(testedColumns > 0 && tested.count == n * testedColumns && nuisance.count % n == 0)
        precondition(labels.allSatisfy { (0..<groups).contains($0) })
        let fixed = nuisance.count / n
        let columns = fixed + testedColumns
        let order = (0..<groups).flatMap { group in labels.indices.filter { labels[$0] == group } }
        var basis: [Double] = []
        for row in order {
            basis += nuisance[row * fixed..<(row + 1) * fixed]
            basis += tested[row * testedColumns..<(row + 1) * testedColumns]
        }
        var ends: [Int] = []
        var grams = [Double](repeating: 0, count: groups * columns * columns)
        var traces = [Double](repeating: 0, count: groups)
        for group in 0..<groups {
            let first = ends.last ?? 0
            let last = first + labels.count { $0 == group }
            ends.append(last)
            for row in first..<last {
                let b = Array(basis[row * columns..<(row + 1) * columns])
                traces[group] += 1 - b.reduce(0) { $0 + $1 * $1 }
                for i in 0..<columns {
                    for k in 0..<columns { grams[(group * columns + i) * columns + k] += b[i] * b[k] }
                }
            }
        }
        subjects = n
        self.columns = columns
        self.tested = testedColumns
        self.groups = groups
        self.traces = traces
        self.order = order
        self.basis = basis
        self.ends = ends
        self.grams = grams
    }

    /// No moves yet.
    public func makeMoves() -> Moves { Moves(order: order) }

    /// Room to work in.
    public func makeScratch() -> Scratch {
        Scratch(
            elements: [Double](
                repeating: 0, count: covey_welch_scratch_count(subjects, columns, tested, groups)))
    }

    /// The statistics of every shuffle on one panel.
    ///
    /// - Parameters:
    ///   - panel: subjects x ``Panel/width``: residuals on the nuisance columns, every voxel of unit length.
    ///   - squares: G rather than v.
    ///   - values: shuffles x width, out.
    ///   - degreesOfFreedom: shuffles x width, out; empty: not wanted. With them G is replaced by the
    ///     approximate F that has them.
    public func statistics(
        of panel: [Double], moves: Moves, squares: Bool, values: inout [Double],
        degreesOfFreedom: inout [Double], scratch: inout Scratch, level: InstructionLevel = .best
    ) {
        let size = moves.count * Panel.width
        precondition(panel.count == subjects * Panel.width && moves.order == order)
        precondition(squares || tested == 1)
        precondition(values.count >= size)
        precondition(degreesOfFreedom.isEmpty || degreesOfFreedom.count >= size)
        var work = covey_welch(
            subjects: subjects, columns: columns, tested: tested, groups: groups, shuffles: moves.count,
            squares: squares ? 1 : 0, approximates: degreesOfFreedom.isEmpty ? 0 : 1)
        unsafe covey_welch_panel(
            level.rawValue, &work, basis, ends, grams, traces, moves.rows, moves.signs, panel, &values,
            &degreesOfFreedom, &scratch.elements)
    }
}
