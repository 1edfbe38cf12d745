import CoveyCore
import CoveyFormats
import CoveyModel

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

extension AnalysisPlan {
    /// Where exchangeability blocks come from.
    public enum BlockChoice: Codable, Sendable, Hashable {
        /// Columns of the table, from the outermost level in.
        case columns(BlockColumns)
        /// A table of levels as PALM's `-eb`, or FSL's group file (`.grp`); `exchange` says what a single column
        /// means.
        case file(path: String, exchange: ExchangeabilityBlocks.Exchange)
    }
}

extension AnalysisPlan {
    /// Writes the plan's blocks as FSL's group file and says what the file means, in lines of text.
    ///
    /// - Throws: ``ExchangeabilityError/notOneColumn(source:)`` where the blocks are nested deeper.
    public func writeGroups(to path: String) throws -> [String] {
        let input = try AnalysisInput(self)
        let blocks = input.blocks ?? .free(input.design.subjectCount)
        try Data(try blocks.groupFile().text(.groups).utf8).write(to: URL(filePath: path), options: .atomic)
        let flag =
            blocks.root.exchangesMembers && !blocks.isFree ? "-e \(path) --permuteBlocks" : "-e \(path)"
        return [
            "wrote \(quoted(path)), for randomise \(flag): its numbers are blocks of exchangeability; FEAT and FSL's GLM would take them for groups of variance"
        ]
    }
}

/// What the table's rows have to do with each other: subjects who recur, blocks that are exchanged.
struct RowStructure {
    /// The repeats; `nil` where every row is another subject.
    let repeated: RepeatedMeasures?
    /// Which rows are exchanged with which; `nil`: every row with every other.
    let blocks: ExchangeabilityBlocks?
    /// Files that were read.
    let files: [String]
    /// What should be said.
    let notes: [Note]

    /// The rows of a table, which may recur where the plan says in which column.
    static func rows(of table: Table, _ data: AnalysisPlan.DataSource) throws -> Subjects {
        guard let column = data.repeated else {
            return try Subjects(table, identifierColumn: data.identifierColumn, mapColumn: data.mapColumn)
        }
        guard data.mapPattern == nil else { throw ExchangeabilityError.mapsNotByRow(column: column) }
        // The plan names columns as they are called in the end.
        let original = data.renamed.first { $0.value == column }?.key ?? column
        return try RepeatedMeasures.subjects(
            of: table, column: original, identifierColumn: data.identifierColumn, mapColumn: data.mapColumn)
    }

    /// Columns that must have values besides those of the model.
    static func columns(of plan: AnalysisPlan) -> [String] {
        var columns = plan.data.repeated.map { [$0] } ?? []
        if case .columns(let chosen) = plan.blocks { columns += chosen.columns }
        return columns
    }

    /// The structure of the rows that are analysed.
    ///
    /// - Parameters:
    ///   - everyone: all rows of the table.
    ///   - subjects: the rows that are analysed.
    init(_ plan: AnalysisPlan, everyone: [String], subjects: Subjects) throws {
        var notes: [Note] = []
        let repeated = try plan.data.repeated.map { try RepeatedMeasures(subjects, column: $0) }
        var blocks = repeated?.blocks
        switch plan.blocks {
        case nil:
            if let repeated, let exchange = plan.permutation?.exchange, exchange != .permute {
                throw ExchangeabilityError.signsWithinSubjects(column: repeated.column)
            }
            files = []
        case .columns(let columns):
            blocks = try columns.blocks(of: subjects)
            if columns.matchesByOrder {
                notes.append(
                    .information(
                        "rows of whole blocks (\(printable(columns.text))) take each other's place in the order of the table; match:COLUMN matches them by a column"
                    ))
            }
            files = []
        case .file(let path, let exchange):
            let places = Dictionary(uniqueKeysWithValues: everyone.enumerated().map { ($1, $0) })
            let read = try Self.blocks(
                path, of: everyone, chosen: subjects.identifiers.map { places[$0]! }, exchange)
            blocks = read.blocks
            notes += read.notes
            files = [path]
        }
        if let repeated, let blocks {
            try repeated.requireTogether(blocks)
            if let exchange = plan.permutation?.exchange, exchange != .permute {
                try repeated.requireOneSign(blocks)
            }
        }
        self.repeated = repeated
        self.blocks = blocks
        self.notes = notes + Self.warnings(plan)
    }

    /// The structure of rows that no table describes: blocks come from a file.
    init(_ plan: AnalysisPlan, identifiers: [String]) throws {
        guard plan.data.repeated == nil else { throw ExchangeabilityError.columnsWithoutTable }
        repeated = nil
        switch plan.blocks {
        case nil: (blocks, files, notes) = (nil, [], [])
        case .columns: throw ExchangeabilityError.columnsWithoutTable
        case .file(let path, let exchange):
            let read = try Self.blocks(
                path, of: identifiers, chosen: Array(identifiers.indices), exchange)
            (blocks, files, notes) = (read.blocks, [path], read.notes + Self.warnings(plan))
        }
    }

    /// The design of rows that may recur: contrasts must be of differences within subjects.
    func design(_ design: Design, contrasts: [String]) throws -> Design {
        guard let repeated else { return design }
        for contrast in contrasts {
            try repeated.requireWithin(try Contrast(contrast).weights(in: design), in: design)
        }
        return try repeated.absorbed(into: design)
    }

    private static func blocks(
        _ path: String, of identifiers: [String], chosen: [Int],
        _ exchange: ExchangeabilityBlocks.Exchange
    ) throws -> (blocks: ExchangeabilityBlocks, notes: [Note]) {
        let file =
            path.lowercased().hasSuffix(".grp")
            ? try BlockFile(groups: VEST.read(path), source: path)
            : try BlockFile(text: readText(path), source: path)
        return (try file.blocks(of: identifiers, chosen: chosen, exchange: exchange), file.notes)
    }

    private static func warnings(_ plan: AnalysisPlan) -> [Note] {
        guard plan.blocks != nil else { return [] }
        return [
            .information(
                "blocks restrict the shuffles alone: parametric p-values, thresholds and all-resolutions bounds still "
                    + "take the errors of all rows for independent"
            )
        ]
    }
}
