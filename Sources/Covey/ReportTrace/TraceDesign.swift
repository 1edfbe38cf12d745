import CoveyCore
import CoveyFormats

/// A design as `design.tsv` has it, and what follows from it by the textbook, written out a second time.
struct TraceDesign {
    let identifiers: [String]
    let columns: [String]
    /// Column by column.
    let values: [[Double]]
    /// Orthonormal columns that span the same space, by Gram and Schmidt, twice.
    let basis: [[Double]]

    init(_ table: Table) {
        identifiers = table.rows.map { $0[0] }
        columns = Array(table.columns.dropFirst())
        values = columns.indices.map { c in table.rows.map { decimalNumber($0[c + 1]) ?? .nan } }
        var basis: [[Double]] = []
        for column in values {
            let size = dot(column, column).squareRoot()
            var rest = column
            for _ in 0..<2 {
                for known in basis {
                    let along = dot(known, rest)
                    for r in rest.indices { rest[r] -= along * known[r] }
                }
            }
            let length = dot(rest, rest).squareRoot()
            if length > 1e-9 * size { basis.append(rest.map { $0 / length }) }
        }
        self.basis = basis
    }

    /// `n - rank`.
    var degreesOfFreedom: Int { identifiers.count - basis.count }

    /// The diagonal of the hat matrix.
    var leverage: [Double] { identifiers.indices.map { r in basis.reduce(0) { $0 + $1[r] * $1[r] } } }

    /// Three times the average leverage, below 1.
    var leverageLimit: Double { min(3 * Double(basis.count) / Double(identifiers.count), 0.999) }

    /// The part of data that the design does not explain.
    func residuals(_ y: [Double]) -> [Double] {
        basis.reduce(into: y) { rest, column in
            let along = dot(column, y)
            for r in rest.indices { rest[r] -= along * column[r] }
        }
    }

    /// Mean, standard deviation, least and greatest value of a column.
    func moments(_ column: Int) -> [Double] {
        let x = values[column]
        let mean = x.reduce(0, +) / Double(x.count)
        let squares = x.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
        return [mean, (squares / Double(x.count - 1)).squareRoot(), x.min() ?? .nan, x.max() ?? .nan]
    }

    /// Pearson's correlation of two columns.
    func correlation(_ a: Int, _ b: Int) -> Double {
        func centred(_ x: [Double]) -> [Double] {
            let mean = x.reduce(0, +) / Double(x.count)
            return x.map { $0 - mean }
        }
        let (x, y) = (centred(values[a]), centred(values[b]))
        return dot(x, y) / (dot(x, x) * dot(y, y)).squareRoot()
    }

    /// Numbers of the design that sentences may tell.
    var sources: [TraceSource] {
        [
            TraceSource("design.tsv", "leverageLimit", leverageLimit),
            TraceSource("design.tsv", "columns", Double(columns.count)),
            TraceSource("design.tsv", "rank", Double(basis.count)),
            TraceSource("design.tsv", "degreesOfFreedom", Double(degreesOfFreedom)),
        ]
            + zip(identifiers, leverage).map { TraceSource("design.tsv \($0)", "leverage", $1) }
    }
}

extension TraceDesign {
    /// What is wrong with how a contrast is plotted; `nil` where it is the design's.
    ///
    /// The weights `w` of the estimate satisfy `X'w = c` within the space of the design, and the regressor is
    /// `w / w'w`, set off by `origin`.
    func problem(_ scatter: TraceViewer.Scatter, _ sidecar: TraceDocument?) -> String? {
        let contrast = sidecar?["Weights"]?.list.first?.list.compactMap(\.number) ?? []
        let w = scatter.weights
        guard contrast.count == columns.count, w.count == identifiers.count else {
            return "it has another size"
        }
        let size = dot(w, w).squareRoot()
        for (c, column) in values.enumerated() {
            let scale = size * dot(column, column).squareRoot() + abs(contrast[c])
            if abs(dot(column, w) - contrast[c]) > 1e-8 * scale {
                return "its weights are not those of the contrast on \(columns[c])"
            }
        }
        let rest = residuals(w)
        if dot(rest, rest).squareRoot() > 1e-8 * size { return "its weights leave the space of the design" }
        let square = dot(w, w)
        let reach = (w.map { abs($0) }.max() ?? 0) / square + abs(scatter.origin)
        for (x, weight) in zip(scatter.x, w) where abs(x - scatter.origin - weight / square) > 1e-8 * reach {
            return "its x is not the contrast's regressor"
        }
        // The basis reproduces what it should and nothing else.
        if scatter.basis.count != basis.count { return "its basis has another rank" }
        for column in scatter.basis {
            let rest = residuals(column)
            if abs(dot(column, column) - 1) > 1e-8 || dot(rest, rest).squareRoot() > 1e-8 {
                return "its basis is not the design's"
            }
        }
        return nil
    }
}

/// The inner product.
func dot(_ a: [Double], _ b: [Double]) -> Double {
    var sum = 0.0
    for k in a.indices { sum += a[k] * b[k] }
    return sum
}
