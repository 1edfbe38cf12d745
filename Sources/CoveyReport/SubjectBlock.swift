public import CoveyModel
internal import CoveyKernels

/// The values of every subject at every voxel, or at those that matter most, small enough for a page.
///
/// A value is rounded to a multiple of a step, a fraction of the residual standard deviation: far finer than a
/// point of a scatter plot, far coarser than what is analysed. Nothing is computed from the rounded values but
/// the plot under the viewer's cursor. The bytes are a gzip member of 16-bit differences from what ``VoxelPrediction`` foretells, one
/// subject after the other.
public struct SubjectBlock: Sendable {
    /// Values are multiples of this, in units of the maps.
    public let step: Double
    /// The gzip data.
    public let bytes: [UInt8]

    /// The finest of three steps, a 64th, a 32nd and a 16th of `scale`, with which the data fit into
    /// `byteLimit` bytes; `nil` where none does.
    ///
    /// - Parameters:
    ///   - voxels: the columns that are kept, ascending.
    ///   - scale: a typical residual standard deviation, positive.
    public init?(_ cohort: Cohort, voxels: [Int], scale: Double, byteLimit: Int) {
        guard scale > 0, scale.isFinite, byteLimit > 0, !voxels.isEmpty else { return nil }
        let greatest = cohort.panels.reduce(0) { max($0, abs($1)) }
        let subjects = cohort.subjectCount
        for fraction in Self.fractions {
            let step = max(scale / fraction, greatest / 32_767)
            // A few subjects tell whether it is worth trying.
            guard Self.expected(cohort, voxels, step) < byteLimit + byteLimit / 10 else { continue }
            let bytes = Self.packed(cohort, Array(0..<subjects), voxels, step)
            if bytes.count <= byteLimit {
                self.step = step
                self.bytes = bytes
                return
            }
        }
        return nil
    }

    /// About how many bytes the values take at the coarsest step: an estimate from a few subjects, on the safe side.
    public static func leastByteCount(_ cohort: Cohort, voxels: [Int], scale: Double) -> Int {
        let greatest = cohort.panels.reduce(0) { max($0, abs($1)) }
        let expected = expected(cohort, voxels, max(scale / fractions.last!, greatest / 32_767))
        return expected + expected / 16
    }

    private static let fractions = [64.0, 32, 16]

    private static func expected(_ cohort: Cohort, _ voxels: [Int], _ step: Double) -> Int {
        let sample = Array(stride(from: 0, to: cohort.subjectCount, by: max(1, cohort.subjectCount / 4)))
        return packed(cohort, sample, voxels, step).count * cohort.subjectCount / sample.count
    }

    private static func packed(
        _ cohort: Cohort, _ subjects: [Int], _ voxels: [Int], _ step: Double
    ) -> [UInt8] {
        let multiples = subjects.flatMap { subject in
            Packing.multiples(of: step, voxels.map { cohort[subject, $0] })
        }
        return Deflate.gzip(
            Packing.predicted(multiples, VoxelPrediction(cohort.mask, columns: voxels)), level: 6)
    }

    /// Some voxels of a mask, as ``ReportImages/subjectVoxels`` keeps them.
    public static func packed(_ voxels: [Int], of count: Int) -> [UInt8] {
        Deflate.gzip(Packing.bits(voxels, of: count), level: 6)
    }
}
