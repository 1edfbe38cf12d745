public import CoveyImaging

/// A further map of a figure, in a row of its own below the first: same slices, same threshold, same colours.
public struct FigureRow: Sendable {
    /// The map.
    public var statistic: Volume
    /// The voxels tested, on the map's grid; `nil` for every finite voxel that is not zero.
    public var mask: Mask?
    /// What stands above the row; empty for nothing.
    public var title: String

    /// A row of a volume.
    public init(_ statistic: Volume, mask: Mask? = nil, title: String = "") {
        self.statistic = statistic
        self.mask = mask
        self.title = title
    }
}

/// A second map over the first one, with a colour bar of its own.
///
/// It is drawn on top. A thin outline surrounds the voxels in which both maps survive. A voxel is drawn by the rule of ``SliceFigure``.
public struct FigureOverlay: Sendable {
    /// The map.
    public var statistic: Volume
    /// The least absolute value that is drawn; `nil` draws all tested voxels.
    public var threshold: Double?
    /// How numbers become colours.
    public var colorMap: ColorMap
    /// Which values the ends of the colour map stand for.
    public var range: ValueRange
    /// What the numbers are, beside the colour bar.
    public var label: String
    /// From 0, invisible, to 1, covering what lies below. Below 1 the colours of both maps mix, and neither bar
    /// shows the mixture.
    public var opacity: Double

    /// An overlay of a volume.
    public init(
        _ statistic: Volume, threshold: Double? = nil, colorMap: ColorMap = .viridis,
        range: ValueRange = .automatic, label: String = "", opacity: Double = 1
    ) {
        self.statistic = statistic
        self.threshold = threshold
        self.colorMap = colorMap
        self.range = range
        self.label = label
        self.opacity = opacity
    }
}

/// Regions of a label image under the map, each filled in a colour of its own and named in the legend.
///
/// A voxel belongs to the region whose whole number it holds; 0 and what is not finite is no region. Colours
/// repeat after the ninth region that the slices meet.
public struct FigureRegions: Sendable {
    /// The label image, on any grid.
    public var image: Volume
    /// The regions' names; a label without a name is called by its number.
    public var names: [Int: String]
    /// What errors call the image.
    public var name: String

    /// The regions of an image.
    public init(_ image: Volume, names: [Int: String] = [:], name: String = "label image") {
        self.image = image
        self.names = names
        self.name = name
    }
}

/// Lines over the slices, with a name in the legend below them.
public struct FigureContour: Sendable {
    /// Which lines.
    public enum Course: Sendable, Hashable {
        /// Around the values at or beyond a level: at or above one of at least 0, at or below one less than 0.
        /// Between the centres of voxels values are interpolated linearly; where the image has none, the line
        /// keeps half a step away.
        case level(Double)
        /// Along the edges of the voxels that are not 0, around each value of its own: for masks and labels.
        case edges
    }

    /// The image.
    public var image: Volume
    /// Which lines are drawn.
    public var course: Course
    /// The name in the legend; empty for none.
    public var name: String

    /// The lines of an image.
    public init(_ image: Volume, _ course: Course, name: String = "") {
        self.image = image
        self.course = course
        self.name = name
    }

    /// The legend's words for an image at a level: "name ≥ 3.1".
    public static func name(_ image: String, level: Double) -> String {
        "\(image) \(level < 0 ? "≤" : "≥") \(numberText(level))"
    }
}
