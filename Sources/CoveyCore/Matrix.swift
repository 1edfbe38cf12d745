/// A small dense matrix of Double, stored row by row: designs, contrasts, bases. Never voxels.
public struct Matrix: Sendable, Hashable, Codable {
    /// Number of rows.
    public let rows: Int
    /// Number of columns.
    public let columns: Int
    /// The elements, row by row.
    public var elements: [Double]

    /// A matrix from its elements, row by row.
    ///
    /// - Precondition: `elements.count == rows * columns`.
    public init(rows: Int, columns: Int, elements: [Double]) {
        precondition(elements.count == rows * columns, "\(elements.count) elements for \(rows) x \(columns)")
        self.rows = rows
        self.columns = columns
        self.elements = elements
    }

    /// A matrix of zeros.
    public init(rows: Int, columns: Int) {
        self.init(rows: rows, columns: columns, elements: [Double](repeating: 0, count: rows * columns))
    }

    /// A matrix from its rows.
    ///
    /// - Precondition: all rows are equally long.
    public init(rows: [[Double]]) {
        let width = rows.first?.count ?? 0
        precondition(rows.allSatisfy { $0.count == width }, "rows of different lengths")
        self.init(rows: rows.count, columns: width, elements: rows.flatMap { $0 })
    }

    /// A matrix from its columns.
    ///
    /// - Precondition: there is at least one column and all are equally long.
    public init(columns: [[Double]]) {
        self = Matrix(rows: columns).transposed
    }

    /// The element of a row and a column, counted from 0.
    public subscript(row: Int, column: Int) -> Double {
        get { elements[row * columns + column] }
        set { elements[row * columns + column] = newValue }
    }

    /// The elements of a row.
    public func row(_ r: Int) -> [Double] { Array(elements[r * columns..<(r + 1) * columns]) }

    /// The elements of a column.
    public func column(_ c: Int) -> [Double] { (0..<rows).map { self[$0, c] } }

    /// Rows and columns exchanged.
    public var transposed: Matrix {
        var result = Matrix(rows: columns, columns: rows)
        for r in 0..<rows {
            for c in 0..<columns { result[c, r] = self[r, c] }
        }
        return result
    }

    /// The matrix product.
    ///
    /// - Precondition: `left.columns == right.rows`.
    public static func * (left: Matrix, right: Matrix) -> Matrix {
        precondition(left.columns == right.rows, "\(left.columns) columns times \(right.rows) rows")
        var result = Matrix(rows: left.rows, columns: right.columns)
        for r in 0..<left.rows {
            for k in 0..<left.columns {
                let factor = left[r, k]
                for c in 0..<right.columns { result[r, c] += factor * right[k, c] }
            }
        }
        return result
    }

    /// The chosen rows, in the given order.
    public func selectingRows(_ indices: [Int]) -> Matrix {
        Matrix(rows: indices.count, columns: columns, elements: indices.flatMap { row($0) })
    }
}
