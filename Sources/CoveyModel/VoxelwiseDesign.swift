public import CoveyCore
import CoveyImaging
import CoveyKernels

/// A design with columns that are images: another regressor at every voxel, such as the grey matter there.
///
/// The contrast splits the columns, once for all voxels, by an orthogonal change of the parameters:
/// `X beta = X N gamma`, where the last columns of N span the rows of the contrast and the others what they
/// leave, so that `C beta = 0` just where the last gammas are 0. At each voxel the columns of `X N` are then
/// made orthonormal in their order: the last ones are the tested space beside the nuisance columns, as in
/// ``ContrastPartition``.
public struct VoxelwiseDesign: Sendable {
    /// The design matrix; what it holds in the columns of images is not used.
    public let matrix: Matrix
    /// The images' values by design column: subjects x voxels.
    public let regressors: [Int: Cohort]
    /// The contrast's weights: rows x design columns.
    public let weights: Matrix
    /// Whether the statistic is F rather than t.
    public let isF: Bool
    /// 1 for t, the rank of the rows for F.
    public let testedRank: Int
    /// Where the constant is a nuisance column, values may be shifted.
    let constantIsNuisance: Bool
    /// Length of the row of a t contrast: effect = effectScale * the last gamma. 1 for F.
    let effectScale: Double
    /// N: design columns x design columns.
    private let change: Matrix
    /// The columns that are the same at every voxel, changed: subjects x columns.
    private let shared: Matrix

    /// Splits a design by a contrast.
    ///
    /// - Parameters:
    ///   - regressors: by design column, the values of its images, all over the mask of the data.
    ///   - name: how the contrast is called in an error.
    /// - Throws: ``VoxelwiseError``.
    /// - Precondition: there is a regressor; regressors and design have the same subjects in the same order.
    public init(
        matrix: Matrix, regressors: [Int: Cohort], weights: Matrix, isF: Bool, name: String
    ) throws(VoxelwiseError) {
        precondition(weights.columns == matrix.columns && weights.rows > 0 && (isF || weights.rows == 1))
        precondition(!regressors.isEmpty && regressors.keys.allSatisfy { (0..<matrix.columns).contains($0) })
        precondition(regressors.values.allSatisfy { $0.subjectCount == matrix.rows })
        let (n, p) = (matrix.rows, matrix.columns)
        guard n > p else { throw .noDegreesOfFreedom(subjects: n, columns: p) }
        let fixed = (0..<p).filter { regressors[$0] == nil }
        let fixedModel = fixed.isEmpty ? nil : PivotedQR(Matrix(columns: fixed.map(matrix.column)))
        if let fixedModel, fixedModel.rank < fixed.count {
            throw .collinear(columns: fixedModel.aliasedColumns.map { fixed[$0] })
        }
        let rows = (0..<weights.rows).map(weights.row).filter { $0.contains { $0 != 0 } }
        guard !rows.isEmpty else { throw .zeroContrast(contrast: name) }

        let tested: Matrix
        if isF {
            tested = PivotedQR(Matrix(columns: rows)).basis
            effectScale = 1
        } else {
            let length = norm(rows[0])
            tested = Matrix(columns: [rows[0].map { $0 / length }])
            effectScale = length
        }
        change = Matrix(columns: Self.complement(of: tested) + (0..<tested.columns).map(tested.column))
        var shared = Matrix(rows: n, columns: p)
        for column in fixed {
            for k in 0..<n {
                for c in 0..<p { shared[k, c] += matrix[k, column] * change[column, c] }
            }
        }
        self.shared = shared
        self.matrix = matrix
        self.regressors = regressors
        self.weights = weights
        self.isF = isF
        testedRank = tested.columns
        constantIsNuisance = Self.holdsConstant(matrix, fixed, rows)
    }

    /// `n - columns`.
    public var degreesOfFreedom: Int { matrix.rows - matrix.columns }

    /// The columns of `X N` at some voxels: columns x subjects x panel width. Lanes beyond the last voxel
    /// repeat it.
    func load(_ voxels: ArraySlice<Int32>, into panel: inout [Double]) {
        let (n, p, width) = (matrix.rows, matrix.columns, Panel.width)
        for c in 0..<p {
            for k in 0..<n {
                let place = (c * n + k) * width
                for lane in 0..<width { panel[place + lane] = shared[k, c] }
            }
        }
        for (column, cohort) in regressors {
            for lane in 0..<width {
                let voxel = Int(voxels[min(voxels.startIndex + lane, voxels.endIndex - 1)])
                let start = voxel / width * n * width + voxel % width
                for c in 0..<p {
                    let factor = change[column, c]
                    if factor == 0 { continue }
                    for k in 0..<n {
                        panel[(c * n + k) * width + lane] += factor * cohort.panels[start + k * width]
                    }
                }
            }
        }
    }

    /// Whether the constant is a combination of the shared columns that the contrast does not ask about.
    private static func holdsConstant(_ matrix: Matrix, _ fixed: [Int], _ rows: [[Double]]) -> Bool {
        guard !fixed.isEmpty,
            let model = try? LinearModel(matrix: Matrix(columns: fixed.map(matrix.column))),
            let projection = model.constantProjection
        else { return false }
        let beta = model.factorisation.coefficients(fromProjection: projection)
        return rows.allSatisfy { row in
            let terms = zip(fixed, beta).map { row[$0] * $1 }
            let size = zip(fixed, beta).reduce(0.0) { $0 + abs(row[$1.0]) * abs($1.1) }
            return abs(terms.reduce(0, +)) <= 1e-10 * size
        }
    }

    /// Orthonormal columns that complete `basis`, unit vectors where they can be: Gram and Schmidt on the
    /// axis of which most is left.
    private static func complement(of basis: Matrix) -> [[Double]] {
        var taken = (0..<basis.columns).map(basis.column)
        var found: [[Double]] = []
        while taken.count < basis.rows {
            let candidates = (0..<basis.rows).map { axis -> [Double] in
                var vector = [Double](repeating: 0, count: basis.rows)
                vector[axis] = 1
                for _ in 0..<2 {
                    for unit in taken {
                        let dot = zip(unit, vector).reduce(0.0) { $0 + $1.0 * $1.1 }
                        for i in vector.indices { vector[i] -= dot * unit[i] }
                    }
                }
                return vector
            }
            var best = 0
            for c in candidates.indices where norm(candidates[c]) > norm(candidates[best]) * (1 + 1e-9) {
                best = c
            }
            let length = norm(candidates[best])
            taken.append(candidates[best].map { $0 / length })
            found.append(taken[taken.count - 1])
        }
        return found
    }
}

/// Why a design with images for columns cannot be used.
public enum VoxelwiseError: ExplainedError, Equatable {
    /// As many columns as subjects, or more.
    case noDegreesOfFreedom(subjects: Int, columns: Int)
    /// Columns, counted from 0, that others already span; none of them is an image.
    case collinear(columns: [Int])
    /// All weights are zero.
    case zeroContrast(contrast: String)
    /// No voxel is left where the images tell the columns apart and the data have a residual.
    case noVoxel(collinear: Int, withoutVariance: Int)

    /// What is wrong.
    public var description: String {
        switch self {
        case .noDegreesOfFreedom(let subjects, let columns):
            "no residual degrees of freedom are left: \(counted(subjects, "subject")), "
                + counted(columns, "design column")
        case .collinear(let columns):
            "design column\(columns.count == 1 ? "" : "s") "
                + columns.map { "\($0 + 1)" }.joined(separator: ", ")
                + " already follow\(columns.count == 1 ? "s" : "") from the others"
        case .zeroContrast(let contrast): "contrast \(quoted(contrast)) has only zero weights"
        case .noVoxel(let collinear, let withoutVariance):
            "no voxel can be tested: at \(collinear) the images are collinear with the other columns, at "
                + "\(withoutVariance) there is no residual"
        }
    }

    /// What to do.
    public var remedy: String {
        switch self {
        case .noDegreesOfFreedom: "use more subjects or fewer columns: n must exceed the columns"
        case .collinear: "with voxelwise regressors the design must have full rank: drop these columns"
        case .zeroContrast: "give at least one column a weight"
        case .noVoxel: "check that the images differ between subjects within the mask"
        }
    }
}
