#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// The files under a folder, in an order that does not depend on the machine.
struct FolderListing {
    /// The folder, as the user named it, without a slash at its end.
    let root: String
    /// Paths relative to it, sorted by Unicode scalars. Hidden files and folders are passed over.
    let files: [String]
    /// Links that lead nowhere, as those of data that were not fetched, and folders that cannot be listed.
    let unreachable: [String]

    /// Folders nested deeper than this are not looked into.
    static let depthLimit = 24

    /// Lists a folder. Links are followed, except where one leads to a folder that contains it.
    ///
    /// - Throws: ``LayoutError`` where it is no folder or cannot be read.
    init(_ path: String) throws(LayoutError) {
        var trimmed = path
        while trimmed.count > 1, trimmed.hasSuffix("/") { trimmed.removeLast() }
        root = trimmed
        var isFolder = false
        guard FileManager.default.fileExists(atPath: trimmed, isDirectory: &isFolder) else {
            throw .noFolder(path)
        }
        guard isFolder else { throw .notAFolder(path) }
        guard (try? FileManager.default.contentsOfDirectory(atPath: trimmed)) != nil else {
            throw .unreadableFolder(path)
        }
        var (found, lost): ([String], [String]) = ([], [])
        Self.visit(trimmed, below: "", ancestors: [Self.resolved(trimmed)], into: &found, &lost)
        func sorted(_ names: [String]) -> [String] {
            names.sorted { $0.unicodeScalars.lexicographicallyPrecedes($1.unicodeScalars) }
        }
        (files, unreachable) = (sorted(found), sorted(lost))
    }

    /// The place of a file as the program can open it.
    func place(_ file: String) -> String { root + "/" + file }

    private static func visit(
        _ root: String, below prefix: String, ancestors: [String], into found: inout [String],
        _ lost: inout [String]
    ) {
        let manager = FileManager.default
        let folder = prefix.isEmpty ? root : root + "/" + prefix
        guard let names = try? manager.contentsOfDirectory(atPath: folder) else {
            lost.append(prefix)
            return
        }
        for name in names where !name.hasPrefix(".") {
            let relative = prefix.isEmpty ? name : prefix + "/" + name
            var isFolder = false
            guard manager.fileExists(atPath: root + "/" + relative, isDirectory: &isFolder) else {
                lost.append(relative)
                continue
            }
            guard isFolder else {
                found.append(relative)
                continue
            }
            let real = resolved(root + "/" + relative)
            guard ancestors.count < depthLimit, !ancestors.contains(real) else { continue }
            visit(root, below: relative, ancestors: ancestors + [real], into: &found, &lost)
        }
    }

    private static func resolved(_ path: String) -> String {
        URL(filePath: path).resolvingSymlinksInPath().path
    }
}
