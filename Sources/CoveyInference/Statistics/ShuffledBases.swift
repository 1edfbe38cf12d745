import CoveyCore
import CoveyKernels
import CoveyModel

/// The short rows that stand for a shuffle in the kernel, for each method of treating nuisance columns, and the
/// data that they are multiplied with.
///
/// With `T` and `U` orthonormal bases of the tested and the nuisance space, `Y` the data and `R` the
/// residual-forming matrix of `U`:
///
/// | method | data | rows |
/// | --- | --- | --- |
/// | Freedman-Lane | `R Y` (of Guttman's split: residuals on the columns without weight) | `P'T, P'U` |
/// | ter Braak | residuals on `U` and `T` | `P'T, P'U` |
/// | Manly | `Y` | `P'T, P'U` |
/// | Draper-Stoneman, Smith | `R Y` | bases of what is tested, and of the rest, in `R P X` |
///
/// Under permutation a constant nuisance column stays where it is and data orthogonal to it need no row for it;
/// under blocks neither do any nuisance columns that the blocks leave as they are.
struct ShuffledBases: Sendable {
    /// Rows that span the tested space.
    let testedRows: Int
    /// Rows that span the nuisance space.
    let nuisanceRows: Int

    /// Whether the kernel's scores are correlations rather than shares of variance.
    var givesCorrelations: Bool { testedRows == 1 && nuisanceRows == 0 }
    /// Orthonormal columns that the data are made orthogonal to before they are multiplied with the rows.
    let removed: Matrix

    private let tested: Matrix
    private let nuisance: Matrix
    private let isF: Bool
    /// For the methods that shuffle columns: those columns, and the contrast's weights on them.
    private let moved: (columns: Matrix, weights: Matrix)?

    init(
        _ partition: ContrastPartition, method: NuisanceMethod, split: PartitionMethod, flipsSigns: Bool,
        blocks: ExchangeabilityBlocks? = nil
    ) {
        tested = partition.testedBasis
        testedRows = tested.columns
        isF = partition.isF
        let all = partition.nuisanceBasis
        if method.shufflesColumns {
            var (columns, weights, staying) = Self.columns(of: partition, split: split)
            if method == .smith { columns = Self.residuals(of: columns, on: staying) }
            moved = (columns, weights)
            removed = staying
            nuisance = Matrix(rows: all.rows, columns: 0)
            nuisanceRows = columns.columns - tested.columns
            return
        }
        moved = nil
        var staying: Matrix
        var nuisance: Matrix
        if let blocks, !flipsSigns {
            (staying, nuisance) = blocks.split(all)
        } else {
            let skip = partition.constantIsNuisance && !flipsSigns ? 1 : 0
            staying = Self.columns(0..<skip, of: all)
            nuisance = Self.columns(skip..<all.columns, of: all)
        }
        var removedColumns: Matrix?
        if method == .freedmanLane, split == .guttman {
            // What stays needs no row only where the columns without weight take it out of the data.
            let unused = Self.columns(of: partition, split: split).staying
            let left = Self.residuals(of: staying, on: unused)
            if (0..<left.columns).contains(where: { norm(left.column($0)) > 1e-9 }) {
                nuisance = all
                staying = Matrix(rows: all.rows, columns: 0)
            }
            removedColumns = unused
        }
        self.nuisance = nuisance
        nuisanceRows = nuisance.columns
        removed =
            switch method {
            case .terBraak:
                Matrix(columns: (0..<all.columns).map(all.column) + (0..<testedRows).map(tested.column))
            case .manly: staying
            default: removedColumns ?? all
            }
    }

    /// Rows of columns that move with the shuffle, whatever they stand for.
    ///
    /// - Parameter removed: see ``removed``.
    init(moving tested: Matrix, and nuisance: Matrix, removed: Matrix) {
        (self.tested, self.nuisance, self.removed) = (tested, nuisance, removed)
        (testedRows, nuisanceRows) = (tested.columns, nuisance.columns)
        moved = nil
        isF = false
    }

    /// The kernel's rows for a range of shuffles.
    ///
    /// - Parameter direction: -1 turns the sign of the tested rows.
    func rows(
        of shuffles: ShuffleSet, in range: Range<Int>, direction: Double = 1, threads: Int = 1
    ) -> ShuffledRows {
        let length = 16 * ShuffledRows.tile
        return ShuffledRows(
            joining: mapBlocks((range.count + length - 1) / length, threads: threads) { block in
                let start = range.lowerBound + block * length
                return part(of: shuffles, in: start..<min(start + length, range.upperBound), direction)
            })
    }

    private func part(
        of shuffles: ShuffleSet, in range: Range<Int>, _ direction: Double
    ) -> ShuffledRows {
        let n = tested.rows
        var rows = ShuffledRows(
            count: range.count, subjects: n, tested: testedRows, nuisance: nuisanceRows)
        for (place, index) in range.enumerated() {
            let shuffle = shuffles[index]
            if let moved {
                guard let (t, u) = bases(of: moved.columns, moved.weights, shuffle) else { continue }
                for subject in 0..<n {
                    for c in 0..<t.columns { rows[place, c, subject] = direction * t[subject, c] }
                    for c in 0..<min(u.columns, nuisanceRows) {
                        rows[place, testedRows + c, subject] = u[subject, c]
                    }
                }
                continue
            }
            for subject in 0..<n {
                let source = shuffle.source[subject]
                let sign = Double(shuffle.signs[subject])
                for c in 0..<testedRows { rows[place, c, subject] = direction * sign * tested[source, c] }
                for c in 0..<nuisanceRows {
                    rows[place, testedRows + c, subject] = sign * nuisance[source, c]
                }
            }
        }
        rows.closeLastTile()
        return rows
    }

    /// Tested and nuisance bases of the shuffled columns, orthogonal to the nuisance columns that stay; `nil`
    /// where the shuffle leaves nothing of the contrast to estimate: its score is 0, which makes p too small by the share
    /// of such shuffles, as in every program that drops them. Freedman and Lane's method has none.
    private func bases(of columns: Matrix, _ weights: Matrix, _ shuffle: Shuffle) -> (Matrix, Matrix)? {
        let moved = Matrix(
            rows: (0..<columns.rows).map { subject in
                columns.row(shuffle.source[subject]).map { Double(shuffle.signs[subject]) * $0 }
            })
        var rest = Self.residuals(of: moved, on: removed)
        // What a column leaves on those that stay is rounding alone where it lies in their span.
        for c in 0..<rest.columns
        where norm(rest.column(c)) <= PivotedQR.rankTolerance * norm(moved.column(c)) {
            for subject in 0..<rest.rows { rest[subject, c] = 0 }
        }
        guard let model = try? LinearModel(matrix: rest),
            let split = try? ContrastPartition(
                model, weights: weights, isF: isF, name: "shuffled columns"),
            split.testedRank == testedRows
        else { return nil }
        return (split.testedBasis, split.nuisanceBasis)
    }

    /// The columns that a split calls tested, the contrast's weights on them, and an orthonormal basis of those
    /// that stay.
    private static func columns(
        of partition: ContrastPartition, split: PartitionMethod
    ) -> (columns: Matrix, weights: Matrix, staying: Matrix) {
        let basis = partition.testedBasis
        let all = partition.model.matrix
        let isUsed = (0..<all.columns).map { column in
            (0..<partition.weights.rows).contains { partition.weights[$0, column] != 0 }
        }
        switch split {
        case .beckmann, .ridgway:
            let r = basis.columns
            let identity = Matrix(rows: (0..<r).map { i in (0..<r).map { $0 == i ? 1 : 0 } })
            return (basis, identity, partition.nuisanceBasis)
        case .guttman:
            let used = isUsed.indices.filter { isUsed[$0] }
            let rest = isUsed.indices.filter { !isUsed[$0] }
            return (
                Matrix(columns: used.map(all.column)),
                Matrix(rows: (0..<partition.weights.rows).map { r in used.map { partition.weights[r, $0] } }),
                rest.isEmpty
                    ? Matrix(rows: all.rows, columns: 0)
                    : PivotedQR(Matrix(columns: rest.map(all.column))).basis
            )
        }
    }

    private static func columns(_ range: Range<Int>, of matrix: Matrix) -> Matrix {
        range.isEmpty ? Matrix(rows: matrix.rows, columns: 0) : Matrix(columns: range.map(matrix.column))
    }

    /// What columns leave on an orthonormal basis, by Gram-Schmidt with one repetition.
    static func residuals(of columns: Matrix, on basis: Matrix) -> Matrix {
        guard basis.columns > 0 else { return columns }
        return Matrix(
            columns: (0..<columns.columns).map { c in
                var v = columns.column(c)
                for _ in 0..<2 {
                    for b in 0..<basis.columns {
                        var dot = 0.0
                        for i in v.indices { dot += basis[i, b] * v[i] }
                        for i in v.indices { v[i] -= dot * basis[i, b] }
                    }
                }
                return v
            })
    }
}
