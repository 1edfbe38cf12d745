public import CoveyCore

/// A place in a table: the line of the file and the subject on it.
public struct CellPlace: Sendable, Hashable {
    /// The line of the file, counted from 1.
    public let line: Int
    /// Who stands on that line; `nil` where the table names nobody.
    public let identifier: String?

    /// A place in a table.
    public init(line: Int, identifier: String?) {
        self.line = line
        self.identifier = identifier
    }
}

/// What is wrong with a table of subjects, a formula, a design or a contrast.
public enum ModelError: ExplainedError, Equatable {
    /// The table has a header at most.
    case noRows(source: String)
    /// None of the columns holds identifiers.
    case noIdentifierColumn(source: String, wanted: [String], columns: [String])
    /// A column that was asked for is not there.
    case unknownColumn(String, source: String, columns: [String])
    /// Two columns would have one name.
    case duplicateColumn(String, source: String)
    /// Rows without an identifier.
    case missingIdentifiers(column: String, lines: [Int], source: String)
    /// One identifier on several lines.
    case duplicateIdentifier(String, lines: [Int], source: String)
    /// Cells without a value in a column that is needed.
    case missingValues(column: String, at: [CellPlace], source: String)
    /// Every subject misses a value.
    case nobodyLeft(columns: [String], source: String)
    /// A cell that is not a finite decimal number.
    case notANumber(String, column: String, at: CellPlace, source: String)
    /// A column with numbers in some cells and other text in others.
    case mixedColumn(String, value: String, at: CellPlace, source: String)
    /// A column of dates used as a variable.
    case dates(String, example: String, source: String)
    /// A column of numbers with marks around them, which would be taken for text.
    case numbersAsText(String, example: String, number: String, source: String)
    /// A design table without a column of numbers.
    case noColumns(source: String)
    /// The table names no maps.
    case noMapColumn(source: String, columns: [String])
    /// Two subjects with the same file.
    case sharedMap(path: String, identifiers: [String])
    /// Several files for one subject.
    case severalMaps(identifier: String, paths: [String])
    /// Subjects of the table for whom there is no file.
    case subjectsWithoutMap([String])
    /// Subjects for whom a ready design has no row.
    case subjectsWithoutRow([String], source: String)
    /// Files whose subject is not in the table.
    case mapsWithoutSubject([String])
    /// File names in which no `sub-XX` is found.
    case fileNamesWithoutSubject([String])
    /// As many volumes or paths as rows were expected.
    case rowCount(rows: Int, maps: Int, source: String)
    /// The formula cannot be read or built.
    case formula(String, position: Int, FormulaProblem)
    /// A function of a column that is not defined for its values.
    case transform(String, reason: String)
    /// A factor that cannot be coded.
    case factor(String, reason: String)
    /// More columns than could ever be fitted.
    case tooManyColumns(Int, subjects: Int)
    /// A column of zeros.
    case zeroColumn(String, source: String)
    /// A column with the same value for everyone, besides the intercept.
    case constantColumn(String, value: Double, intercept: String, source: String)
    /// Columns that are combinations of others.
    case collinear([Collinearity], rank: Int, source: String)
    /// No more subjects than independent columns.
    case noDegreesOfFreedom(subjects: Int, rank: Int)
    /// The contrast cannot be read or used.
    case contrast(String, ContrastProblem)

    /// A column and the combination of others that gives it.
    public struct Collinearity: Sendable, Hashable {
        /// The column that adds nothing.
        public let column: String
        /// The columns that make it, with their weights.
        public let combination: [String]
    }

    /// What is wrong.
    public var description: String {
        switch self {
        case .noRows(let source): "\(printable(source)): the table is empty: it has no rows of subjects"
        case .noIdentifierColumn(let source, let wanted, let columns):
            "\(printable(source)): no column of identifiers (\(listed(wanted, joiner: " or "))); columns: \(listed(columns))"
        case .unknownColumn(let name, let source, let columns):
            "\(printable(source)): no column is called \(quoted(name)); columns: \(listed(columns))"
                + suggestion(for: name, among: columns)
        case .duplicateColumn(let name, let source):
            "\(printable(source)): two columns are called \(quoted(name))"
        case .missingIdentifiers(let column, let lines, let source):
            "\(printable(source)): no identifier in column \(quoted(column)) on \(numbered(lines))"
        case .duplicateIdentifier(let identifier, let lines, let source):
            "\(printable(source)): duplicate identifier \(quoted(identifier)) on \(numbered(lines))"
        case .missingValues(let column, let places, let source):
            "\(printable(source)): \(counted(places.count, "subject")) missing \(quoted(column))"
                + Self.names(of: places) + " (\(numbered(places.map(\.line))))"
        case .nobodyLeft(let columns, let source):
            "\(printable(source)): every subject is missing a value of \(listed(columns))"
        case .notANumber(let value, let column, let place, let source):
            "\(printable(source)), line \(place.line), column \(quoted(column)): \(quoted(value)) is not a finite decimal number"
        case .mixedColumn(let column, let value, let place, let source):
            "\(printable(source)), line \(place.line), column \(quoted(column)): \(quoted(value)) is not a finite decimal number, while other rows hold numbers"
        case .dates(let column, let example, let source):
            "\(printable(source)): column \(quoted(column)) holds dates, such as \(quoted(example)); a date is no regressor"
        case .numbersAsText(let column, let example, let number, let source):
            "\(printable(source)): column \(quoted(column)) holds numbers stored as text: \(quoted(example)) for \(number)"
        case .noColumns(let source): "\(printable(source)): the design has no columns"
        case .noMapColumn(let source, let columns):
            "\(printable(source)): no column of map paths (\(listed(Subjects.mapColumnNames, joiner: " or "))); columns: \(listed(columns))"
        case .sharedMap(let path, let identifiers):
            "\(quoted(path)) is listed twice, as the map of \(listed(identifiers, joiner: " and "))"
        case .severalMaps(let identifier, let paths):
            "\(quoted(identifier)) has \(paths.count) maps: \(listed(paths))"
        case .subjectsWithoutMap(let identifiers):
            "\(counted(identifiers.count, "subject")) without a map: \(listed(identifiers))"
        case .subjectsWithoutRow(let identifiers, let source):
            "\(printable(source)): no row for \(counted(identifiers.count, "subject")): \(listed(identifiers))"
        case .mapsWithoutSubject(let paths):
            "\(counted(paths.count, "map")) of subjects who are not in the table: \(listed(paths))"
        case .fileNamesWithoutSubject(let paths):
            "\(counted(paths.count, "file name")) without a subject (sub-XX): \(listed(paths))"
        case .rowCount(let rows, let maps, let source):
            "\(printable(source)) has \(counted(rows, "row")) for \(counted(maps, "map"))"
        case .formula(let text, let position, let problem):
            "formula \(quoted(text)), character \(position): \(problem.description)"
        case .transform(let expression, let reason): "\(quoted(expression)): \(reason)"
        case .factor(let factor, let reason): "factor \(quoted(factor)): \(reason)"
        case .tooManyColumns(let columns, let subjects):
            "the model has at least \(columns) columns for \(counted(subjects, "subject"))"
        case .zeroColumn(let column, let source):
            "\(printable(source)): column \(quoted(column)) is zero for every subject"
        case .constantColumn(let column, let value, let intercept, let source):
            "\(printable(source)): column \(quoted(column)) is constant (\(significant(value, digits: 6)) for every subject) and collinear with \(quoted(intercept))"
        case .collinear(let found, let rank, let source):
            "\(printable(source)): the columns are collinear (rank \(rank)): "
                + found.prefix(4).map {
                    "\(printable($0.column)) = \(printable($0.combination.joined(separator: " ")))"
                }.joined(separator: "; ")
        case .noDegreesOfFreedom(let subjects, let rank):
            "no residual degrees of freedom: \(counted(subjects, "subject")), rank \(rank)"
        case .contrast(let text, let problem): "contrast \(quoted(text)): \(problem.description)"
        }
    }

    /// What to do.
    public var remedy: String {
        switch self {
        case .noRows: "give one row per subject below the header"
        case .noIdentifierColumn: "name the column of identifiers; is there a header line?"
        case .unknownColumn, .duplicateColumn: ""
        case .missingIdentifiers: "every row needs an identifier"
        case .duplicateIdentifier:
            "one row per subject; several maps of each are told by --repeated COLUMN, one contrast of them is taken by covey collect --contrast"
        case .missingValues: "fill them in, or leave these subjects out with --drop-missing"
        case .nobodyLeft: "choose columns that have values"
        case .notANumber(_, let column, let place, _):
            place.identifier == nil
                ? "a design holds plain decimal numbers under a header line, with a point, no separators and no units"
                : "write a plain decimal number in \(quoted(column)), with a point, no separators and no units"
        case .mixedColumn(let column, _, _, _):
            "mend the value, or write C(\(printable(column))) if it is a factor; missing values are n/a"
        case .dates(let column, _, _):
            "compute a number from it, such as an age or the days between; C(\(printable(column))) makes a factor of it"
        case .numbersAsText(let column, _, _, _):
            "write plain decimal numbers in \(quoted(column)), with a point and no marks; C(\(printable(column))) makes a factor of it"
        case .noColumns: "give at least one column of numbers, such as an intercept"
        case .noMapColumn: "name the column of map paths, or give the maps by a pattern"
        case .sharedMap, .severalMaps: "one map per subject"
        case .subjectsWithoutMap: "add their maps, or leave these subjects out"
        case .subjectsWithoutRow: "the design's identifiers must be those of the subjects"
        case .mapsWithoutSubject: "add the subjects to the table, or narrow the pattern"
        case .fileNamesWithoutSubject:
            "name the files by subject, as in sub-01_map.nii.gz, or list them in the table"
        case .rowCount: "one map per row, in the same order"
        case .formula(_, _, let problem): problem.remedy
        case .transform: ""
        case .factor: ""
        case .tooManyColumns: "use fewer factors or interactions; n must exceed the number of columns"
        case .zeroColumn: "drop it"
        case .constantColumn: "drop it: it repeats the intercept"
        case .collinear: "drop one column of each combination; the data cannot tell them apart"
        case .noDegreesOfFreedom: "use more subjects or fewer columns: n must exceed the rank"
        case .contrast(_, let problem): problem.remedy
        }
    }

    private static func names(of places: [CellPlace]) -> String {
        let names = places.compactMap(\.identifier)
        return names.isEmpty ? "" : ": " + listed(names)
    }

    private func numbered(_ lines: [Int]) -> String {
        (lines.count == 1 ? "line " : "lines ") + listed(lines.map(String.init))
    }
}
