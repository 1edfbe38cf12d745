import CoveyFormats
import CoveyModel

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

extension PreflightQuestion {
    /// A look at maps without a table, each one its own subject.
    ///
    /// - Parameter places: map files, or one folder whose images are the maps.
    /// - Throws: ``PlanError/noMapsIn(_:)`` for a folder without images.
    public init(files places: [String]) throws {
        var isFolder = false
        if places.count == 1,
            FileManager.default.fileExists(atPath: places[0], isDirectory: &isFolder), isFolder
        {
            let folder = places[0].hasSuffix("/") ? places[0] : places[0] + "/"
            maps = ((try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? [])
                .filter { !$0.hasPrefix(".") && Self.isImage($0) }.sorted().map { folder + $0 }
            guard maps?.isEmpty == false else { throw PlanError.noMapsIn(places[0]) }
        } else {
            maps = places
        }
        data = AnalysisPlan.DataSource()
    }

    /// Whether a name is an image's, and so no table's.
    public static func isImage(_ name: String) -> Bool {
        [".nii", ".nii.gz", ".img", ".img.gz"].contains { name.lowercased().hasSuffix($0) }
    }

    /// Whether the place is a folder or an image, and so no table.
    public static func isMaps(_ place: String) -> Bool {
        var isFolder = false
        return isImage(place)
            || (FileManager.default.fileExists(atPath: place, isDirectory: &isFolder) && isFolder)
    }

    /// The table that is looked at: the one of a file, or one made of the maps.
    func readTable() throws -> (table: Table, notes: [Note], data: AnalysisPlan.DataSource) {
        var data = data
        if let path = data.table {
            let (table, notes) = try Table.read(path)
            return (table, notes, data)
        }
        if let image = data.image4D {
            let count = try ImageFile(image).volumeCount
            let rows = (0..<count).map { ["volume \($0 + 1)"] }
            return (Table(source: image, columns: ["participant_id"], rows: rows), [], data)
        }
        var files = maps ?? []
        if let pattern = data.mapPattern {
            files = try filesMatching(pattern)
            guard !files.isEmpty else { throw PlanError.nothingMatches(pattern) }
            data.mapPattern = nil
        }
        guard !files.isEmpty else { throw PlanError.noMaps }
        let rows = zip(Self.names(of: files), files).map { [$0, $1] }
        return (Table(source: "maps", columns: ["participant_id", "map"], rows: rows), [], data)
    }

    /// What tells files apart: the `sub-XX` in their names, else the last part of their paths in which all differ,
    /// else the whole path.
    static func names(of files: [String]) -> [String] {
        let subjects = files.compactMap { Subjects.subjectIdentifier(inPath: $0) }
        if subjects.count == files.count, Set(subjects.map(canonicalIdentifier)).count == files.count {
            return subjects
        }
        let parts = files.map { $0.split(separator: "/").map(String.init) }
        for depth in 1...max(1, parts.map(\.count).min() ?? 1) {
            let names = parts.compactMap { $0.dropLast(depth - 1).last }.map { name in
                let dot = [".nii.gz", ".img.gz", ".nii", ".img"].first { name.lowercased().hasSuffix($0) }
                return String(name.dropLast(dot?.count ?? 0))
            }
            if names.count == files.count, Set(names.map(canonicalIdentifier)).count == files.count {
                return names
            }
        }
        return files
    }
}
