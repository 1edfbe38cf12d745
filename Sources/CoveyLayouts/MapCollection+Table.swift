public import CoveyCore
public import CoveyFormats
import CoveyModel

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

extension MapCollection {
    /// The collection as a table for an analysis: one row per map, with the subject's variables.
    ///
    /// Columns: `participant_id`; `contrast` (and `contrast_name`) where there are several contrasts; `map`;
    /// `variance_map` where maps of variance stand beside; then those of the participants table. Paths are
    /// relative to `destination`, the folder that the table will stand in.
    ///
    /// - Parameter participants: a table of subjects; its column of identifiers is joined with and without
    ///   `sub-`. Subjects that it lacks get `n/a`, subjects of it without a map get no row, and notes name both.
    /// - Parameter identifierColumn: its column of identifiers; `nil`: the first of those that `Subjects` knows.
    /// - Throws: ``LayoutError/nobodyKnown(participants:itsSubjects:subjects:)`` where it has none of the
    ///   subjects; `ModelError` where it has no column of identifiers, or one of them twice.
    public func table(
        participants: Table? = nil, identifierColumn: String? = nil, relativeTo destination: String
    ) throws -> (table: Table, notes: [Note]) {
        var notes: [Note] = []
        let isLong = contrasts.count > 1
        let hasNames = isLong && contrasts.contains { $0.name != nil }
        let hasVariance = maps.contains { $0.contains { $0?.variance != nil } }
        var columns = ["participant_id"]
        if isLong { columns.append("contrast") }
        if hasNames { columns.append("contrast_name") }
        columns.append("map")
        if hasVariance { columns.append("variance_map") }
        let variables = try participants.map {
            try Variables($0, identifierColumn, subjects: subjects, taken: columns, &notes)
        }
        columns += variables?.columns ?? []

        var rows: [[String]] = []
        func relative(_ path: String) -> String {
            Self.relativePath(of: path, in: folder, from: destination)
        }
        for contrast in contrasts.indices {
            for (subject, row) in maps.enumerated() {
                guard let map = row[contrast] else { continue }
                var cells = [subjects[subject]]
                if isLong { cells.append(contrasts[contrast].label) }
                if hasNames { cells.append(contrasts[contrast].name ?? "n/a") }
                cells.append(relative(map.path))
                if hasVariance { cells.append(map.variance.map(relative) ?? "n/a") }
                rows.append(cells + (variables?.rows[subject] ?? []))
            }
        }
        return (Table(source: destination + "/table", columns: columns, rows: rows), notes)
    }

    /// The participants table that belongs to a folder of derivatives: `participants.tsv` in it, or in one of
    /// the three folders above it; `nil` where there is none.
    public static func participantsFile(near folder: String) -> String? {
        ["", "/..", "/../..", "/../../.."].map { folder + $0 + "/participants.tsv" }.first {
            FileManager.default.fileExists(atPath: $0)
        }
    }

    /// A file of a folder as seen from another folder; the whole path where they have no folder in common.
    ///
    /// Links in the way to both folders are resolved, since `..` leads up from where a link ends; links below, as
    /// the files of a data set may be, are kept.
    static func relativePath(of file: String, in folder: String, from other: String) -> String {
        func parts(_ path: String) -> [Substring] {
            let url = URL(filePath: path.isEmpty ? "." : path).standardizedFileURL
            return url.resolvingSymlinksInPath().path.split(separator: "/")
        }
        let (place, base) = (parts(folder), parts(other))
        let common = zip(place, base).prefix { $0 == $1 }.count
        let rest = file.split(separator: "/")
        guard common > 0 else { return "/" + (place + rest).joined(separator: "/") }
        return (Array(repeating: "..", count: base.count - common) + place[common...] + rest).joined(
            separator: "/")
    }

    /// The participants' variables, subject by subject.
    private struct Variables {
        let columns: [String]
        let rows: [[String]]

        init(
            _ table: Table, _ identifierColumn: String?, subjects: [String], taken: [String],
            _ notes: inout [Note]
        ) throws {
            let known = try Subjects(table, identifierColumn: identifierColumn)
            let kept = table.columns.indices.filter { place in
                table.columns[place] != known.identifierColumn && !taken.contains(table.columns[place])
            }
            for name in table.columns where name != known.identifierColumn && taken.contains(name) {
                notes.append(
                    .warning(
                        "column \(quoted(name)) of \(quoted(table.source)) is left out: the name is taken"))
            }
            columns = kept.map { table.columns[$0] }
            var places: [String: Int] = [:]
            for (row, identifier) in known.identifiers.enumerated() {
                places[canonicalIdentifier(identifier)] = row
            }
            let found = subjects.map { places[canonicalIdentifier($0)] }
            guard found.contains(where: { $0 != nil }) else {
                throw LayoutError.nobodyKnown(
                    participants: table.source, itsSubjects: known.identifiers, subjects: subjects)
            }
            rows = found.map { row in
                kept.map { column in
                    guard let row else { return "n/a" }
                    let cell = table.rows[row][column]
                    return Table.isMissing(cell) ? "n/a" : cell
                }
            }
            let strangers = zip(subjects, found).filter { $0.1 == nil }.map(\.0)
            if !strangers.isEmpty {
                notes.append(
                    .warning(
                        "\(strangers.count) with maps but not in \(quoted(table.source)), n/a throughout: "
                            + strangers.map { printable($0, limit: 60) }.joined(separator: ", ")))
            }
            let mapped = Set(subjects.map(canonicalIdentifier))
            let absent = known.identifiers.filter { !mapped.contains(canonicalIdentifier($0)) }
            if !absent.isEmpty {
                notes.append(
                    .warning(
                        "\(absent.count) in \(quoted(table.source)) but without a map, left out: "
                            + absent.map { printable($0, limit: 60) }.joined(separator: ", ")))
            }
        }
    }
}
