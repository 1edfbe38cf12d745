public import CoveyCore

/// Why a figure cannot be drawn.
public enum FigureError: ExplainedError, Hashable {
    /// The affine of an image has no inverse or holds a number that is not finite.
    case singularAffine(image: String)
    /// A mask of another shape or place than the map it belongs to.
    case maskOnAnotherGrid(map: [Int], mask: [Int])
    /// A threshold below zero, or none at all.
    case threshold(Double)
    /// A range of colours whose ends are not finite and in order.
    case range(lower: Double, upper: Double)
    /// A contour at a level that is no number.
    case level(Double)
    /// A contour at a level that no voxel reaches.
    case levelOutside(Double, image: String, least: Double, largest: Double)
    /// Outlines or regions of an image that is neither a mask nor a label image.
    case notLabels(image: String, value: Double)
    /// Outlines of an image that is 0 everywhere.
    case nothingToOutline(image: String)
    /// A second map that is less than invisible or more than opaque.
    case opacity(Double)
    /// Something besides the map over a glass brain.
    case layersOnGlass
    /// A row of slices without a slice.
    case noSlices
    /// A cut through no voxel of the background and of the map.
    case cutOutside(axis: String, millimeters: Double, lowest: Double, highest: Double)
    /// A page that is too small, too large or not finite.
    case size(widthInches: Double, heightInches: Double, dotsPerInch: Double)
    /// A background without two different values.
    case flatBackground
    /// The drawing library gave up.
    case drawing(String)

    /// What is wrong and where.
    public var description: String {
        switch self {
        case .singularAffine(let image): "the affine of the \(image) cannot be inverted"
        case .maskOnAnotherGrid(let map, let mask):
            "the mask (\(mask.map(String.init).joined(separator: " x "))) does not lie on the grid of the map "
                + "(\(map.map(String.init).joined(separator: " x ")))"
        case .threshold(let value): "the threshold of a figure cannot be \(value)"
        case .range(let lower, let upper): "colours cannot range from \(lower) to \(upper)"
        case .level(let value): "no contour runs at \(value)"
        case .levelOutside(let level, let image, let least, let largest):
            "no voxel of \(quoted(image)) reaches the level \(numberText(level, significantDigits: 6)): its values lie "
                + "between \(numberText(least, significantDigits: 4)) and \(numberText(largest, significantDigits: 4))"
        case .notLabels(let image, let value):
            "\(quoted(image)) is neither a mask nor a label image: it holds "
                + numberText(value, significantDigits: 6)
        case .nothingToOutline(let image): "\(quoted(image)) is 0 in every voxel"
        case .opacity(let value): "an opacity cannot be \(value)"
        case .layersOnGlass:
            "a glass brain shows maps alone, without contours, outlines, overlays and regions"
        case .noSlices: "a row of slices needs a position"
        case .cutOutside(let axis, let millimeters, let lowest, let highest):
            "no voxel is cut at \(axis) = \(numberText(millimeters, significantDigits: 6)) mm: the images reach "
                + "from \(numberText(lowest, significantDigits: 4)) to "
                + "\(numberText(highest, significantDigits: 4)) mm"
        case .size(let width, let height, let dotsPerInch):
            "a figure cannot be \(width) x \(height) inches at \(dotsPerInch) dots per inch"
        case .flatBackground: "the background image has the same value in every voxel"
        case .drawing(let text): "the drawing library failed: \(printable(text))"
        }
    }

    /// What to do about it.
    public var remedy: String {
        switch self {
        case .singularAffine: "repair the sform or qform of the image"
        case .maskOnAnotherGrid: "give the mask that the map was computed in"
        case .threshold: "give a number of at least 0, or none"
        case .range: "give two finite numbers, the smaller one first"
        case .level: "give a finite number"
        case .levelOutside: "give a level in between"
        case .notLabels: "draw its contour at a level instead"
        case .nothingToOutline: "give an image with something to outline"
        case .opacity: "give a number above 0 and at most 1"
        case .layersOnGlass: "choose a view of slices"
        case .noSlices: "give at least one position in millimetres"
        case .cutOutside: "give a position in between, in millimetres of world space"
        case .size: "give at least 2 x 1 inches, at most 32,767 dots a side"
        case .flatBackground: "give an anatomical image, or draw without a background"
        case .drawing: ""
        }
    }
}
