import CoveyCore
import CoveyDatasets
import CoveyFormats
import CoveyImaging
import CoveyModel

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// A plan's files resolved: who, which map, which design.
struct AnalysisInput {
    let design: Design
    let sources: [MapSource]
    /// Every file that the result depends on.
    let files: [String]
    let notes: [Note]
    /// Which rows are exchanged with which; `nil`: every row with every other.
    let blocks: ExchangeabilityBlocks?
    /// Which rows are of one subject; `nil` where every row is another one.
    let repeated: RepeatedMeasures?
    /// The rows of the table, in the order of the design; `nil` where there is none.
    let subjects: Subjects?
    /// The public data set that the table was made of; `nil` for any other table.
    let dataSet: DataSetCard?
    /// For each design column that stands for images, the table's column that names them.
    let imagePlaces: [Int: String]

    init(_ plan: AnalysisPlan) throws {
        try plan.requireNoContradiction()
        if let list = plan.data.mapList {
            self = try Self.listed(plan, list)
        } else if let table = plan.data.table {
            self = try Self.tabled(plan, table)
        } else {
            throw PlanError.noMaps
        }
        if case .missingData(let least) = plan.variant, least > sources.count {
            throw VariantError.moreSubjectsThanMaps(asked: least, maps: sources.count)
        }
    }

    private init(
        design: Design, sources: [MapSource], files: [String], notes: [Note], blocks: ExchangeabilityBlocks?,
        repeated: RepeatedMeasures? = nil, subjects: Subjects? = nil, imagePlaces: [Int: String] = [:],
        dataSet: DataSetCard? = nil
    ) {
        self.dataSet = dataSet
        self.blocks = blocks
        self.repeated = repeated
        self.subjects = subjects
        self.imagePlaces = imagePlaces
        self.design = design
        self.sources = sources
        self.files = files
        self.notes = notes
    }

    /// Rows of a ready design in the order of a list of maps.
    private static func listed(_ plan: AnalysisPlan, _ list: String) throws -> AnalysisInput {
        let folder = list.lastIndex(of: "/").map { String(list[...$0]) } ?? ""
        var paths: [String] = []
        var lines: [String: Int] = [:]
        for (offset, line) in try readText(list).split(separator: "\n", omittingEmptySubsequences: false)
            .enumerated()
        {
            var entry = line
            if entry.last == "\r" { entry.removeLast() }
            guard !entry.allSatisfy(\.isWhitespace) else { continue }
            let path = entry.hasPrefix("/") ? String(entry) : folder + entry
            if let first = lines[path] {
                throw PlanError.mapTwice(path: path, first: first, second: offset + 1)
            }
            lines[path] = offset + 1
            paths.append(path)
        }
        guard !paths.isEmpty else { throw PlanError.emptyList(list) }
        let (design, file, notes) = try readyDesign(plan.model)
        try design.requireRows(forMaps: paths.count)
        let identifiers = design.identifiers ?? paths.indices.map { "row \($0 + 1)" }
        let structure = try RowStructure(plan, identifiers: identifiers)
        return AnalysisInput(
            design: try design.renaming(plan.data.renamed),
            sources: zip(identifiers, paths).map { MapSource(identifier: $0, path: $1) },
            files: [list, file] + structure.files + paths, notes: notes + structure.notes,
            blocks: structure.blocks)
    }

    /// Subjects of a table with a formula, or with a ready design in the table's order.
    private static func tabled(_ plan: AnalysisPlan, _ path: String) throws -> AnalysisInput {
        let (table, tableNotes) = try Table.read(path)
        let dataSet = DataSetCard(besideTable: path)
        var notes = tableNotes + (dataSet?.notes(repeated: plan.data.repeated) ?? [])
        var files = [path]
        var subjects = try RowStructure.rows(of: table, plan.data)
        if let pattern = plan.data.mapPattern {
            let matches = try filesMatching(pattern)
            guard !matches.isEmpty else { throw PlanError.nothingMatches(pattern) }
            let joined = try subjects.joining(
                files: matches, absent: plan.data.dropsMissing ? .drop : .refuse)
            subjects = joined.subjects
            notes += joined.notes
        }
        let everyone = subjects
        subjects = try subjects.renaming(plan.data.renamed)

        let modelled: Design
        switch plan.model {
        case .formula(let text, let coding, let centring):
            let formula = try Formula(text)
            if plan.data.dropsMissing {
                var needed = formula.columns
                if case .withinGroup(let group) = centring { needed.append(group) }
                let dropped = try subjects.droppingMissing(needed + RowStructure.columns(of: plan))
                subjects = dropped.subjects
                notes += dropped.notes
            }
            if let column = plan.data.repeated {
                let left = try RepeatedMeasures(subjects, column: column).leavingOutSingles(of: subjects)
                subjects = left.subjects
                notes += left.notes
            }
            let numbers =
                try plan.voxelwiseColumns?.placeholders(in: subjects) ?? subjects
            modelled = try Design(numbers, formula: formula, coding: coding, centring: centring)
        case .designTable, .vest:
            let (ready, file, more) = try readyDesign(plan.model)
            // A design that names its rows is joined by name, never by position.
            if let column = plan.data.repeated, ready.identifiers != nil {
                throw ExchangeabilityError.designByIdentifier(source: file, column: column)
            }
            modelled = try ready.matching(identifiers: subjects.identifiers)
            notes += more
            files.append(file)
        }
        let structure = try RowStructure(plan, everyone: everyone.identifiers, subjects: subjects)
        let design = try structure.design(modelled, contrasts: plan.contrasts)
        notes += structure.notes
        files += structure.files

        let sources: [MapSource]
        if let image = plan.data.image4D {
            let header = try ImageFile(image).image.header
            guard header.volumeCount == everyone.count else {
                throw PlanError.volumeCount(path: image, volumes: header.volumeCount, rows: everyone.count)
            }
            let places = Dictionary(uniqueKeysWithValues: everyone.identifiers.enumerated().map { ($1, $0) })
            sources = subjects.identifiers.map { MapSource(identifier: $0, path: image, volume: places[$0]!) }
            files.append(image)
        } else {
            let paths = try subjects.mapPaths()
            notes += Subjects.nameMismatches(identifiers: subjects.identifiers, paths: paths).map {
                mismatch in
                .warning(
                    "the map of \(quoted(mismatch.identifier)) bears the name of \(quoted(mismatch.named)): "
                        + quoted(mismatch.path))
            }
            sources = zip(subjects.identifiers, paths).map { MapSource(identifier: $0, path: $1) }
            files += paths
        }
        let imagePlaces = try plan.voxelwiseColumns?.places(in: design) ?? [:]
        for column in imagePlaces.values { files += try subjects.imagePaths(column: column) }
        return AnalysisInput(
            design: design, sources: sources, files: files, notes: notes, blocks: structure.blocks,
            repeated: structure.repeated,
            subjects: subjects, imagePlaces: imagePlaces, dataSet: dataSet)
    }

    private static func readyDesign(
        _ model: AnalysisPlan.ModelSource
    ) throws -> (Design, file: String, notes: [Note]) {
        switch model {
        case .designTable(let file):
            let (table, notes) = try Table.read(file, dialect: .strict)
            return (try Design(table), file, notes)
        case .vest(let file):
            return (try Design(try VEST.read(file), source: file), file, [])
        case .formula: throw PlanError.formulaWithoutTable
        }
    }

    /// The reader that the plan asks for.
    func reader(for plan: AnalysisPlan) throws -> CohortReader { try plan.cohortReader() }
}

extension AnalysisPlan {
    /// The reader that the plan asks for.
    func cohortReader() throws -> CohortReader {
        var reader = CohortReader()
        switch mask {
        case .automatic: reader.maskRule = .automatic
        case .finite: reader.maskRule = .finite
        case .image(let path): reader.maskRule = .image(try ImageFile.readVolume(path), name: path)
        }
        switch data.zeros {
        case .automatic: reader.zeros = .automatic
        case .data: reader.zeros = .value
        case .missing: reader.zeros = .missing
        }
        if let smoothing = smoothing {
            reader.smoothing = try Smoothing(
                fwhmMillimeters: smoothing.fwhmMillimeters,
                edges: smoothing.normalisesEdges ? .normalised : .plain)
        }
        switch data.resampling {
        case .refuse: reader.otherGrids = .refuse
        case .linear: reader.otherGrids = .resample(.linear)
        case .nearest: reader.otherGrids = .resample(.nearest)
        }
        reader.analyzeOrientation = data.analyzeOrientation == .mirrored ? .mirrored : .plain
        return reader
    }
}

/// The files that match a shell pattern (`*` and `?` within names), sorted.
func filesMatching(_ pattern: String) throws -> [String] {
    let parts = pattern.split(separator: "/", omittingEmptySubsequences: true).map(String.init)
    var found = [pattern.hasPrefix("/") ? "/" : ""]
    for (depth, part) in parts.enumerated() {
        let isLast = depth == parts.count - 1
        if !part.contains("*") && !part.contains("?") {
            found = found.map { $0 + part + (isLast ? "" : "/") }
            continue
        }
        found = found.flatMap { folder -> [String] in
            let names =
                (try? FileManager.default.contentsOfDirectory(atPath: folder.isEmpty ? "." : folder)) ?? []
            return names.filter { $0.first != "." && matches(Array($0)[...], Array(part)[...]) }.sorted()
                .map { folder + $0 + (isLast ? "" : "/") }
        }
    }
    return found.filter { FileManager.default.fileExists(atPath: $0) }
}

/// Whether a name matches a pattern, in time proportional to their product.
func matches(_ name: ArraySlice<Character>, _ pattern: ArraySlice<Character>) -> Bool {
    var reachable: Set<Int> = [name.startIndex]
    for symbol in pattern {
        if symbol == "*" {
            reachable = Set((reachable.min() ?? name.endIndex + 1)...max(name.endIndex, reachable.min() ?? 0))
            continue
        }
        reachable = Set(
            reachable.filter { $0 < name.endIndex && (symbol == "?" || name[$0] == symbol) }.map { $0 + 1 })
        if reachable.isEmpty { return false }
    }
    return reachable.contains(name.endIndex)
}
