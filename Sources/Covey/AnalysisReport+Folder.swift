import CoveyCore
import CoveyFormats
import CoveyImaging
import CoveyKernels
import CoveyReport

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

extension AnalysisReport {
    /// The content's place in a result folder.
    static let contentFile = "report/content.json"

    /// Writes the page, and beside it what it takes to make it again: the content and, where the page has them,
    /// the subjects' values and the steps of bounds. Maps and mask are in the folder already.
    func write(into folder: ResultFolder) throws {
        try folder.write(html, to: "report.html")
        try folder.write(
            encoded(StoredReport(content: content, grid: images.mask.grid)), to: Self.contentFile)
        if let values = content.subjectValues, let bytes = images.subjectValues {
            try folder.write(bytes, to: values.file)
            if let voxels = values.voxels, let bytes = images.subjectVoxels {
                try folder.write(bytes, to: voxels)
            }
        }
        if let mapsText { try folder.write(mapsText, to: "maps.tsv") }
        for (file, bytes) in images.steps { try folder.write(bytes, to: file) }
    }

    /// The report of an analysis that is in a result folder.
    ///
    /// - Parameter folder: as an analysis left it; only what the report needs is read.
    /// - Throws: ``ReportError`` where the folder has no report's content or its files do not fit together;
    ///   `FormatError` where a map cannot be read.
    public init(folder: String, threads: Int = availableThreads()) throws {
        let file = folder + "/" + Self.contentFile
        guard FileManager.default.fileExists(atPath: folder) else { throw ReportError.noFolder(folder) }
        guard FileManager.default.fileExists(atPath: file) else { throw ReportError.noContent(folder) }
        let text = try readText(file)
        guard let version = try? JSONDecoder().decode(StoredReport.Version.self, from: Data(text.utf8)) else {
            throw ReportError.unreadable(file)
        }
        guard version.content.version <= ReportContent.currentVersion else {
            throw ReportError.laterVersion(file, version.content.version)
        }
        guard let stored = try? JSONDecoder().decode(StoredReport.self, from: Data(text.utf8)) else {
            throw ReportError.unreadable(file)
        }
        let (content, grid) = (stored.content, stored.grid)

        let maskFile = folder + "/mask.nii.gz"
        let inside = try ImageFile.readVolume(maskFile)
        guard inside.grid.isSame(as: grid) else { throw ReportError.otherGrid(maskFile) }
        let mask = Mask(grid: grid, where: { inside.values[$0] > 0 })
        let names = Set(content.contrasts.flatMap { $0.maps.map(\.file) + $0.figures.map(\.map) }).sorted()
        let read = try mapBlocks(names.count, threads: threads) { (k: Int) throws -> [Double] in
            let path = folder + "/" + names[k]
            guard FileManager.default.fileExists(atPath: path) else { throw ReportError.noMap(path) }
            let volume = try ImageFile.readVolume(path)
            guard volume.grid.isSame(as: grid) else { throw ReportError.otherGrid(path) }
            return mask.values(of: volume)
        }
        var images = ReportImages(
            mask: mask, maps: Dictionary(uniqueKeysWithValues: zip(names, read)),
            background: try Self.background(content.background))
        images.figures = try Self.figures(content, images, threads: threads)
        if let values = content.subjectValues {
            images.subjectValues = try Self.bytes(of: folder + "/" + values.file)
            images.subjectVoxels = try values.voxels.map { try Self.bytes(of: folder + "/" + $0) }
        }
        for bounds in content.contrasts.compactMap(\.bounds) {
            images.steps[bounds.file] = try Self.bytes(of: folder + "/" + bounds.file)
        }
        self.init(content: content, images: images)
    }

    private static func bytes(of path: String) throws -> [UInt8] {
        guard let file = try? RegularFile(path), let bytes = try? file.read(file.byteCount),
            Deflate.isGzip(bytes)
        else { throw ReportError.unreadable(path) }
        return bytes
    }
}

/// What a result folder keeps of a report.
struct StoredReport: Codable {
    /// What tells a file of a later program.
    struct Version: Decodable {
        struct Content: Decodable {
            let version: Int
        }
        let content: Content
    }

    let content: ReportContent
    /// The maps' grid at full precision, which their headers do not keep.
    let grid: Grid
}

/// Why a report cannot be made from a folder.
public enum ReportError: ExplainedError, Equatable {
    /// There is no such folder.
    case noFolder(String)
    /// The folder has no report's content.
    case noContent(String)
    /// A file of the report is damaged.
    case unreadable(String)
    /// Written by a later version.
    case laterVersion(String, Int)
    /// A map does not lie where the report's maps lie.
    case otherGrid(String)
    /// A map of the report is no longer there.
    case noMap(String)
    /// There is no page to be traced.
    case noPage(String)
    /// So many numbers and pictures of a page have no source in the run.
    case untraced(String, Int)

    /// What is wrong.
    public var description: String {
        switch self {
        case .noFolder(let path): "there is no folder \(quoted(path))"
        case .noContent(let path):
            "\(quoted(path)) has no \(AnalysisReport.contentFile): no report can be made from it"
        case .unreadable(let path): "\(quoted(path)) is damaged"
        case .laterVersion(let path, let version):
            "\(quoted(path)) has version \(version), this program knows versions up to \(ReportContent.currentVersion)"
        case .otherGrid(let path): "\(quoted(path)) does not lie on the grid of the report's maps"
        case .noMap(let path): "\(quoted(path)) is gone: the report shows that map"
        case .noPage(let path): "\(quoted(path)): there is no such page to be traced"
        case .untraced(let path, let count):
            "\(count) number\(count == 1 ? "" : "s") or pictures of \(quoted(path)) have no source in the run"
        }
    }

    /// What to do.
    public var remedy: String {
        switch self {
        case .noFolder: "name a folder that 'covey analyze' wrote"
        case .noContent: "run its plan again: covey run FOLDER/plan.json --out NEW"
        case .noPage: "make it first: covey report FOLDER, with the same --out"
        case .unreadable, .otherGrid, .noMap:
            "the folder was changed after the analysis; run its plan.json again"
        case .untraced:
            "the lines above name them; the page or a file was changed, or it is a bug worth reporting"
        case .laterVersion: "use the version of Covey that wrote it"
        }
    }
}
