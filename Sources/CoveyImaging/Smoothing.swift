#if canImport(Darwin)
    import Darwin
#elseif canImport(Musl)
    import Musl
#else
    import Glibc
#endif

/// Gaussian smoothing, as a choice: how wide, what happens at edges, and what becomes of voxels without a
/// value.
///
/// The kernel of an axis is `exp(-j^2 / (2 sigma^2))` over whole voxels `j = -r...r`, normalised to sum 1,
/// with `sigma = FWHM / (sqrt(8 ln 2) * voxel size)` and `r = int(4 sigma + 0.5)`. Axes are filtered in the
/// order x, y, z. Beyond the image values are reflected, `d c b a | a b c d | d c b a`. This is what
/// `nilearn.image.smooth_img` and `scipy.ndimage.gaussian_filter1d` compute; SPM and FSL treat the image's
/// edges otherwise.
public struct Smoothing: Sendable, Hashable {
    /// What is done where the kernel reaches past the data.
    public enum Edges: String, Sendable, Codable, CaseIterable {
        /// Nothing: voxels without a value weigh in as 0, and values near the edge of the brain shrink.
        case plain
        /// The sum is divided by the weight that voxels with a value had, so that a constant stays constant
        /// up to the edge of the brain.
        case normalised
    }

    /// What becomes of voxels that had no value.
    public enum Missing: String, Sendable, Codable, CaseIterable {
        /// They have none afterwards: NaN never spreads and never turns into data.
        case keep
        /// They take the smoothed value, as in nilearn. With ``Edges/normalised`` those out of reach of any
        /// value are NaN.
        case fill
    }

    /// Full width at half maximum along the first, second and third axis of the image, in mm; 0 leaves an
    /// axis alone.
    public let fwhmMillimeters: [Double]
    /// What is done where the kernel reaches past the data.
    public let edges: Edges
    /// What becomes of voxels that had no value.
    public let missing: Missing

    /// Smoothing of one width (the same along every axis) or of three.
    ///
    /// - Throws: ``ImagingError/badSmoothingWidth(_:)`` unless there are one or three finite widths of 0 or
    ///   more. Whether a width suits an image is known only with the image: see ``Smoother``.
    public init(
        fwhmMillimeters: [Double], edges: Edges = .plain, missing: Missing = .keep
    ) throws(ImagingError) {
        guard fwhmMillimeters.count == 1 || fwhmMillimeters.count == 3,
            fwhmMillimeters.allSatisfy({ $0.isFinite && $0 >= 0 })
        else { throw .badSmoothingWidth(fwhmMillimeters) }
        self.fwhmMillimeters =
            fwhmMillimeters.count == 3
            ? fwhmMillimeters : [Double](repeating: fwhmMillimeters[0], count: 3)
        self.edges = edges
        self.missing = missing
    }

    /// Whether nothing is smoothed.
    public var isIdentity: Bool { fwhmMillimeters.allSatisfy { $0 == 0 } }

    /// The weights at distance 0, 1, 2, ... voxels of a Gaussian of the given width.
    ///
    /// - Parameters:
    ///   - fwhmMillimeters: full width at half maximum, in mm.
    ///   - voxelMillimeters: the voxel's size along the axis, in mm.
    ///   - radius: the greatest distance, given the standard deviation in voxels; `nil`: 4 deviations.
    public static func halfWeights(
        fwhmMillimeters: Double, voxelMillimeters: Double, radius: ((Double) -> Int)? = nil
    ) -> [Double] {
        guard fwhmMillimeters > 0 else { return [1] }
        let sigma = fwhmMillimeters / ((8 * log(2.0)).squareRoot() * voxelMillimeters)
        let radius = radius?(sigma) ?? Int(4 * sigma + 0.5)
        let exponent = -0.5 / (sigma * sigma)
        let raw: [Double] = (0...radius).map { j in exp(exponent * Double(j * j)) }
        let sum = raw.dropFirst().reduce(raw[0]) { sum, weight in sum + 2 * weight }
        return raw.map { $0 / sum }
    }
}
