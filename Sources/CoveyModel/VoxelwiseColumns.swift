public import CoveyCore
import CoveyFormats

/// Columns of the subjects' table whose cells are image paths, and where they stand in a design.
///
/// A formula is built from numbers. Before it is built ``placeholders(in:)`` puts distinct numbers in place of
/// the paths; once it is, ``places(in:)`` finds the columns that the images' values replace. A design that
/// did anything to the numbers but take them as they are is refused: products and functions of images are
/// images of their own, to be made and named as such.
public struct VoxelwiseColumns: Sendable {
    /// The columns' names.
    public let names: [String]

    /// The columns of these names.
    public init(_ names: [String]) { self.names = names }

    /// The subjects with numbers in place of the paths.
    ///
    /// - Throws: ``ModelError`` where a column is unknown or a cell is empty.
    public func placeholders(in subjects: Subjects) throws(ModelError) -> Subjects {
        try subjects.requireValues(in: names)
        var result = subjects
        for (k, name) in names.enumerated() {
            // Multiples of an irrational number, so that no column seems to follow from others.
            let step = 0.618_033_988_749_894_9 + 0.1 * Double(k)
            let cells = (1...subjects.count).map { i in
                "\((Double(i * (i + k)) * step).truncatingRemainder(dividingBy: 1))"
            }
            result = try result.replacing(column: name, by: cells)
        }
        return result
    }

    /// For each design column that stands for images, the name of the table's column.
    ///
    /// - Throws: ``VoxelwiseColumnError``.
    public func places(in design: Design) throws(VoxelwiseColumnError) -> [Int: String] {
        var places: [Int: String] = [:]
        for name in names {
            var found: Int?
            for (place, column) in design.columns.enumerated() {
                guard case .product(let elements) = column.origin else { continue }
                for element in elements {
                    switch element {
                    case .covariate(name, let expression, let centring):
                        guard elements.count == 1, expression == name, centring.isEmpty else {
                            throw .changed(name, designColumn: column.name)
                        }
                        found = place
                    case .level(name, _, _): throw .changed(name, designColumn: column.name)
                    default: continue
                    }
                }
            }
            guard let found else { throw .notInDesign(name, columns: design.columns.map(\.name)) }
            places[found] = name
        }
        return places
    }
}

/// Why a column of images cannot be a regressor.
public enum VoxelwiseColumnError: ExplainedError, Equatable {
    /// The model does not use it.
    case notInDesign(String, columns: [String])
    /// The model uses it in a product, as a factor, centred or through a function.
    case changed(String, designColumn: String)

    /// What is wrong.
    public var description: String {
        switch self {
        case .notInDesign(let name, let columns):
            "the voxelwise column \(quoted(name)) is not a column of the model: "
                + columns.prefix(10).map { quoted($0, limit: 40) }.joined(separator: ", ")
        case .changed(let name, let column):
            "the model does more with the voxelwise column \(quoted(name)) than take it as it is: "
                + quoted(column)
        }
    }

    /// What to do.
    public var remedy: String {
        switch self {
        case .notInDesign: "name it in the model, as in '~ age + gm', or drop '--voxelwise'"
        case .changed: "make images of the product or the function, and name them in a column of their own"
        }
    }
}

extension Subjects {
    /// The subjects with other cells in a column.
    ///
    /// - Throws: ``ModelError`` where the column is unknown.
    /// - Precondition: one cell per subject; the column is not that of the identifiers.
    func replacing(column: String, by cells: [String]) throws(ModelError) -> Subjects {
        precondition(cells.count == count && column != identifierColumn)
        guard let place = table.position(of: column) else {
            throw .unknownColumn(column, source: table.source, columns: table.columns)
        }
        var rows = table.rows
        for row in rows.indices { rows[row][place] = cells[row] }
        return Subjects(
            table: Table(
                source: table.source, columns: table.columns, rows: rows, lineNumbers: table.lineNumbers),
            identifierColumn: identifierColumn, mapColumn: mapColumn, identifiers: identifiers,
            joined: try? mapPaths())
    }
}
