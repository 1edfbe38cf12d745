import CCoveyKernels

/// The layout that voxels are worked on in: panels of ``width`` voxels, each with all subjects.
///
/// Element (subject `k`, voxel `v`) of a matrix of `subjects` x voxels stands at
/// `(v / width * subjects + k) * width + v % width`.
public enum Panel {
    /// Voxels in a panel.
    public static let width = Int(COVEY_PANEL)

    /// Number of panels that hold `voxels` voxels.
    public static func count(for voxels: Int) -> Int { (voxels + width - 1) / width }

    /// Projects the voxels of one panel on an orthonormal basis and replaces them by their residuals.
    ///
    /// `projection_j = sum_k basis_kj y_k`, in two passes, so that the residuals are orthogonal to the basis
    /// to rounding even where it explains nearly everything. The result is the same bits at every level.
    ///
    /// - Parameters:
    ///   - panel: subjects x ``width``; data in, residuals out.
    ///   - basis: subjects x rank, row by row, orthonormal columns.
    ///   - projection: rank x ``width``, out.
    ///   - squares: ``width`` sums of squared residuals, out.
    public static func project(
        _ panel: inout [Double], on basis: [Double], subjects: Int, rank: Int,
        projection: inout [Double], squares: inout [Double], level: InstructionLevel = .best
    ) {
        precondition(panel.count == subjects * width && basis.count == subjects * rank)
        precondition(projection.count >= rank * width && squares.count == width)
        unsafe covey_project_panel(
            level.rawValue, basis, subjects, rank, &panel, &projection, &squares)
    }
}
