public import CoveyDatasets

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

extension CacheFolders {
    /// Folders from what a user said and what the environment says, as nilearn reads it.
    ///
    /// A folder that the user named is the only one. Otherwise files are looked for in the folders of
    /// `NILEARN_SHARED_DATA` and `NILEARN_DATA` and in `nilearn_data` at home, and fetched files go to the first of
    /// `NILEARN_DATA`, else to `nilearn_data` at home: what either program fetches, the other finds.
    public init(named folder: String?, environment: [String: String], home: String) {
        func folders(_ name: String) -> [String] {
            (environment[name] ?? "").split(separator: ":").map { absolutePath(String($0)) }
        }
        if let folder {
            self.init(absolutePath(folder))
            return
        }
        let standard = home + "/nilearn_data"
        let own = folders("NILEARN_DATA")
        self.init(own.first ?? standard, others: folders("NILEARN_SHARED_DATA") + own + [standard])
    }
}

extension FetchedFiles {
    /// Writes the table, and beside it the data set's terms as `NAME.json`.
    ///
    /// The same files under the same names are left as they are.
    ///
    /// - Throws: `LayoutError.fileExists` where another file stands there, unless it may be replaced.
    public func write(to path: String, overwrites: Bool) throws -> (rowCount: Int, notes: [Note]) {
        let full = absolutePath(path)
        let folder = String(full[..<(full.lastIndex(of: "/") ?? full.startIndex)])
        let (table, notes) = try table(relativeTo: folder)
        let card = DataSetCard.path(besideTable: path)
        let files = [(card, self.card.json()), (path, table.tabSeparated)]
        let changed = files.filter { name, text in
            (try? String(contentsOfFile: name, encoding: .utf8)) != text
        }
        if !overwrites, let taken = changed.first(where: { FileManager.default.fileExists(atPath: $0.0) }) {
            throw LayoutError.fileExists(taken.0)
        }
        for (name, text) in changed { try writeNewFile(text, to: name, overwrites: overwrites) }
        return (table.rows.count, notes)
    }
}

private func absolutePath(_ path: String) -> String {
    let full = path.hasPrefix("/") ? path : FileManager.default.currentDirectoryPath + "/" + path
    return URL(fileURLWithPath: full).standardized.path
}
