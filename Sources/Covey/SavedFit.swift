import CoveyCore
import CoveyFormats
public import CoveyImaging
public import CoveyModel

/// A fit in files, from which contrasts can be computed later: the coefficient of every design column, the
/// residual variance, and the design.
public struct SavedFit: Sendable {
    /// The design.
    public let design: Design
    /// Its model.
    public let model: LinearModel
    /// The voxels with a residual variance.
    public let mask: Mask
    /// Coefficients, column by column, each over the mask.
    private let coefficients: [[Double]]
    /// `SSE / dof` over the mask.
    private let residualVariance: [Double]

    /// Names of the files in a folder of results.
    static let coefficientFile = "model_coefficients.nii.gz"
    static let varianceFile = "model_residual-variance.nii.gz"

    /// Reads a folder that an analysis with `--save-model` left.
    public init(folder: String) throws {
        let (table, _) = try Table.read(folder + "/design.tsv")
        design = try Design(table)
        model = try LinearModel(design)
        let file = try ImageFile(folder + "/" + Self.coefficientFile)
        let variance = try ImageFile.readVolume(folder + "/" + Self.varianceFile)
        guard file.volumeCount == design.matrix.columns, file.grid.isSame(as: variance.grid) else {
            throw FormatError(
                folder,
                .badText(line: nil, "coefficients, residual variance and design do not belong together"))
        }
        let mask = Mask(grid: variance.grid) { variance.values[$0] > 0 }
        self.mask = mask
        residualVariance = mask.values(of: variance)
        coefficients = (0..<file.volumeCount).map { mask.values(of: file.volume($0)) }
    }

    /// Writes a fit's coefficients and residual variance.
    static func write(_ fit: Fit, _ design: Design, into folder: ResultFolder) throws {
        let volumes = try (0..<design.matrix.columns).map { column -> Volume in
            let weights = (0..<design.matrix.columns).map { $0 == column ? 1.0 : 0 }
            let partition = try ContrastPartition(
                fit.model, weights: Matrix(rows: [weights]), isF: false, name: design.names[column])
            return fit.effect(partition).volume()
        }
        try Volume.write(
            volumes, to: try folder.path(coefficientFile),
            ImageContent(
                intent: NIfTIIntent(code: 1001), descrip: "coefficients, one per design column",
                datatype: .float64))
        let sd = fit.residualStandardDeviation()
        try fit.mask.volume(sd.map { $0 * $0 }).write(
            to: try folder.path(varianceFile),
            ImageContent(intent: NIfTIIntent(code: 1001), descrip: "residual variance", datatype: .float64))
    }

    /// The maps of a contrast: effect, variance and t, or F.
    ///
    /// With `T` the tested basis, `a = (X'T)' beta`: `t = a / sigma`, `F = a'a / r / sigma^2`; the same numbers
    /// as from the data, up to rounding.
    public func maps(_ contrast: ContrastWeights) throws -> [StatisticMap] {
        let partition = try contrast.partition(of: model)
        let weights = design.matrix.transposed * partition.testedBasis
        let dof = Double(model.degreesOfFreedom)
        let projections = (0..<partition.testedRank).map { r in
            mask.offsets.indices.map { voxel in
                coefficients.indices.reduce(0.0) { $0 + weights[$1, r] * coefficients[$1][voxel] }
            }
        }
        if partition.isF {
            let rank = Double(partition.testedRank)
            let values = residualVariance.indices.map { voxel in
                projections.reduce(0.0) { $0 + $1[voxel] * $1[voxel] } / rank / residualVariance[voxel]
            }
            return [StatisticMap(.f(numerator: rank, denominator: dof), mask: mask, values: values)]
        }
        let scale = partition.effectScale
        return [
            StatisticMap(.effect, mask: mask, values: projections[0].map { $0 * scale }),
            StatisticMap(.variance, mask: mask, values: residualVariance.map { scale * scale * $0 }),
            StatisticMap(
                .t(degreesOfFreedom: dof), mask: mask,
                values: zip(projections[0], residualVariance).map { $0 / $1.squareRoot() }),
        ]
    }
}
