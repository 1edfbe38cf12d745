public import CoveyCore
public import CoveyFormats

/// The files of a request, all in the cache and checked.
public struct FetchedFiles: Sendable {
    /// What was asked for.
    public let request: FetchRequest
    /// How many files the network brought; the others were in the cache.
    public let fetchedCount: Int
    /// How many bytes came.
    public let byteCount: Int
    /// What should be known: files in the cache that were damaged, subjects the data set lacks.
    public let notes: [Note]
    /// Whether the cache had everything, so that no network was touched.
    public let isFromCacheAlone: Bool
    private let paths: [DataSetFile: String]

    init(_ request: FetchRequest, _ store: CacheStore, fetchedCount: Int, byteCount: Int) {
        self.request = request
        self.fetchedCount = fetchedCount
        self.byteCount = byteCount
        isFromCacheAlone = fetchedCount == 0 && store.absent.isEmpty
        paths = store.found
        let absent = request.images.compactMap { kind -> Note? in
            let without = request.subjects.filter { subject in
                store.absent.contains { $0 == request.file(kind, of: subject) }
            }
            guard !without.isEmpty else { return nil }
            return .warning(
                "the index of the data set has no \(kind.rawValue) of \(without.count) subjects: "
                    + without.joined(separator: ", ") + (kind == .map ? "; they are left out" : ""))
        }
        notes = store.notes + absent
    }

    /// How many files there are.
    public var fileCount: Int { paths.count }

    /// Where an image of a subject is; `nil` where the data set has none or it was not asked for.
    public func path(_ kind: DataSet.Image, of subject: String) -> String? {
        request.file(kind, of: subject).flatMap { paths[$0] }
    }

    /// The table of an analysis: a row per subject that has a map, with the paths of the images and the columns of
    /// the data set's tables, joined by `participant_id`.
    ///
    /// A column of a later table that repeats a name is left out where it repeats the values too; otherwise it gets
    /// the table's name in front. Subjects without a row in a table miss its values (`n/a`). Paths below `folder`
    /// are written relative to it, others in full.
    ///
    /// - Throws: `FormatError`, or `DatasetError.table` where a table names a subject twice.
    public func table(relativeTo folder: String) throws -> (table: Table, notes: [Note]) {
        let kept = request.subjects.filter { path(.map, of: $0) != nil }
        var columns = [DataSet.subjectColumn] + request.images.map(\.column)
        var rows = kept.map { subject in
            [subject]
                + request.images.map { kind in
                    path(kind, of: subject).map { Self.path($0, from: folder) } ?? "n/a"
                }
        }
        var notes: [Note] = []
        for naming in request.dataSet.tables {
            guard let path = paths[naming.file()] else { continue }
            let (table, more) = try Table.read(path)
            notes += more
            let joined = try Self.rows(of: table, kept)
            let nameless = kept.filter { joined[$0] == nil }
            if !nameless.isEmpty {
                notes.append(.warning("\(quoted(path)) has no row for \(nameless.joined(separator: ", "))"))
            }
            let stem =
                naming.local.split(separator: "/").last?.split(separator: ".").first.map(String.init) ?? ""
            for (place, column) in table.columns.enumerated() where column != DataSet.subjectColumn {
                let cells = kept.map { joined[$0]?[place] ?? "n/a" }
                var name = column
                if let twin = columns.firstIndex(of: column) {
                    if rows.map({ $0[twin] }) == cells { continue }
                    name = stem + "_" + column
                    notes.append(
                        .information("the column \(quoted(column)) of \(quoted(path)) is named \(name)"))
                }
                columns.append(name)
                for row in rows.indices { rows[row].append(cells[row]) }
            }
        }
        return (Table(source: request.dataSet.name, columns: columns, rows: rows), notes)
    }

    private static func rows(of table: Table, _ subjects: [String]) throws -> [String: [String]] {
        guard let key = table.position(of: DataSet.subjectColumn) else {
            throw DatasetError.table(table.source, "has no column \(DataSet.subjectColumn)")
        }
        var found: [String: [String]] = [:]
        for row in table.rows {
            // BIDS tables may name a subject as sub-S01.
            let name = row[key].hasPrefix("sub-") ? String(row[key].dropFirst(4)) : row[key]
            guard found.updateValue(row, forKey: name) == nil else {
                throw DatasetError.table(table.source, "names the subject \(quoted(name)) twice")
            }
        }
        return found
    }

    private static func path(_ path: String, from folder: String) -> String {
        let base = folder.hasSuffix("/") ? folder : folder + "/"
        return path.hasPrefix(base) ? String(path.dropFirst(base.count)) : path
    }

    /// The data set's terms, to lie beside the table.
    public var card: DataSetCard { DataSetCard(request) }
}
