public import CoveyCore

/// A design ready to be fitted: its column space, factored once.
///
/// Ordinary least squares, `y = X beta + e`, at every voxel on its own. The design may be rank-deficient;
/// degrees of freedom are `n - rank` throughout, in the variance as in the tail area.
public struct LinearModel: Sendable {
    /// The design matrix: subjects x columns.
    public let matrix: Matrix
    /// Its factorisation.
    public let factorisation: PivotedQR
    /// `Q' 1` where the constant vector lies in the column space, else `nil`.
    public let constantProjection: [Double]?

    /// The model of a design matrix.
    ///
    /// - Throws: ``LinearModelError`` where no degrees of freedom are left or the design is empty.
    public init(matrix: Matrix) throws(LinearModelError) {
        let qr = PivotedQR(matrix)
        guard matrix.columns > 0, qr.rank > 0 else { throw .emptyDesign }
        guard matrix.rows > qr.rank else {
            throw .noDegreesOfFreedom(subjects: matrix.rows, rank: qr.rank, columns: matrix.columns)
        }
        self.matrix = matrix
        factorisation = qr
        let ones = [Double](repeating: 1, count: matrix.rows)
        let projected = (0..<qr.rank).map { c in
            (0..<matrix.rows).reduce(0.0) { $0 + qr.basis[$1, c] }
        }
        let rest = (0..<matrix.rows).map { r in
            ones[r] - (0..<qr.rank).reduce(0.0) { $0 + qr.basis[r, $1] * projected[$1] }
        }
        constantProjection = norm(rest) < 1e-9 * norm(ones) ? projected : nil
    }

    /// Number of subjects.
    public var subjectCount: Int { matrix.rows }
    /// Dimension of the column space.
    public var rank: Int { factorisation.rank }
    /// `n - rank`.
    public var degreesOfFreedom: Int { matrix.rows - rank }
}

/// Why a model or a contrast of it cannot be computed.
public enum LinearModelError: ExplainedError, Equatable {
    /// Every column is zero, or there is none.
    case emptyDesign
    /// As many independent columns as subjects, or more.
    case noDegreesOfFreedom(subjects: Int, rank: Int, columns: Int)
    /// The contrast asks for something that the design cannot tell apart.
    case notEstimable(contrast: String)
    /// All weights are zero.
    case zeroContrast(contrast: String)

    /// What is wrong.
    public var description: String {
        switch self {
        case .emptyDesign: "the design has no column that is not zero"
        case .noDegreesOfFreedom(let subjects, let rank, let columns):
            "no residual degrees of freedom are left: \(subjects) subject\(subjects == 1 ? "" : "s"), "
                + "\(columns) design columns of rank \(rank)"
        case .notEstimable(let contrast):
            "contrast \(quoted(contrast)) is not estimable: the design is collinear in the columns it weights"
        case .zeroContrast(let contrast): "contrast \(quoted(contrast)) has only zero weights"
        }
    }

    /// What to do.
    public var remedy: String {
        switch self {
        case .emptyDesign: "add a column, such as an intercept"
        case .noDegreesOfFreedom: "use more subjects or fewer columns: n must exceed the rank"
        case .notEstimable:
            "drop one of the collinear columns, or test a contrast that does not need them apart"
        case .zeroContrast: "give at least one column a weight"
        }
    }
}
