import CCoveyKernels

/// Designs that differ by voxel, in panels: one design per lane. `voxelwise.h` has the formulas.
public enum VoxelwiseKernel {
    /// Makes the columns of a panel of designs orthonormal in place, each voxel on its own, in their order.
    ///
    /// - Parameters:
    ///   - design: columns x subjects x ``Panel/width``.
    ///   - least: ``Panel/width`` numbers, out: the least share of its length that a column had left after
    ///     those before it. At ``rankTolerance`` or less the column became 0: the design is short of a rank.
    public static func orthonormalise(
        _ design: inout [Double], subjects: Int, columns: Int, least: inout [Double],
        level: InstructionLevel = .best
    ) {
        precondition(design.count == columns * subjects * Panel.width && least.count == Panel.width)
        unsafe covey_orthonormalise_panel(level.rawValue, subjects, columns, &design, &least)
    }

    /// The share of its length that a column must have left.
    public static let rankTolerance = 1e-11

    /// Takes from a panel of data, each voxel on its own, its projections on the first `columns` columns of a
    /// panel of orthonormal bases.
    ///
    /// - Parameter squares: ``Panel/width`` numbers, out: the sums of squared residuals.
    public static func reduce(
        _ data: inout [Double], by bases: [Double], columns: Int, squares: inout [Double],
        level: InstructionLevel = .best
    ) {
        precondition(bases.count >= columns * data.count && squares.count == Panel.width)
        unsafe covey_residual_panel(
            level.rawValue, data.count / Panel.width, columns, bases, &data, &squares)
    }

    /// t of every shuffle, or F with `squares`, on one panel.
    ///
    /// - Parameters:
    ///   - data: subjects x ``Panel/width``: unit residuals on the nuisance columns.
    ///   - bases: columns x subjects x width, orthonormal, the tested columns last.
    ///   - source: shuffles x subjects: the row of the basis that each row of the data meets.
    ///   - signs: shuffles x subjects: and with which sign.
    ///   - values: shuffles x width, out.
    public static func statistics(
        of data: [Double], bases: [Double], columns: Int, tested: Int, degreesOfFreedom: Double,
        source: [Int32], signs: [Double], shuffles: Int, squares: Bool, values: inout [Double],
        level: InstructionLevel = .best
    ) {
        let subjects = data.count / Panel.width
        precondition(bases.count == columns * data.count && tested > 0 && tested <= columns)
        precondition(source.count == shuffles * subjects && signs.count == source.count)
        precondition(source.allSatisfy { $0 >= 0 && $0 < Int32(subjects) })
        precondition(values.count >= shuffles * Panel.width && (squares || tested == 1))
        var work = covey_voxelwise(
            subjects: subjects, columns: columns, tested: tested, shuffles: shuffles,
            squares: squares ? 1 : 0, degrees: degreesOfFreedom)
        unsafe covey_voxelwise_panel(level.rawValue, &work, bases, source, signs, data, &values)
    }
}
