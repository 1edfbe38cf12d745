public import CoveyCore

/// What can be wrong with images, masks and what is asked of them.
public enum ImagingError: ExplainedError, Hashable {
    /// Not one or three finite smoothing widths of 0 or more.
    case badSmoothingWidth([Double])
    /// A smoothing width in mm beyond the image's longest side.
    case smoothingWiderThanImage(fwhmMillimeters: Double, limit: Double)
    /// A mask image that cannot serve.
    case mask(name: String, MaskProblem)
    /// No voxel has a value in each of `maps` maps, or in `least` of them; `most` of them share a voxel at best.
    case noCommonVoxel(maps: Int, most: Int, least: Int? = nil)
    /// Maps that cannot be analysed together: every problem of every map.
    case maps([MapProblem])

    /// What is wrong and where.
    public var description: String {
        switch self {
        case .badSmoothingWidth(let widths):
            let list = widths.map(shortest).joined(separator: ", ")
            return "smoothing FWHM \(quoted(list)) is not one width or three, each finite and at least 0 mm"
        case .smoothingWiderThanImage(let width, let limit):
            return
                "smoothing FWHM \(shortest(width)) mm is wider than the image (0 to \(significant(limit, digits: 4)) mm)"
        case .mask(let name, let problem): return "mask \(quoted(name)) \(problem.description)"
        case .noCommonVoxel(let maps, let most, let least):
            let wanted =
                least.map { $0 < maps ? "at least \($0) of \(maps)" : "all \(maps)" } ?? "all \(maps)"
            return
                "the mask is empty: no voxel has a finite value in \(wanted) maps (at most \(most) share one)"
        case .maps(let problems): return MapProblem.summary(of: problems)
        }
    }

    /// What to do about it.
    public var remedy: String {
        switch self {
        case .badSmoothingWidth: "give the width in mm, as in 5 or 4,4,6; 0 means none"
        case .smoothingWiderThanImage: "widths are in millimetres; group maps are usually smoothed by 4 to 10"
        case .mask(_, let problem): problem.remedy
        case .noCommonVoxel:
            "look at the number of maps per voxel ('covey check'); leave out maps that cover another part of the brain, "
                + "or test voxels that fewer maps have (--min-subjects)"
        case .maps(let problems): MapProblem.remedy(for: problems)
        }
    }
}
