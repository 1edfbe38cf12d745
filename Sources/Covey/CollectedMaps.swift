public import CoveyCore
import CoveyFormats
public import CoveyLayouts

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// The maps of a folder together with the table of its subjects, ready to be written as a table for an analysis.
public struct CollectedMaps: Sendable {
    /// The maps.
    public let collection: MapCollection
    /// The table of subjects; `nil` where there is none.
    public let participants: Table?
    /// What should be known.
    public let notes: [Note]

    /// Where the subjects' variables come from.
    public enum Participants: Sendable, Hashable {
        /// Nowhere.
        case none
        /// `participants.tsv` in the folder, or above it as BIDS has it.
        case nearby
        /// A table.
        case file(String)
    }

    /// Collects.
    ///
    /// - Throws: `LayoutError`, or `FormatError` where the table of subjects cannot be read.
    public init(
        _ folder: String, _ search: MapCollection.Search = .init(), participants: Participants = .nearby
    ) throws {
        collection = try MapCollection(folder, search)
        let file: String? =
            switch participants {
            case .none: nil
            case .nearby: MapCollection.participantsFile(near: collection.folder)
            case .file(let path): path
            }
        var notes = collection.notes
        if let file {
            let (table, more) = try Table.read(file)
            notes += more + [.information("variables of the subjects from \(quoted(file))")]
            self.participants = table
        } else {
            self.participants = nil
            if participants == .nearby {
                notes.append(
                    .information("no participants.tsv in the folder or above it: the table has no variables"))
            }
        }
        self.notes = notes
    }

    /// Writes the table, with paths relative to its folder.
    ///
    /// - Throws: `LayoutError.fileExists` where something stands there, unless it may be replaced.
    public func write(
        to path: String, identifierColumn: String? = nil, overwrites: Bool
    ) throws -> (rowCount: Int, notes: [Note]) {
        try refuseExisting(path, overwrites: overwrites)
        let folder = path.lastIndex(of: "/").map { String(path[...$0]) } ?? "."
        let (table, notes) = try collection.table(
            participants: participants, identifierColumn: identifierColumn, relativeTo: folder)
        try writeNewFile(table.tabSeparated, to: path, overwrites: overwrites)
        return (table.rows.count, notes)
    }
}

/// Writes a text file where none is, unless it may be replaced.
///
/// - Throws: `LayoutError.fileExists`, or `FormatError` where it cannot be written.
public func writeNewFile(_ text: String, to path: String, overwrites: Bool) throws {
    try refuseExisting(path, overwrites: overwrites)
    try writeFile(Array(text.utf8), to: path)
}

private func refuseExisting(_ path: String, overwrites: Bool) throws(LayoutError) {
    if !overwrites, FileManager.default.fileExists(atPath: path) { throw .fileExists(path) }
}
