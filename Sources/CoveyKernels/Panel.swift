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

    /// Shifts and scales every voxel of a panel in place: by minus its first subject's value where
    /// `shifting`, then by the power of two that brings its largest magnitude into [1, 2).
    ///
    /// - Parameters:
    ///   - shifts: ``width`` numbers, out: what was subtracted.
    ///   - exponents: ``width`` numbers, out: each voxel was divided by 2 to this power.
    ///   - squares: ``width`` numbers, out: the sums of squares of what is left.
    public static func prepare(
        _ panel: inout [Double], subjects: Int, shifting: Bool, shifts: inout [Double],
        exponents: inout [Int32], squares: inout [Double], level: InstructionLevel = .best
    ) {
        precondition(panel.count == subjects * width && subjects > 0)
        precondition(shifts.count == width && exponents.count == width && squares.count == width)
        unsafe covey_prepare_panel(
            level.rawValue, subjects, shifting ? 1 : 0, &panel, &shifts, &exponents, &squares)
    }

    /// Copies a panel into a larger buffer with every voxel multiplied by its own factor.
    public static func scale(
        _ panel: [Double], subjects: Int, by factors: [Double], into buffer: inout [Double], at start: Int,
        level: InstructionLevel = .best
    ) {
        let count = subjects * width
        precondition(panel.count == count && factors.count == width)
        precondition(start >= 0 && start + count <= buffer.count)
        unsafe buffer.withUnsafeMutableBufferPointer { out in
            unsafe covey_scale_panel(level.rawValue, subjects, panel, factors, out.baseAddress! + start)
        }
    }

    /// Copies `into.count` numbers from `start` on.
    public static func copy(_ source: [Double], from start: Int, into target: inout [Double]) {
        precondition(start >= 0 && start + target.count <= source.count)
        unsafe source.withUnsafeBufferPointer { source in
            unsafe target.withUnsafeMutableBufferPointer { target in
                guard let out = target.baseAddress, let base = source.baseAddress else { return }
                unsafe out.update(from: base + start, count: target.count)
            }
        }
    }
}
