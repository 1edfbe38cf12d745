public import CoveyModel
internal import CoveyKernels

/// The values of every subject at every voxel, small enough for a page.
///
/// A value is rounded to a multiple of a step, a fraction of the residual standard deviation: far finer than a
/// point of a scatter plot, far coarser than what is analysed. Nothing is computed from the rounded values but
/// the plot under the viewer's cursor. The bytes are a gzip member of 16-bit differences along the mask, one
/// subject after the other.
public struct SubjectBlock: Sendable {
    /// Values are multiples of this, in units of the maps.
    public let step: Double
    /// The gzip data.
    public let bytes: [UInt8]

    /// The finest of three steps, a 64th, a 32nd and a 16th of `scale`, with which the data fit into
    /// `byteLimit` bytes; `nil` where none does.
    ///
    /// - Parameter scale: a typical residual standard deviation, positive.
    public init?(_ cohort: Cohort, scale: Double, byteLimit: Int) {
        guard scale > 0, scale.isFinite, byteLimit > 0 else { return nil }
        let (subjects, voxels) = (cohort.subjectCount, cohort.mask.count)
        var greatest = 0.0
        for value in cohort.panels { greatest = max(greatest, abs(value)) }
        for fraction in [64.0, 32, 16] {
            let step = max(scale / fraction, greatest / 32_767)
            func packed(_ chosen: [Int]) -> [UInt8] {
                Deflate.gzip(
                    Packing.differences(
                        chosen.flatMap { subject in
                            Packing.multiples(of: step, (0..<voxels).map { cohort[subject, $0] })
                        }), level: 6)
            }
            // A few subjects tell whether it is worth trying.
            let sample = Array(stride(from: 0, to: subjects, by: max(1, subjects / 4)))
            let expected = packed(sample).count / sample.count * subjects
            guard expected < byteLimit + byteLimit / 10 else { continue }
            let bytes = packed(Array(0..<subjects))
            if bytes.count <= byteLimit {
                self.step = step
                self.bytes = bytes
                return
            }
        }
        return nil
    }
}
