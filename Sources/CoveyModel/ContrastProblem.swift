import CoveyCore

/// What is wrong with a contrast.
public enum ContrastProblem: Sendable, Hashable {
    /// There is nothing in it.
    case empty
    /// It is longer than any sensible contrast.
    case tooLong(characters: Int, limit: Int)
    /// Parentheses within parentheses within parentheses.
    case tooDeep(limit: Int)
    /// A name that no column and no factor level has.
    case unknownName(String, columns: [String])
    /// A name that is a factor, which has several columns.
    case factorName(String, columns: [String])
    /// A bare name that could also be read as an expression.
    case ambiguousName(String)
    /// Something else was expected here.
    case unexpected(String, position: Int, expected: String)
    /// The text ends too early.
    case unexpectedEnd(expected: String)
    /// A parenthesis that is not closed, or closes nothing.
    case unbalancedParenthesis(position: Int)
    /// Columns multiplied, divided by or raised to one another.
    case nonlinear(String)
    /// A number added to a column, or alone.
    case constant
    /// A division by 0.
    case divisionByZero
    /// A weight that is not a finite number.
    case notFinite(String)
    /// A number in a vector that is none.
    case notANumber(String)
    /// A vector of another length than the design has columns.
    case wrongLength(found: Int, columns: [String])
    /// All weights are 0.
    case zero(referenceLevel: String?)
    /// Several rows without the F that says what to do with them.
    case severalRows(Int)
    /// The design cannot tell apart what the contrast asks for.
    case notEstimable

    var description: String {
        switch self {
        case .empty: "it is empty"
        case .tooLong(let characters, let limit):
            "it is too long: \(characters) characters, where \(limit) are allowed"
        case .tooDeep(let limit): "parentheses are nested too deep, more than \(limit) levels"
        case .unknownName(let name, let columns):
            "no design column is called \(quoted(name, limit: 60)); columns: \(listed(columns))"
                + suggestion(for: name, among: columns)
        case .factorName(let name, let columns):
            "\(quoted(name)) is a term with the columns \(listed(columns)), not a column"
        case .ambiguousName(let name):
            "\(quoted(name)) is a column, and can also be read as an expression of other columns"
        case .unexpected(let found, let position, let expected):
            "character \(position): \(quoted(found, limit: 60)) where \(expected) is expected"
        case .unexpectedEnd(let expected): "it ends where \(expected) is expected"
        case .unbalancedParenthesis(let position): "unbalanced parenthesis at character \(position)"
        case .nonlinear(let operation): "it is not linear in the columns: \(operation)"
        case .constant: "a number that multiplies no column; a contrast is a weighted sum of columns"
        case .divisionByZero: "division by zero"
        case .notFinite(let weight): "the weight \(quoted(weight, limit: 60)) is not a finite number"
        case .notANumber(let weight): "the weight \(quoted(weight, limit: 60)) is not a number"
        case .wrongLength(let found, let columns):
            "the vector has length \(found) for \(counted(columns.count, "column")) (\(listed(columns)))"
        case .zero(let level):
            "all its weights are zero"
                + (level.map {
                    ": \(quoted($0)) is the reference level, which the other levels are compared with"
                }
                    ?? "")
        case .severalRows(let rows): "\(rows) rows make an F contrast"
        case .notEstimable: "it is not estimable: the design is collinear in the columns it weights"
        }
    }

    var remedy: String {
        switch self {
        case .empty, .unknownName: "name a design column, as in --contrast 'a - b'"
        case .tooLong, .tooDeep: "write it more simply, or as a vector of weights"
        case .factorName(let name, let columns):
            "weight its columns, as in '\(printable(columns.first ?? name))', or test all of them with 'F:\(printable(name))'"
        case .ambiguousName(let name):
            "write `\(printable(name))` in backquotes for the column, or put spaces around the operators"
        case .unexpected, .unexpectedEnd, .unbalancedParenthesis, .notANumber:
            "write sums of columns with weights, as in 'a - 0.5*b', and odd names in `backquotes`"
        case .nonlinear, .constant, .divisionByZero, .notFinite:
            "a contrast is a sum of columns with finite weights; a column whose name is a number needs `backquotes`"
        case .wrongLength: "give one weight per design column, in their order"
        case .zero: "give at least one column a weight"
        case .severalRows: "put F: before it, as in 'F:[[1,0],[0,1]]'"
        case .notEstimable: "test a contrast that does not need the collinear columns apart"
        }
    }
}
