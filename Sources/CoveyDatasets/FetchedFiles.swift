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
                request.files(kind, of: subject).contains(where: store.absent.contains)
            }
            guard !without.isEmpty else { return nil }
            return .warning(
                "the index of the data set has no \(kind.rawValue) of \(without.count) subjects: "
                    + without.joined(separator: ", ") + (kind == .map ? "; they are left out" : ""))
        }
        notes = request.notes + DataSetCard(request).cautions(repeated: nil) + store.notes + absent
    }

    /// How many files there are.
    public var fileCount: Int { paths.count }

    /// Where an image of a subject is; `nil` where the data set has none or it was not asked for.
    public func path(_ kind: DataSet.Image, of subject: String) -> String? {
        let files = request.files(kind, of: subject)
        return files.allSatisfy { paths[$0] != nil } ? files.first.flatMap { paths[$0] } : nil
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
        for (source, file) in zip(request.dataSet.tables, request.dataSet.tableFiles) {
            guard let path = paths[file] else { continue }
            let (table, more) = try Table.read(path)
            notes += more
            let joined = try self.rows(of: table, source.join)
            let nameless = kept.filter { joined[$0] == nil }
            if !nameless.isEmpty {
                notes.append(.warning("\(quoted(path)) has no row for \(nameless.joined(separator: ", "))"))
            }
            let stem =
                source.naming.local.split(separator: "/").last?.split(separator: ".").first.map(String.init)
                ?? ""
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
        if let more = request.variables {
            let known = Dictionary(uniqueKeysWithValues: more.rows.map { ($0[0], $0) })
            for (place, column) in more.columns.enumerated() where !columns.contains(column) {
                columns.append(column)
                for (row, subject) in kept.enumerated() { rows[row].append(known[subject]?[place] ?? "n/a") }
            }
        }
        return (Table(source: request.dataSet.name, columns: columns, rows: rows), notes)
    }

    private func rows(
        of table: Table, _ join: DataSet.TableSource.Join
    ) throws -> [String: [String]] {
        let everybody = request.dataSet.subjects
        if join == .order {
            precondition(table.rows.count == everybody.count, "a table of another length was kept")
            return Dictionary(uniqueKeysWithValues: zip(everybody, table.rows))
        }
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
