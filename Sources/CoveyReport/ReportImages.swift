public import CoveyImaging

/// The voxels and pictures that a report shows, by the names its content gives them.
public struct ReportImages: Sendable {
    /// The voxels tested.
    public var mask: Mask
    /// By ``ReportMap/file``: one value per voxel of the mask, NaN where there is none.
    public var maps: [String: [Double]]
    /// What lies under the maps.
    public var background: Volume?
    /// By ``ReportFigure/name``: SVG files.
    public var figures: [String: [UInt8]]
    /// Subjects' values, as ``SubjectBlock`` packs them; `nil` where they do not fit.
    public var subjectValues: [UInt8]?
    /// By ``ReportBounds/file``: steps, as ``BoundSteps`` packs them.
    public var steps: [String: [UInt8]] = [:]

    /// Images.
    public init(
        mask: Mask, maps: [String: [Double]], background: Volume?, figures: [String: [UInt8]] = [:],
        subjectValues: [UInt8]? = nil
    ) {
        self.mask = mask
        self.maps = maps
        self.background = background
        self.figures = figures
        self.subjectValues = subjectValues
    }
}
