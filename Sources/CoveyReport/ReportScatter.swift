public import CoveyCore

/// How subjects' values at a voxel are plotted against a contrast: the added-variable plot.
///
/// With `x` the subjects' values on the tested regressor and `w` the weights of the estimate, a subject's
/// adjusted value is
///
///     (x_i - origin) w'y + e_i + level,        e = y - Q Q'y
///
/// where `level` is the mean of y if ``addsMean`` and 0 otherwise: what the other regressors explain is taken
/// out, and a straight line through the points has the slope `w'y`, the effect. For an F contrast, which has no
/// single slope, y is plotted as it is against the fitted values, and ``weights`` is empty.
public struct ReportScatter: Codable, Sendable, Hashable {
    /// The words along the x axis.
    public var xName: String
    /// The words along the y axis.
    public var yName: String
    /// Whether x and y are less what the other regressors explain.
    public var isAdjusted: Bool
    /// Per subject; empty for an F contrast.
    public var x: [Double]
    /// The x at which the line passes through the level.
    public var origin: Double
    /// Per subject: the effect is `w'y`; empty for an F contrast.
    public var weights: [Double]
    /// Orthonormal basis of the design's columns: subjects x rank.
    public var basis: Matrix
    /// Whether the mean of y is added.
    public var addsMean: Bool
    /// Half the width of the effect's 95 % confidence interval over its standard error; 0 for F.
    public var intervalFactor: Double

    /// A way to plot.
    public init(
        xName: String, yName: String, isAdjusted: Bool, x: [Double], origin: Double, weights: [Double],
        basis: Matrix,
        addsMean: Bool, intervalFactor: Double
    ) {
        self.xName = xName
        self.yName = yName
        self.isAdjusted = isAdjusted
        self.x = x
        self.origin = origin
        self.weights = weights
        self.basis = basis
        self.addsMean = addsMean
        self.intervalFactor = intervalFactor
    }

    /// The points for subjects' values at a voxel, and the line `y = level + slope (x - origin)`.
    ///
    /// Where all x are equal, as for a mean, the line is level.
    public func plot(_ y: [Double]) -> (x: [Double], y: [Double], slope: Double, level: Double) {
        let rows = basis.rows
        precondition(y.count == rows, "\(y.count) values for \(rows) subjects")
        var fitted = [Double](repeating: 0, count: rows)
        for c in 0..<basis.columns {
            let column = basis.column(c)
            let along = zip(column, y).reduce(0) { $0 + $1.0 * $1.1 }
            for r in 0..<rows { fitted[r] += column[r] * along }
        }
        guard !weights.isEmpty else { return (fitted, y, 1, 0) }
        let effect = zip(weights, y).reduce(0) { $0 + $1.0 * $1.1 }
        let level = addsMean ? y.reduce(0, +) / Double(rows) : 0
        let adjusted = (0..<rows).map { (x[$0] - origin) * effect + y[$0] - fitted[$0] + level }
        guard x.contains(where: { $0 != x[0] }) else {
            return (x, adjusted, 0, (x[0] - origin) * effect + level)
        }
        return (x, adjusted, effect, level)
    }
}

/// Subjects' values at one voxel, kept exactly.
public struct ReportPlace: Codable, Sendable, Hashable {
    /// What is there: "the peak of cluster 1", "the strongest voxel".
    public var name: String
    /// Where it is, in mm.
    public var place: [Double]
    /// One value per subject, as it was tested.
    public var values: [Double]
    /// The statistic and the effect there, in words.
    public var remark: String

    /// A voxel and its values.
    public init(name: String, place: [Double], values: [Double], remark: String) {
        self.name = name
        self.place = place
        self.values = values
        self.remark = remark
    }
}
