internal import CCoveyTemplate
public import CoveyImaging
internal import CoveyKernels

/// The anatomical images that come with the library.
public enum Template {
    /// The average T1 image of 152 brains in MNI space (ICBM 2009a, nonlinear, symmetric): 99 x 117 x 95
    /// voxels of 2 mm, brain only; grey from 1 to 255 inside the brain, NaN outside.
    ///
    /// Fonov et al. 2011, NeuroImage 54:313-327. Copyright 1993-2004 Louis Collins, McGill University; the
    /// notice stands beside the resource. Decoded once, then kept.
    public static func mni152() -> Volume { volume }

    private static let volume: Volume = {
        let compressed = (0..<covey_template_size()).map(covey_template_byte)
        let grid = Grid(
            shape: [99, 117, 95], affine: Affine([2, 0, 0, -98, 0, 2, 0, -134, 0, 0, 2, -72]), qformCode: 4,
            sformCode: 4)
        // The file is single-file NIfTI-1 of 8-bit numbers without extensions: 352 bytes, then the voxels.
        let headerSize = 352
        guard let file = try? Deflate.gunzip(compressed, limit: headerSize + grid.count).bytes,
            file.count == headerSize + grid.count
        else { preconditionFailure("the template resource is damaged") }
        return Volume(grid: grid, values: file.dropFirst(headerSize).map { $0 == 0 ? .nan : Double($0) })
    }()

    /// The template made ready to be drawn.
    static let background: BackgroundImage? = BackgroundImage(volume)
}
