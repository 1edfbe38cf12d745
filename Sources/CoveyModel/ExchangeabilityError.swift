public import CoveyCore

/// Why blocks of rows cannot be exchanged as asked, or repeated measures not be tested.
public enum ExchangeabilityError: ExplainedError, Equatable {
    /// No rows.
    case empty(source: String)
    /// A line with too few or too many indices.
    case ragged(source: String, row: Int, found: Int, expected: Int)
    /// An entry that is not a whole number.
    case notWhole(source: String, row: Int, value: String)
    /// The index 0, which has no sign.
    case zeroIndex(source: String, row: Int)
    /// The outermost level is not one block.
    case severalRoots(source: String, values: [Int])
    /// As many rows as the table or the design were expected.
    case rowCount(source: String, found: Int, expected: Int)
    /// Subjects without a line in a file that says whose its lines are.
    case rowsMissing(source: String, identifiers: [String])
    /// Blocks that are to be exchanged and differ in structure.
    case unequalBlocks(source: String, first: String, firstRows: Int, second: String, secondRows: Int)
    /// Rows of two blocks that cannot be matched.
    case unmatchedRows(
        source: String, first: String, firstValues: [String], second: String, secondValues: [String])
    /// Two rows of a block with the same value of the column that rows are matched by.
    case repeatedMatch(source: String, block: String, values: [String])
    /// A specification of blocks that cannot be read.
    case badSpecification(String, part: String)
    /// Blocks that a group file has no room for.
    case notOneColumn(source: String)
    /// A contrast of columns that are constant within every subject.
    case betweenSubjects(contrast: String, columns: [String], subjects: String)
    /// A contrast of the level of the maps, which is each subject's own.
    case absorbed(contrast: String, subjects: String)
    /// Every subject has one map.
    case noRepeats(column: String, source: String)
    /// Signs of single maps of a subject.
    case signsWithinSubjects(column: String)
    /// Blocks that exchange single maps of different subjects.
    case blocksAcrossSubjects(column: String)
    /// A file of shuffles that breaks the tie between the maps of one subject, by exchange or by signs.
    case listBreaksSubjects(column: String, bySigns: Bool)
    /// Repeated measures whose maps are not named row by row.
    case mapsNotByRow(column: String)
    /// Columns of a table that is not there.
    case columnsWithoutTable
    /// A ready design that says whose its rows are cannot be joined to several rows of a subject.
    case designByIdentifier(source: String, column: String)

    /// What is wrong.
    public var description: String {
        switch self {
        case .empty(let source): "\(printable(source)): no blocks: the file has no rows"
        case .ragged(let source, let row, let found, let expected):
            "\(printable(source)), row \(row) has \(counted(found, "number")), the first row \(expected)"
        case .notWhole(let source, let row, let value):
            "\(printable(source)), row \(row): \(quoted(value)) is not a whole number"
        case .zeroIndex(let source, let row):
            "\(printable(source)), row \(row): 0 is no index of a block, since it has no sign"
        case .severalRoots(let source, let values):
            "\(printable(source)): the first of several columns holds \(listed(values.map(String.init), limit: 6)); it must be one value for all rows"
        case .rowCount(let source, let found, let expected):
            "\(printable(source)) has \(counted(found, "row")) for \(counted(expected, "row")) of the table"
        case .rowsMissing(let source, let identifiers):
            "\(printable(source)): no row for \(listed(identifiers, limit: 10))"
        case .unequalBlocks(let source, let first, let firstRows, let second, let secondRows):
            "\(printable(source)): blocks \(quoted(first)) and \(quoted(second)) cannot be exchanged as wholes: "
                + (firstRows == secondRows
                    ? "they differ in how their \(firstRows) rows are nested"
                    : "they have \(firstRows) and \(counted(secondRows, "row"))")
        case .unmatchedRows(let source, let first, let firstValues, let second, let secondValues):
            "\(printable(source)): the rows of blocks \(quoted(first)) (\(listed(firstValues, limit: 6))) and \(quoted(second)) (\(listed(secondValues, limit: 6))) cannot be matched"
        case .repeatedMatch(let source, let block, let values):
            "\(printable(source)): two rows of block \(quoted(block)) are matched by the same value (\(listed(values, limit: 6)))"
        case .badSpecification(let text, let part):
            "blocks \(quoted(text)): \(quoted(part)) is not within:COLUMN, whole:COLUMN, both:COLUMN or match:COLUMN"
        case .notOneColumn(let source):
            "\(printable(source)): nested blocks do not fit into a group file, which has one column"
        case .betweenSubjects(let contrast, let columns, let subjects):
            "contrast \(quoted(contrast)) compares subjects: \(listed(columns, limit: 6)) \(columns.count == 1 ? "is" : "are") the same for all maps of each \(quoted(subjects)), whose own level the model takes out"
        case .absorbed(let contrast, let subjects):
            "contrast \(quoted(contrast)) is about the level of the maps, and the model gives each \(quoted(subjects)) a level of its own"
        case .noRepeats(let column, let source):
            "\(printable(source)): no value of \(quoted(column)) occurs twice: there are no repeated measures"
        case .signsWithinSubjects(let column):
            "flipping the signs of single maps would break the tie between the maps of one \(quoted(column))"
        case .blocksAcrossSubjects(let column):
            "the blocks exchange single maps of different subjects, which would break the tie between the maps of one \(quoted(column))"
        case .listBreaksSubjects(let column, let bySigns):
            "the file of shuffles \(bySigns ? "flips the signs of single maps" : "gives the maps of a subject to several subjects"), which would break the tie between the maps of one \(quoted(column))"
        case .mapsNotByRow(let column):
            "with repeated measures (\(quoted(column))) file names do not say which row of a subject a map belongs to"
        case .columnsWithoutTable:
            "there is no table of subjects whose columns could say which rows belong together"
        case .designByIdentifier(let source, let column):
            "\(printable(source)) names its rows by subject, and \(quoted(column)) has several rows for one"
        }
    }

    /// What to do.
    public var remedy: String {
        switch self {
        case .empty, .ragged, .notWhole: "give one line of whole numbers per row of the design"
        case .zeroIndex:
            "number blocks from 1; a minus sign says that the blocks of the next level stay in place"
        case .severalRoots:
            "begin every row with 1 (the blocks of the next level are exchanged) or -1 (they stay in place)"
        case .rowCount: "give one line per row of the table, in its order, or a header with participant_id"
        case .rowsMissing: "add them"
        case .unequalBlocks:
            "exchange within the blocks, or only blocks of one kind with each other: within:KIND,whole:COLUMN"
        case .unmatchedRows, .repeatedMatch:
            "every block needs each value once; leave out incomplete blocks, or match by another column"
        case .badSpecification: "name the levels from the outermost in, as in within:site,whole:family"
        case .notOneColumn: "write the table of levels instead"
        case .betweenSubjects:
            "average the maps of each subject first and test the averages, one row per subject"
        case .absorbed:
            "test a difference within subjects, or average the maps of each subject first and test the averages"
        case .noRepeats: "leave out --repeated, or name the column in which subjects recur"
        case .signsWithinSubjects:
            "permute (--exchange permute), or flip each subject's maps together: --blocks whole:\(subjectColumn)"
        case .blocksAcrossSubjects:
            "leave out the blocks, or begin them with within:\(subjectColumn) or whole:\(subjectColumn)"
        case .listBreaksSubjects(_, let bySigns):
            bySigns
                ? "flip all maps of a subject together"
                : "exchange maps within subjects, or all maps of a subject together"
        case .mapsNotByRow: "give the table a column of map paths (--map-column), one per row"
        case .columnsWithoutTable: "give a table, or the blocks as a file (--blocks-file)"
        case .designByIdentifier:
            "leave the column of identifiers out of the design; rows then go by the table's order"
        }
    }

    private var subjectColumn: String {
        switch self {
        case .signsWithinSubjects(let column), .blocksAcrossSubjects(let column): printable(column)
        default: "COLUMN"
        }
    }
}
