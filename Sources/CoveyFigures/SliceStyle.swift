/// Which way a slice is cut: the axis of world space that it is perpendicular to.
public enum SliceAxis: String, Sendable, Codable, CaseIterable {
    /// Sagittal slices; the front is to the right of the picture.
    case x
    /// Coronal slices; the subject's left is to the left.
    case y
    /// Axial slices; the subject's left is to the left, the front at the top.
    case z
}

/// Where three orthogonal slices meet.
public enum CutPosition: Sendable, Hashable, Codable {
    /// At the peak: the centre of the voxel of largest absolute value among those that the figure shows;
    /// where it shows none, among all tested voxels; where there is none either, in the middle of the grid.
    /// Of equal peaks the first in storage order counts.
    case automatic
    /// At a position in millimetres of world space.
    case millimeters(x: Double, y: Double, z: Double)
}

/// Which slices a figure shows.
public enum SliceView: Sendable, Hashable, Codable {
    /// One sagittal, one coronal and one axial slice through a point.
    case orthogonal(CutPosition)
    /// Parallel slices at the given positions, at most seven in a row.
    case slices(SliceAxis, positionsMillimeters: [Double])
    /// `count` parallel slices at whole millimetres, evenly spread over the middle four fifths of the brain.
    case evenlySpaced(SliceAxis, count: Int)
    /// The same, each slice moved to where most of what the figure shows lies, by at most half the space between two and
    /// no nearer than that to another one. See ``PreparedFigure/strongest(_:count:box:maps:)``.
    case strongest(SliceAxis, count: Int)
    /// A row of `count` slices along each of the three axes, placed as by ``strongest(_:count:)`` or
    /// ``evenlySpaced(_:count:)``.
    case mosaic(count: Int, isEven: Bool = false)
    /// The glass brain: for each line of sight along x, y and z the value of largest magnitude among those the
    /// figure draws, over the background's surface seen from the right, from behind and from above. A place in depth
    /// cannot be read from it.
    case glass

    /// Three slices through the peak.
    public static let automatic = SliceView.orthogonal(.automatic)
}

/// What becomes of voxels below the threshold.
public enum BelowThreshold: Sendable, Hashable, Codable {
    /// They are not drawn.
    case hidden
    /// They are drawn with an opacity of `alpha * (|value| / threshold)^2`, and those at or above the
    /// threshold have an outline (Taylor et al. 2023, NeuroImage 274:120138: highlight results, do not hide
    /// them).
    case faded(alpha: Double)
}

/// Which values the two ends of the colour map stand for.
public enum ValueRange: Sendable, Hashable, Codable {
    /// For a diverging map, from -m to m, where m is the largest absolute value in the whole volume; for
    /// another one, from the least value or 0 to the largest value or 0. Never less than the threshold.
    case automatic
    /// From the threshold to the largest value, for maps whose large positive values alone count, such as
    /// -log10 p; from 0 where voxels below the threshold are drawn faintly.
    case fromThreshold
    /// From one value to another; what lies beyond has the end's colour, and the colour bar says so.
    case fixed(lower: Double, upper: Double)
}

/// The page's colours.
public enum FigureTheme: String, Sendable, Codable, CaseIterable {
    /// Dark letters on white.
    case light
    /// White letters on black.
    case dark
}

/// How a figure looks, apart from what it shows.
public struct SliceStyle: Sendable, Hashable, Codable {
    /// How numbers become colours.
    public var colorMap: ColorMap
    /// Which values the ends of the colour map stand for.
    public var range: ValueRange
    /// What becomes of voxels below the threshold.
    public var belowThreshold: BelowThreshold
    /// The page's colours.
    public var theme: FigureTheme
    /// Whether the colour bar is drawn.
    public var hasColorBar: Bool
    /// Whether thin lines mark the position of the other slices of an orthogonal view.
    public var hasCrossHair: Bool
    /// Whether L and R mark the subject's sides, and the position of each cut is written below it.
    public var hasAnnotations: Bool
    /// The width of the page in inches.
    public var widthInches: Double
    /// The height of the page in inches; `nil` for as much as the slices need.
    public var heightInches: Double?
    /// The resolution of pixels.
    public var dotsPerInch: Double
    /// The least resolution of the slices within SVG and PDF pages: a printer's, unless the file must be small.
    public var sliceDotsPerInch: Double

    /// The usual look; change what you like afterwards.
    public init() {
        colorMap = .redBlue
        range = .automatic
        belowThreshold = .hidden
        theme = .light
        hasColorBar = true
        hasCrossHair = false
        hasAnnotations = true
        widthInches = 7.3
        heightInches = nil
        dotsPerInch = 200
        sliceDotsPerInch = 300
    }

    /// The look for -log10 p and other maps of one sign: inferno, from the threshold upward.
    public static var sequential: SliceStyle {
        var style = SliceStyle()
        style.colorMap = .inferno
        style.range = .fromThreshold
        return style
    }
}
