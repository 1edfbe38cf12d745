public import CoveyKernels

/// A ``Smoothing`` made ready for the images of one grid. One smoother serves all threads; each thread has
/// its own scratch, and nothing is allocated per image (but for normalised edges where the support changes).
public struct Smoother: Sendable {
    /// What is done.
    public let smoothing: Smoothing
    /// The grid of the images.
    public let grid: Grid
    private let filter: SeparableFilter
    private let level: InstructionLevel
    /// Voxels of the mask, `nil` where every voxel may contribute.
    private let inside: [Bool]?

    /// Room to smooth in, made once per thread.
    public struct Scratch: Sendable {
        fileprivate var filter: SeparableFilter.Scratch
        /// What each voxel of the last image was.
        fileprivate var kinds: [UInt8]
        /// The smoothed indicator of voxels with a value, for the kinds in `supportKinds`: the maps of a
        /// cohort often share their support.
        fileprivate var support: [Double] = []
        fileprivate var supportKinds: [UInt8] = []
    }

    /// A smoother for images on `grid`.
    ///
    /// - Parameters:
    ///   - mask: the voxels that may contribute; all others count as without a value. `nil`: all may.
    ///   - level: the instruction set; the result is the same bits with each.
    /// - Throws: ``ImagingError/smoothingWiderThanImage(fwhmMillimeters:limit:)`` where a width exceeds the
    ///   longest side of the image.
    /// - Precondition: the mask lies on the grid.
    public init(
        _ smoothing: Smoothing, grid: Grid, mask: Mask? = nil, level: InstructionLevel = .best
    ) throws(ImagingError) {
        let sizes = grid.affine.voxelSizes
        let longest = (0..<3).map { sizes[$0] * Double(grid.shape[$0]) }.max() ?? 0
        for width in smoothing.fwhmMillimeters where width > longest {
            throw .smoothingWiderThanImage(fwhmMillimeters: width, limit: longest)
        }
        self.smoothing = smoothing
        self.grid = grid
        self.level = level
        filter = SeparableFilter(
            shape: grid.shape,
            halfWeights: (0..<3).map {
                Smoothing.halfWeights(
                    fwhmMillimeters: smoothing.fwhmMillimeters[$0], voxelMillimeters: sizes[$0])
            })
        if let mask {
            precondition(mask.grid.shape == grid.shape, "mask and images lie on different grids")
            var inside = [Bool](repeating: false, count: grid.count)
            for offset in mask.offsets { inside[Int(offset)] = true }
            self.inside = inside
        } else {
            inside = nil
        }
    }

    /// Room to smooth in.
    public func makeScratch() -> Scratch {
        Scratch(filter: filter.makeScratch(), kinds: [UInt8](repeating: ValueKind.value, count: grid.count))
    }

    /// Smooths the values of one image in place.
    ///
    /// A voxel has no value where it is not finite, where it lies outside the mask and, with
    /// `zeroIsMissing`, where it is exactly 0. Under ``Smoothing/Missing/keep`` such a voxel ends as NaN, or
    /// as 0 if it was 0 (a background of 0 stays one). Widths of 0 leave the image as it is.
    ///
    /// - Precondition: `values.count == grid.count`.
    public func smooth(_ values: inout [Double], zeroIsMissing: Bool = false, scratch: inout Scratch) {
        precondition(values.count == grid.count, "\(values.count) values for \(grid.count) voxels")
        if smoothing.isIdentity { return }
        let complete = classify(&values, zeroIsMissing, &scratch.kinds)
        filter.apply(to: &values, scratch: &scratch.filter, level: level)
        if complete { return }
        if smoothing.edges == .normalised {
            prepareSupport(&scratch)
            divide(&values, by: scratch.support)
        }
        if smoothing.missing == .keep {
            ValueKind.restore(scratch.kinds, to: &values)
        }
    }

    /// The smoothed image; see ``smooth(_:zeroIsMissing:scratch:)``.
    ///
    /// - Precondition: the image lies on the smoother's grid.
    public func smoothed(_ volume: Volume, zeroIsMissing: Bool = false) -> Volume {
        precondition(volume.grid.shape == grid.shape, "image and smoother have different grids")
        var result = volume
        var scratch = makeScratch()
        smooth(&result.values, zeroIsMissing: zeroIsMissing, scratch: &scratch)
        return result
    }

    /// Notes what each voxel is, sets those without a value to 0 and answers whether there were none; kinds
    /// are not noted then.
    private func classify(_ values: inout [Double], _ zeroIsMissing: Bool, _ kinds: inout [UInt8]) -> Bool {
        if !zeroIsMissing && inside == nil && Self.allFinite(values) { return true }
        var union = ValueKind.classify(&values, zeroIsMissing: zeroIsMissing, into: &kinds)
        if let inside {
            for i in values.indices where !inside[i] && kinds[i] == ValueKind.value {
                kinds[i] = values[i] == 0 ? ValueKind.zero : ValueKind.noNumber
                values[i] = 0
                union |= kinds[i]
            }
        }
        return union == ValueKind.value
    }

    /// Products with 0 are 0 unless a factor is not finite; four sums keep the processor busy.
    private static func allFinite(_ values: [Double]) -> Bool {
        var (a, b, c, d) = (0.0, 0.0, 0.0, 0.0)
        let whole = values.count & ~3
        for i in stride(from: 0, to: whole, by: 4) {
            a += values[i] * 0
            b += values[i + 1] * 0
            c += values[i + 2] * 0
            d += values[i + 3] * 0
        }
        return a + b + c + d == 0 && values[whole...].allSatisfy(\.isFinite)
    }

    private func divide(_ values: inout [Double], by support: [Double]) {
        for i in values.indices { values[i] /= support[i] }
    }

    private func prepareSupport(_ scratch: inout Scratch) {
        if scratch.supportKinds == scratch.kinds { return }
        scratch.supportKinds = scratch.kinds
        scratch.support = scratch.kinds.map { $0 == ValueKind.value ? 1 : 0 }
        filter.apply(to: &scratch.support, scratch: &scratch.filter, level: level)
    }
}
