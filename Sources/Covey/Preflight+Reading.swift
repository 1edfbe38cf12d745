public import CoveyCore
import CoveyFormats
import CoveyImaging
import CoveyModel

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// What a pre-flight looks at.
public struct PreflightQuestion: Sendable {
    /// The table and the maps.
    public var data: AnalysisPlan.DataSource
    /// Maps to look at without a table; `nil` where there is one.
    public var maps: [String]?
    /// The model, where one is known already.
    public var formula: String?
    /// Which voxels are asked for.
    public var mask = AnalysisPlan.MaskChoice.automatic
    /// The number of maps that a voxel should have at least, where all are not wanted.
    public var minimumSubjects: Int?

    /// A look at a table.
    public init(data: AnalysisPlan.DataSource) { self.data = data }

    /// The look that belongs to a plan.
    public init(_ plan: AnalysisPlan) {
        data = plan.data
        mask = plan.mask
        if case .formula(let text, _, _) = plan.model { formula = text }
    }
}

extension Preflight {
    /// Looks at a table of subjects and their maps.
    ///
    /// - Throws: `FormatError` where the table or the mask cannot be read, `ModelError` where the formula cannot,
    ///   ``PlanError/noMaps`` where there is neither a table nor a map, `ImagingError` where the mask image is none.
    public init(
        _ question: PreflightQuestion, threads: Int = availableThreads(), progress: ProgressListener = .silent
    ) throws {
        let (table, tableNotes, data) = try question.readTable()
        var page = PreflightPage(
            source: table.source, rowCount: table.rows.count, subjects: [], duplicates: [], extraFiles: [],
            columns: [],
            comparedVoxels: 0, voxelCounts: [], minimumSubjects: question.minimumSubjects, problems: [],
            notes: tableNotes)
        let formula = try question.formula.map { try Formula($0) }
        do {
            let subjects = try RowStructure.rows(of: table, data).renaming(data.renamed)
            page.list(subjects, formula: formula, dropsMissing: data.dropsMissing)
            try page.join(subjects, data)
        } catch let error as any ExplainedError {
            page.duplicates = Self.duplicates(table, data.identifierColumn)
            page.problems.append(error.description)
        }

        let taking = page.subjects.indices.filter {
            page.subjects[$0].map != nil && page.subjects[$0].leftOutFor.isEmpty
        }
        guard !taking.isEmpty else {
            self.init(page: page, mapCounts: nil, lossCounts: nil)
            return
        }
        var plan = AnalysisPlan(
            data: data, model: .designTable(path: ""), contrasts: [], tail: .twoSided)
        plan.mask = question.mask
        let sources = taking.map { place in
            MapSource(
                identifier: page.subjects[place].identifier, path: page.subjects[place].map!,
                volume: data.image4D == nil ? 0 : place)
        }
        let found = try plan.cohortReader().examine(sources, threads: threads, progress: progress)
        page.problems += found.problems.map(\.description)
        page.notes += found.notes
        page.comparedVoxels = found.comparedVoxelCount
        page.voxelCounts = found.voxelCounts
        let places = Dictionary(uniqueKeysWithValues: taking.map { (page.subjects[$0].identifier, $0) })
        for quality in found.qualities {
            let place = places[quality.name]!
            page.subjects[place].comparison = PreflightPage.Comparison(quality)
            page.subjects[place].suspicions += quality.suspicions.map(\.description)
        }
        let (maps, least) = (found.qualities.count, question.minimumSubjects ?? found.qualities.count)
        if maps > 1, (found.voxelCounts.indices.contains(least) ? found.voxelCounts[least] : 0) == 0 {
            page.problems.append(
                ImagingError.noCommonVoxel(
                    maps: maps, most: found.voxelCounts.lastIndex { $0 > 0 } ?? 0, least: least
                ).description)
        }
        self.init(page: page, mapCounts: found.mapCounts, lossCounts: found.lossCounts)
    }

    private static func duplicates(_ table: Table, _ column: String?) -> [PreflightPage.Duplicate] {
        guard
            let name = column
                ?? Subjects.identifierColumnNames.first(where: { table.position(of: $0) != nil }),
            let cells = table.cells(of: name)
        else { return [] }
        let rows = Dictionary(grouping: cells.indices.filter { !Table.isMissing(cells[$0]) }) {
            canonicalIdentifier(cells[$0])
        }
        return rows.values.filter { $0.count > 1 }.sorted { $0[0] < $1[0] }.map { rows in
            .init(identifier: cells[rows[0]], lines: rows.map { table.lineNumbers[$0] })
        }
    }
}

extension PreflightPage.Comparison {
    init(_ quality: MapQuality) {
        self.init(
            lostShare: quality.lostShare, soleLossVoxels: quality.soleLossCount,
            correlation: quality.correlation,
            level: quality.level.isFinite ? quality.level : nil, levelScore: quality.levelScore,
            spread: quality.spread.isFinite ? quality.spread : nil,
            spreadScore: quality.spreadScore, correlationScore: quality.correlationScore)
    }
}

extension PreflightPage {
    /// Lists the subjects, what the columns hold, and who is left out for a missing value.
    fileprivate mutating func list(_ all: Subjects, formula: Formula?, dropsMissing: Bool) {
        subjects = all.identifiers.map { Subject(identifier: $0) }
        let wanted =
            formula?.columns ?? all.table.columns.filter { $0 != all.identifierColumn && $0 != all.mapColumn }
        for name in wanted where !columns.contains(where: { $0.name == name }) {
            guard let cells = all.table.cells(of: name) else {
                problems.append(
                    ModelError.unknownColumn(name, source: source, columns: all.table.columns).description)
                continue
            }
            let summary = ColumnSummary(name, of: all.table)
            let missing = cells.indices.filter { Table.isMissing(cells[$0]) }
            columns.append(
                Column(
                    name: name, content: summary.content.words, missing: missing.map { all.identifiers[$0] }))
            if let warning = summary.warning {
                // Without a model, nobody knows whether the column will be used.
                if formula == nil { notes.append(.warning(warning)) } else { problems.append(warning) }
            }
            guard formula != nil, !missing.isEmpty else { continue }
            if dropsMissing {
                for row in missing { subjects[row].leftOutFor.append(name) }
            } else {
                problems.append(
                    "\(missing.count) without a value of \(quoted(name)): "
                        + Self.names(missing.map { all.identifiers[$0] })
                        + " (--drop-missing leaves them out)")
            }
        }
    }

    /// Finds each subject's map, and the maps that are nobody's.
    fileprivate mutating func join(_ all: Subjects, _ data: AnalysisPlan.DataSource) throws {
        if let image = data.image4D {
            let count = try ImageFile(image).volumeCount
            guard count == all.count else {
                problems.append(
                    PlanError.volumeCount(path: image, volumes: count, rows: all.count).description)
                return
            }
            for row in subjects.indices { subjects[row].map = image }
            notes.append(.information("maps are joined by position: volume 1 to the first row, and so on"))
            return
        }
        if let pattern = data.mapPattern {
            try joinByName(filesMatching(pattern), pattern: pattern)
        } else {
            guard let column = all.mapColumn, let cells = all.table.cells(of: column) else {
                throw ModelError.noMapColumn(source: source, columns: all.table.columns)
            }
            let folder = source.lastIndex(of: "/").map { String(source[...$0]) } ?? ""
            for (row, cell) in cells.enumerated() where !Table.isMissing(cell) {
                subjects[row].map = cell.hasPrefix("/") ? cell : folder + cell
            }
            if data.table != nil { extraFiles = Self.unlisted(beside: subjects) }
        }
        let absent = subjects.filter { $0.map == nil }.map(\.identifier)
        if !absent.isEmpty {
            if data.dropsMissing, data.mapPattern != nil {
                for row in subjects.indices where subjects[row].map == nil {
                    subjects[row].leftOutFor.append("no map")
                }
            } else {
                problems.append("\(absent.count) without a map: " + Self.names(absent))
            }
        }
        let listed = subjects.filter { $0.map != nil }
        let shared = Dictionary(grouping: listed, by: { $0.map! }).filter { $0.value.count > 1 }
        for (file, owners) in shared.sorted(by: { $0.key < $1.key }) {
            problems.append(
                ModelError.sharedMap(path: file, identifiers: owners.map(\.identifier)).description)
        }
        let wrong = Subjects.nameMismatches(
            identifiers: listed.map(\.identifier), paths: listed.map { $0.map! })
        for mismatch in wrong {
            let row = subjects.firstIndex { $0.identifier == mismatch.identifier }!
            subjects[row].suspicions.append(
                "somebody else's map? the file \(quoted(mismatch.path)) names \(quoted(mismatch.named))")
        }
    }

    /// Maps by the `sub-XX` in their names.
    private mutating func joinByName(_ files: [String], pattern: String) {
        guard !files.isEmpty else {
            problems.append(PlanError.nothingMatches(pattern).description)
            return
        }
        let rows = Dictionary(
            uniqueKeysWithValues: subjects.indices.map { (canonicalIdentifier(subjects[$0].identifier), $0) })
        var nameless: [String] = []
        var doubles: [Int: [String]] = [:]
        for file in files {
            guard let named = Subjects.subjectIdentifier(inPath: file) else {
                nameless.append(file)
                continue
            }
            guard let row = rows[canonicalIdentifier(named)] else {
                extraFiles.append(file)
                continue
            }
            if let first = subjects[row].map { doubles[row, default: [first]].append(file) }
            subjects[row].map = subjects[row].map ?? file
        }
        if !nameless.isEmpty { problems.append(ModelError.fileNamesWithoutSubject(nameless).description) }
        if !extraFiles.isEmpty { problems.append(ModelError.mapsWithoutSubject(extraFiles).description) }
        for (row, paths) in doubles.sorted(by: { $0.key < $1.key }) {
            problems.append(
                ModelError.severalMaps(identifier: subjects[row].identifier, paths: paths).description)
        }
    }

    /// Files named as the listed maps are, of subjects that are not listed: the commonest path with the
    /// subject's label as a wild card.
    private static func unlisted(beside subjects: [Subject]) -> [String] {
        var patterns: [String: Int] = [:]
        for subject in subjects {
            guard let map = subject.map else { continue }
            let label = canonicalIdentifier(Subjects.subject(ofRow: subject.identifier))
            let isSafe =
                !label.isEmpty && !label.contains { "*?/".contains($0) } && !map.contains("*")
                && !map.contains("?")
            guard isSafe, map.contains(label) else { continue }
            var parts = map.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
            // A short label occurs by chance; with its prefix it does not.
            let prefixed = "sub-" + label
            if parts.contains(where: { $0.contains(prefixed) }) {
                parts = parts.map {
                    $0.split(separator: prefixed, omittingEmptySubsequences: false).joined(separator: "sub-*")
                }
            } else if let last = parts.lastIndex(where: { $0.contains(label) }) {
                parts[last] = parts[last].split(separator: label, omittingEmptySubsequences: false).joined(
                    separator: "*")
            }
            let pattern = parts.joined(separator: "/")
            patterns[pattern, default: 0] += 1
        }
        guard let (pattern, count) = patterns.max(by: { ($0.value, $1.key) < ($1.value, $0.key) }),
            2 * count > subjects.count, let matches = try? filesMatching(pattern)
        else { return [] }
        let known = Set(subjects.compactMap(\.map))
        return matches.filter { !known.contains($0) }
    }

    /// Names in a row, all of them.
    static func names(_ names: [String]) -> String {
        names.map { printable($0, limit: 80) }.joined(separator: ", ")
    }
}
