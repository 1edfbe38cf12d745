public import CoveyCore
public import CoveyFormats

/// An image file as grids and volumes: one 3-D map, or a list of them.
public struct ImageFile: Sendable {
    /// The path as the user named it.
    public let path: String
    /// Where the voxels lie, in mm.
    public let grid: Grid
    /// The file's header and voxels.
    public let image: NIfTIImage

    /// Reads an image file.
    public init(
        _ path: String, analyzeOrientation: AnalyzeOrientation = .mirrored
    ) throws(FormatError) {
        let image = try NIfTIImage(contentsOf: path, analyzeOrientation: analyzeOrientation)
        self.path = path
        self.image = image
        grid = Grid(image.header)
    }

    /// What should be known of the file.
    public var notes: [Note] { image.notes }
    /// Number of 3-D maps.
    public var volumeCount: Int { image.header.volumeCount }

    /// One 3-D map.
    public func volume(_ index: Int = 0) -> Volume {
        Volume(grid: grid, values: image.decode(volume: index))
    }

    /// Reads a file that must hold one 3-D map.
    ///
    /// - Throws: `FormatError` also where the file holds several.
    public static func readVolume(_ path: String) throws(FormatError) -> Volume {
        let file = try ImageFile(path)
        guard file.volumeCount == 1 else {
            throw FormatError(path, .badField("dim", "gives \(file.volumeCount) volumes (4D); one 3-D map is needed"))
        }
        return file.volume()
    }
}

extension Grid {
    /// The grid of an image, with the header's unit converted to mm.
    public init(_ header: NIfTIHeader) {
        self.init(
            shape: header.gridShape, affine: Affine(header.affine.map { $0 * header.millimetersPerUnit }),
            qformCode: header.qformCode, sformCode: header.sformCode)
    }
}
