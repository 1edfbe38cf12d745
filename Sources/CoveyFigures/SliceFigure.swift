public import CoveyCanvas
public import CoveyImaging
public import CoveyModel

/// The kinds of file a figure can become.
public typealias FigureFormat = PictureFormat

/// Slices through a statistic map over an anatomical image, with a colour bar.
///
/// The subject's left is on the left. Every layer is cut in world space through its own affine, so grids of
/// any voxel size, order of axes or obliqueness lie exactly where they belong: the map's voxels are boxes with
/// their true edges (nearest neighbour; a cut halfway between two voxels shows the one with the larger
/// coordinate), the background is interpolated linearly.
///
/// A voxel is drawn where it is tested and `|value| >= threshold`: a voxel at the threshold survives. Where the
/// colour range begins at or above -threshold, values below its start are not drawn either, and likewise at its
/// upper end: a one-sided range shows one sign. Tested means: inside ``mask`` and finite; without a mask, not
/// exactly zero either, since many programs write 0 where nothing was tested.
///
/// Equal figures give equal bytes.
public struct SliceFigure: Sendable {
    /// What lies under the map.
    public enum Background: Sendable {
        /// The library's average brain, ``Template/mni152()``.
        case template
        /// The user's own anatomical image; zero and non-finite voxels are transparent.
        case volume(Volume)
        /// The bare page.
        case none
    }

    /// The map.
    public var statistic: Volume
    /// The voxels tested, on the map's grid; `nil` for every finite voxel that is not zero.
    public var mask: Mask?
    /// The least absolute value that is drawn; `nil` draws all tested voxels.
    public var threshold: Double?
    /// Which slices.
    public var view: SliceView
    /// The title, wrapped to the page's width; empty for none.
    public var title: String
    /// What the numbers are, beside the colour bar: "z", "−log₁₀ p (FWE)"; empty for none.
    public var label: String
    /// What lies under the map.
    public var background: Background
    /// How the figure looks.
    public var style: SliceStyle
    /// What stands above the first row; empty for nothing.
    public var rowTitle = ""
    /// Further maps, a row each. All have one range of colours, from all of their values.
    public var moreRows: [FigureRow] = []
    /// A second map over those of all rows.
    public var overlay: FigureOverlay?
    /// Lines over the slices of all rows.
    public var contours: [FigureContour] = []
    /// Regions under every row's map.
    public var regions: FigureRegions?

    /// A figure of a volume.
    public init(
        _ statistic: Volume, mask: Mask? = nil, threshold: Double? = nil, view: SliceView = .automatic,
        title: String = "", label: String = "", background: Background = .template,
        style: SliceStyle = SliceStyle()
    ) {
        self.statistic = statistic
        self.mask = mask
        self.threshold = threshold
        self.view = view
        self.title = title
        self.label = label
        self.background = background
        self.style = style
    }

    /// A figure of a statistic map, in its mask, labelled with what its numbers are.
    public init(
        _ map: StatisticMap, threshold: Double? = nil, view: SliceView = .automatic, title: String = "",
        background: Background = .template, style: SliceStyle = SliceStyle()
    ) {
        self.init(
            map.volume(), mask: map.mask, threshold: threshold, view: view, title: title,
            label: map.statistic.figureLabel, background: background, style: style)
    }

    /// Draws the figure and returns the file's bytes.
    ///
    /// - Throws: ``FigureError``.
    public func render(_ format: FigureFormat = .png) throws(FigureError) -> [UInt8] {
        try PreparedFigure(self).render(format)
    }

    /// The positions at which the slices are cut, in mm: one value for each panel of a row, in the figure's order.
    ///
    /// - Throws: ``FigureError``.
    public func cuts() throws(FigureError) -> [(axis: SliceAxis, millimeters: Double)] {
        try PreparedFigure(self).cuts.map { ($0.axis, $0.millimeters) }
    }
}

extension Statistic {
    /// What the numbers are, in the words of a colour bar.
    public var figureLabel: String {
        switch self {
        case .t(let df): "t (\(numberText(df, significantDigits: 6)))"
        case .f(let numerator, let denominator):
            "F (\(numberText(numerator, significantDigits: 6)), \(numberText(denominator, significantDigits: 6)))"
        case .z: "z"
        case .p(_, let correction, _): correction.isQ ? "q (FDR)" : "p" + correction.suffix
        case .negativeLog10P(_, let correction, _):
            correction.isQ ? "−log₁₀ q (FDR)" : "−log₁₀ p" + correction.suffix
        case .effect: "effect"
        case .variance: "variance of the effect"
        case .standardError: "standard error"
        case .partialR2: "partial R²"
        case .cohensD: "Cohen’s d"
        case .quantity(.tfce): "TFCE"
        case .quantity(.clusterMass): "cluster mass"
        case .quantity: "cluster extent (voxels)"
        case .named(let name): name
        }
    }
}

extension Correction {
    fileprivate var isQ: Bool { self == .falseDiscoveryRate || self == .adaptiveFalseDiscoveryRate }

    fileprivate var suffix: String {
        switch self {
        case .none: " (uncorrected)"
        case .bonferroni: " (Bonferroni)"
        case .familyWiseError: " (FWE)"
        case .familyWiseErrorAcrossContrasts: " (FWE, all contrasts)"
        case .falseDiscoveryRate, .adaptiveFalseDiscoveryRate: ""
        }
    }
}
