import CoveyCore

/// A model in Wilkinson's notation over the columns of a table: `~ fluency + C(group) + age:group`.
///
/// - `+` adds a term, `-` takes one away, `:` is an interaction, `a*b` is `a + b + a:b`, parentheses hold sums.
/// - `1` is the intercept, which is there unless `- 1` or `+ 0` says otherwise.
/// - A column of numbers is a covariate, a column of text a factor; `C(x)` makes a factor of either, and
///   `C(x, sum)`, `C(x, treatment, ref=level)` choose its coding.
/// - `center(x)`, `center(x, by=group)`, `scale(x)` (z-scores, with n - 1) and `log(x)` are functions of
///   covariates and may be nested.
/// - Names with odd characters stand in `backquotes`.
///
/// Terms come in the order of their degree, then as written, which is the order of R.
///
/// Wilkinson and Rogers 1973, Applied Statistics 22:392-399.
public struct Formula: Sendable, Hashable {
    /// The formula as written.
    public let text: String
    /// Whether there is a column of ones.
    public let hasIntercept: Bool
    /// The columns of the table that the formula needs, in the order of their first mention.
    public let columns: [String]
    /// The variables, in the order of their first mention, and where they stand.
    let variables: [Variable]
    let positions: [Int]
    /// The terms besides the intercept: indices into ``variables``.
    let terms: [[Int]]

    /// Reads a formula.
    ///
    /// - Throws: ``ModelError/formula(_:position:_:)`` with the position of the fault, counted from 1.
    public init(_ text: String) throws(ModelError) {
        var parser = FormulaParser(text)
        let parsed = try parser.parse()
        self.text = text
        hasIntercept = parsed.contains([])
        terms = parsed.filter { !$0.isEmpty }.enumerated()
            .sorted { ($0.element.count, $0.offset) < ($1.element.count, $1.offset) }.map(\.element)
        variables = parser.variables
        positions = parser.positions
        let used = Set(terms.joined())
        var seen = Set<String>()
        columns = variables.indices.filter(used.contains).flatMap { parser.variables[$0].columns }
            .filter { seen.insert($0).inserted }
    }

    /// A column, or a function of one.
    indirect enum Variable: Sendable, Hashable {
        /// A column as it is: numbers or text.
        case column(String)
        /// A factor.
        case factor(String, coding: FactorCoding?, reference: String?)
        /// The variable less its mean, or less that of each level of `by`.
        case centered(Variable, by: String?)
        /// The variable's z-scores.
        case scaled(Variable)
        /// The natural logarithm.
        case logarithm(Variable)

        var columns: [String] {
            switch self {
            case .column(let name), .factor(let name, _, _): [name]
            case .centered(let inner, let by): inner.columns + (by.map { [$0] } ?? [])
            case .scaled(let inner), .logarithm(let inner): inner.columns
            }
        }

        /// The variable as it is written in the names of design columns.
        var expression: String {
            switch self {
            case .column(let name), .factor(let name, _, _): name
            case .centered(let inner, let by):
                "center(\(inner.expression)\(by.map { ", by=\($0)" } ?? ""))"
            case .scaled(let inner): "scale(\(inner.expression))"
            case .logarithm(let inner): "log(\(inner.expression))"
            }
        }
    }
}
