import CoveyCore

/// What is wrong with a formula, at one position of it.
public enum FormulaProblem: Sendable, Hashable {
    /// There is no term in it.
    case empty
    /// It is longer than any sensible formula.
    case tooLong(limit: Int)
    /// Parentheses within parentheses within parentheses.
    case tooDeep(limit: Int)
    /// Products of sums that multiply out to too many terms.
    case tooManyTerms(limit: Int)
    /// A term of more factors than are coded.
    case tooManyFactors(limit: Int)
    /// Something before the tilde.
    case leftSide(String)
    /// Something else was expected here.
    case unexpected(String, expected: String)
    /// The formula ends where something is expected.
    case unexpectedEnd(expected: String)
    /// A name that no column has.
    case unknownColumn(String, columns: [String])
    /// A function that does not exist.
    case unknownFunction(String)
    /// A coding that does not exist.
    case unknownCoding(String)
    /// An operator of other programs.
    case unsupported(String)
    /// A column of text where numbers are needed.
    case textColumn(String)
    /// A level that does not occur in the column.
    case unknownLevel(String, levels: [String])
    /// A column used as a factor in two ways.
    case twoCodings(String)

    var description: String {
        switch self {
        case .empty: "there is no term in it"
        case .tooLong(let limit): "it is longer than \(limit) characters"
        case .tooDeep(let limit): "parentheses are nested too deep, more than \(limit) levels"
        case .tooManyTerms(let limit): "it multiplies out to more than \(limit) terms"
        case .tooManyFactors(let limit): "an interaction of more than \(limit) variables"
        case .leftSide(let text): "\(quoted(text)) stands before the tilde"
        case .unexpected(let found, let expected): "\(quoted(found)) where \(expected) is expected"
        case .unexpectedEnd(let expected): "it ends where \(expected) is expected"
        case .unknownColumn(let name, let columns):
            "no column is called \(quoted(name)); columns: \(listed(columns))"
                + suggestion(for: name, among: columns)
        case .unknownFunction(let name):
            "no function is called \(quoted(name)); there are \(listed(Self.functions))"
        case .unknownCoding(let name): "no coding is called \(quoted(name)); there are treatment and sum"
        case .unsupported(let what): "\(quoted(what)) is not supported"
        case .textColumn(let name): "column \(quoted(name)) holds text, where numbers are needed"
        case .unknownLevel(let level, let levels):
            "no level is called \(quoted(level)); levels: \(listed(levels))"
                + suggestion(for: level, among: levels)
        case .twoCodings(let column): "factor \(quoted(column)) is coded in two ways"
        }
    }

    var remedy: String {
        switch self {
        case .empty: "write at least an intercept: '~ 1'"
        case .leftSide: "the maps are the left side: begin with '~'"
        case .unexpected, .unexpectedEnd, .unsupported:
            "write terms such as '~ age + C(group) + age:group', and odd names in `backquotes`"
        case .twoCodings: "code it the same way in every term"
        case .tooManyTerms, .tooManyFactors, .tooLong, .tooDeep: "write a simpler model"
        case .unknownColumn, .unknownFunction, .unknownCoding, .textColumn, .unknownLevel: ""
        }
    }

    private static let functions = ["C", "center", "scale", "log"]
}
