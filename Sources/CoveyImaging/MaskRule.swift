public import CoveyCore

/// Which voxels are tested.
public enum MaskRule: Sendable {
    /// Voxels with a value in every map: finite, and not exactly 0 in maps that use 0 as their background
    /// (``MapSummary/hasZeroBackground``).
    case automatic
    /// Voxels that are finite in every map; 0 is a value.
    case finite
    /// The voxels of an image on the maps' grid, as far as every map has a value there.
    ///
    /// The image must be binary: 0 (or NaN, which is noted) outside and one positive number inside.
    case image(Volume, name: String)

    /// What a 0 means under this rule, given what was asked for.
    public func zeroMeaning(_ asked: ZeroMeaning) -> ZeroMeaning {
        if case .finite = self { .value } else { asked }
    }

    /// The mask that follows from the tally of all maps.
    ///
    /// - Parameter tally: all maps, counted with the meaning of 0 that ``zeroMeaning(_:)`` gives.
    /// - Returns: the mask, never empty, and what the user should know about it.
    /// - Throws: ``ImagingError/noCommonVoxel(maps:most:least:)``, or ``ImagingError/mask(name:_:)`` for an image
    ///   that cannot serve.
    public func mask(from tally: SupportTally) throws(ImagingError) -> (mask: Mask, notes: [Note]) {
        let all = Int32(tally.mapCount)
        switch self {
        case .automatic, .finite:
            let mask = Mask(grid: tally.grid) { tally.counts[$0] == all }
            if mask.count == 0 {
                throw .noCommonVoxel(maps: tally.mapCount, most: Int(tally.counts.max() ?? 0))
            }
            return (mask, Self.notes(onCoverageOf: mask))
        case .image(let image, let name):
            var (given, notes) = try Self.mask(of: image, name: name, on: tally.grid)
            let kept = Mask(grid: tally.grid, offsets: given.offsets.filter { tally.counts[Int($0)] == all })
            if kept.count == 0 {
                throw .mask(name: name, .noCommonVoxel(voxels: given.count, maps: tally.mapCount))
            }
            let lost = given.count - kept.count
            if lost > 0 {
                notes.append(
                    .warning(
                        "\(lost) of \(given.count) voxels of the mask \(quoted(name)) have no value in at "
                            + "least one map and are left out"))
            }
            return (kept, notes)
        }
    }

    /// The mask that an image draws on a grid.
    ///
    /// - Returns: a mask that is not empty; a note counts NaN voxels, which are outside.
    /// - Throws: ``ImagingError/mask(name:_:)`` for another grid, negative or infinite values, more than one
    ///   positive value, or no voxel.
    public static func mask(
        of image: Volume, name: String, on grid: Grid
    ) throws(ImagingError) -> (mask: Mask, notes: [Note]) {
        if let difference = GridDifference(of: image.grid, from: grid) {
            throw .mask(name: name, .otherGrid(difference))
        }
        var (nan, negative, zero) = (0, 0, 0)
        var (least, greatest) = (Double.infinity, 0.0)
        for value in image.values {
            if value == 0 {
                zero += 1
            } else if value.isNaN {
                nan += 1
            } else if value < 0 {
                negative += 1
            } else {
                least = min(least, value)
                greatest = max(greatest, value)
            }
        }
        if negative > 0 { throw .mask(name: name, .negative(count: negative)) }
        if greatest == 0 { throw .mask(name: name, .empty) }
        if least < greatest || greatest.isInfinite {
            throw .mask(name: name, .notBinary(least: least, greatest: greatest))
        }
        let mask = Mask(grid: grid) { image.values[$0] > 0 }
        guard nan > 0 else { return (mask, []) }
        let text = "\(nan) NaN voxel\(nan == 1 ? "" : "s") of the mask \(quoted(name)) count as outside"
        // Where NaN is the background there is nothing to be alarmed about.
        return (mask, [zero == 0 ? .information(text) : .warning(text)])
    }

    /// A warning where maps seem to have values outside the brain, which fills about a third of most images.
    private static func notes(onCoverageOf mask: Mask) -> [Note] {
        guard mask.grid.count >= 10_000, mask.count * 5 > mask.grid.count * 4 else { return [] }
        let share = 100 * mask.count / mask.grid.count
        return [
            .warning(
                "the mask is \(share) % of the image: the maps have values outside the brain, where tests "
                    + "cost power; give a brain mask")
        ]
    }
}

/// Why an image cannot serve as a mask.
public enum MaskProblem: Hashable, Sendable, CustomStringConvertible {
    /// It lies on another grid than the maps.
    case otherGrid(GridDifference)
    /// `count` voxels are below 0.
    case negative(count: Int)
    /// It has more than one positive value, from `least` to `greatest`.
    case notBinary(least: Double, greatest: Double)
    /// It has no voxel above 0.
    case empty
    /// None of its `voxels` voxels has a value in all `maps` maps, or in `least` of them.
    case noCommonVoxel(voxels: Int, maps: Int, least: Int? = nil)

    /// The problem, to follow the mask's name.
    public var description: String {
        switch self {
        case .otherGrid(let difference):
            "does not overlap voxel by voxel with the maps: it lies on another grid (\(difference))"
        case .negative(let count): "has \(count) negative voxel\(count == 1 ? "" : "s")"
        case .notBinary(let least, let greatest):
            "is not binary: its positive values range from \(significant(least, digits: 4)) to "
                + significant(greatest, digits: 4)
        case .empty: "is empty: no voxel is above 0"
        case .noCommonVoxel(let voxels, let maps, let least):
            "leaves nothing to test: none of its \(voxels) voxels has a value in "
                + (least.map { $0 < maps ? "at least \($0) of \(maps)" : "all \(maps)" } ?? "all \(maps)")
                + " maps"
        }
    }

    /// What to do about it.
    var remedy: String {
        switch self {
        case .otherGrid: "resample the mask to the maps' grid (nearest neighbour)"
        case .negative: "a mask is 1 inside and 0 outside"
        case .notBinary: "threshold it first, so that it is 1 inside and 0 outside"
        case .empty: "a mask is 1 inside and 0 outside"
        case .noCommonVoxel: "check that mask and maps cover the same part of the brain"
        }
    }
}
