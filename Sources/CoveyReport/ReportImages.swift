public import CoveyCore
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
    /// Which voxels of the mask they are kept at, as a gzip member of one bit per voxel; `nil`: all of them.
    public var subjectVoxels: [UInt8]?
    /// By ``ReportMap/file``: the maps as the page keeps them.
    var packed: [String: PackedMap] = [:]
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

    /// Bytes that a map takes in the page, before base64; 0 where it follows from others.
    public func byteCount(of map: ReportMap) -> Int { packed[map.file]?.byteCount ?? 0 }

    /// The maps from which a map follows, by their files.
    public func files(behind map: ReportMap) -> [String] { packed[map.file]?.files ?? [] }

    /// Packs the maps of a content that are not packed yet.
    public mutating func pack(_ content: ReportContent, threads: Int = availableThreads()) {
        let known = Set(packed.keys)
        let pending = content.contrasts.filter { !known.isSuperset(of: $0.maps.map(\.file)) }
        guard !pending.isEmpty else { return }
        let prediction = VoxelPrediction(mask)
        for contrast in pending {
            packed.merge(PackedMap.packed(contrast.maps, maps, prediction, threads: threads)) { $1 }
        }
    }
}
