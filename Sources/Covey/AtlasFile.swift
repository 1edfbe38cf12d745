public import CoveyCore
public import CoveyImaging
import CoveyFormats

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// An atlas read from its files.
public struct AtlasFile: Sendable {
    /// The labels and where they lie.
    public let atlas: LabelAtlas
    /// What to cite, and under which licence it comes; empty where neither is known.
    public let credit: String
    /// The files it was read from.
    public let files: [String]
    /// What should be known of it.
    public let notes: [Note]

    /// Reads an atlas.
    ///
    /// - Throws: ``AtlasError`` or a `FormatError`, by name.
    public init(_ choice: AnalysisPlan.AtlasChoice) throws {
        let image = try ImageFile(choice.image)
        guard image.volumeCount == 1 else {
            throw AtlasError.probabilistic(choice.image, volumes: image.volumeCount)
        }
        guard let table = choice.table ?? Self.table(beside: choice.image) else {
            throw AtlasError.noTable(choice.image)
        }
        let names = try LabelNames(try readText(table), source: table)
        let known = KnownAtlas.ofImage(choice.image)
        let name = known?.title ?? Self.stem(choice.image)
        do throws(LabelAtlasProblem) {
            atlas = try LabelAtlas(name: name, image.volume(), names: names.names)
        } catch {
            throw AtlasError.noAtlas(choice.image, error)
        }
        credit =
            choice.citation ?? known.map { "\($0.citation); licence: \($0.licence)" } ?? ""
        files = [choice.image, table]
        var notes = image.notes
        notes.append(
            .information(
                "atlas \(printable(name)): \(names.names.count) names from \(quoted(table)) (\(names.kind.rawValue)); "
                    + "labels are looked up in world coordinates, which is right only where maps and atlas lie in the "
                    + "same space" + (credit.isEmpty ? "" : "; cite \(printable(credit))")))
        if names.kind == .list {
            notes.append(
                .warning(
                    "\(quoted(table)) has names without numbers: they were taken for the labels in order, "
                        + "\(names.names[0] == nil ? "from 1" : "from 0")"))
        }
        let unnamed = atlas.unnamed
        if !unnamed.isEmpty {
            notes.append(
                .warning(
                    "\(counted(unnamed.count, "label")) of atlas \(printable(name)) \(unnamed.count == 1 ? "has" : "have") no "
                        + "name in \(quoted(table)), the first is \(unnamed[0])"))
        }
        self.notes = notes
    }

    /// Says where maps and atlas cannot lie in the same space: no voxel of the maps has a label.
    public func notes(on mask: Mask) -> [Note] {
        let isThere = (0..<mask.count).contains { atlas.label(at: mask.world(of: $0)) != 0 }
        return isThere
            ? []
            : [
                .warning(
                    "no tested voxel lies in a label of atlas \(printable(atlas.name)): is it in the space of the maps?"
                )
            ]
    }

    // MARK: The table beside an image

    /// A file name without the folder and the endings of images.
    static func stem(_ path: String) -> String {
        var name = path.split(separator: "/").last.map(String.init) ?? path
        for ending in [".gz", ".nii", ".img", ".hdr"] where name.lowercased().hasSuffix(ending) {
            name = String(name.dropLast(ending.count))
        }
        return name
    }

    /// The table of an image under the usual names: the image's own with another ending, without the resolution
    /// that the table does not depend on, or FSL's XML one folder up that names the image.
    static func table(beside image: String) -> String? {
        let folder = image.lastIndex(of: "/").map { String(image[...$0]) } ?? ""
        let stem = stem(image)
        let shorter = stem.replacing(/_res-[A-Za-z0-9]+|_FSLMNI152_\dmm|_space-[A-Za-z0-9]+/, with: "")
        var stems = [stem, shorter]
        if stem.contains("_rois") { stems.append(stem.replacing("_rois", with: "_rois_labels")) }
        let manager = FileManager.default
        for stem in stems {
            for ending in [
                ".tsv", ".csv", ".txt", ".lut", ".xml", "_labels.tsv", "_labels.csv", "_labels.txt",
                "_LUT.txt",
            ] {
                let path = folder + stem + ending
                if manager.fileExists(atPath: path) { return path }
            }
        }
        return xml(naming: stem, near: folder)
    }

    private static func xml(naming stem: String, near folder: String) -> String? {
        // FSL lists the images of one threshold only.
        let usual = stem.replacing(/-thr\d+-/, with: "-thr25-")
        for folder in [folder, folder + "../"] {
            let here = folder.isEmpty ? "." : folder
            for file in ((try? FileManager.default.contentsOfDirectory(atPath: here)) ?? []).sorted()
            where file.lowercased().hasSuffix(".xml") {
                guard let text = try? readText(folder + file) else { continue }
                if [stem, usual].contains(where: { text.contains("/\($0)<") }) { return folder + file }
            }
        }
        return nil
    }
}

/// Why an atlas cannot be used.
public enum AtlasError: ExplainedError, Equatable {
    /// It has more volumes than one.
    case probabilistic(String, volumes: Int)
    /// Nothing names its labels.
    case noTable(String)
    /// Its image has no labels.
    case noAtlas(String, LabelAtlasProblem)
    /// No package that is installed here has it.
    case notInstalled(String, looked: [String])
    /// Neither a file nor a known name.
    case unknown(String, known: [String])

    /// What is wrong.
    public var description: String {
        switch self {
        case .probabilistic(let path, let volumes):
            "atlas \(quoted(path)) has \(volumes) volumes: it is probabilistic, not labelled"
        case .noTable(let path): "atlas \(quoted(path)) has no table of names beside it"
        case .noAtlas(let path, .notWhole(let value)):
            "atlas \(quoted(path)) holds \(significant(value, digits: 6)): labels are whole numbers"
        case .noAtlas(let path, .noLabel): "atlas \(quoted(path)) has no label: every voxel is 0"
        case .noAtlas(let path, .noPlace): "atlas \(quoted(path)) does not say where its voxels lie"
        case .notInstalled(let name, let looked):
            looked.isEmpty
                ? "atlas \(quoted(name)) is not a file, and no folder of atlases is known here"
                : "atlas \(quoted(name)) is in none of \(looked.map { quoted($0) }.joined(separator: ", "))"
        case .unknown(let name, let known):
            "atlas \(quoted(name)) is neither a file nor one of \(known.joined(separator: ", "))"
        }
    }

    /// What to do.
    public var remedy: String {
        switch self {
        case .probabilistic:
            "give its map of the most probable label, such as FSL's '…-maxprob-thr25-2mm.nii.gz'"
        case .noTable: "name one with --atlas-table (TSV, CSV, FSL's XML, or lines of numbers and names)"
        case .noAtlas(_, .notWhole):
            "give the image of labels; one that was resampled by interpolation is spoiled"
        case .noAtlas: "give the image of labels"
        case .notInstalled: "give the file, or set FSLDIR or NILEARN_DATA to where the package has it"
        case .unknown: "give the path of an image of labels"
        }
    }
}
