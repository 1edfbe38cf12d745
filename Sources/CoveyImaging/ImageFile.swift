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
            throw FormatError(
                path, .badField("dim", "gives \(file.volumeCount) volumes (4D); one 3-D map is needed"))
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

/// What a written image holds, beside its values.
public struct ImageContent: Sendable {
    /// What the values are.
    public var intent: NIfTIIntent
    /// Free text that other programs show or parse.
    public var descrip: String
    /// How voxels are stored.
    public var datatype: Datatype
    /// Header extensions, as another file held them.
    public var extensions: [UInt8] = []

    /// A content.
    public init(intent: NIfTIIntent = .none, descrip: String = "", datatype: Datatype = .float32) {
        self.intent = intent
        self.descrip = descrip
        self.datatype = datatype
    }
}

extension Volume {
    /// Writes the volume as NIfTI, gzipped where the name ends in `.gz`, on its grid and with its grid's codes.
    public func write(to path: String, _ content: ImageContent) throws(FormatError) {
        try Volume.write([self], to: path, content)
    }

    /// Writes volumes on one grid as a list of maps (4-D where there are several).
    ///
    /// - Precondition: at least one volume; all on the same grid.
    public static func write(
        _ volumes: [Volume], to path: String, _ content: ImageContent
    ) throws(FormatError) {
        let grid = volumes[0].grid
        precondition(volumes.allSatisfy { $0.grid.shape == grid.shape })
        var writer = NIfTIWriter(
            shape: grid.shape + (volumes.count > 1 ? [volumes.count] : []), affine: grid.affine.elements,
            qformCode: grid.qformCode, sformCode: grid.sformCode)
        writer.intent = content.intent
        writer.descrip = content.descrip
        writer.datatype = content.datatype
        writer.extensions = content.extensions
        try writer.write(volumes.count == 1 ? volumes[0].values : volumes.flatMap(\.values), to: path)
    }
}
