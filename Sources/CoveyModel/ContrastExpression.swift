import CoveyCore

/// What the names in a contrast stand for: vectors of weights on the design's columns.
struct ContrastVocabulary {
    /// The design's columns, in order.
    let columns: [String]
    /// Terms with several columns, or one of another name.
    let factors: [String: [String]]
    /// Names by their first character, the longest first.
    private let names: [Character: [Entry]]

    struct Entry {
        let name: [Character]
        let weights: [Double]
    }

    init(_ design: Design) {
        columns = design.names
        var entries = design.columns.indices.map { column in
            Entry(
                name: Array(design.columns[column].name),
                weights: design.columns.indices.map { $0 == column ? 1 : 0 })
        }
        entries += design.omittedLevels.map { Entry(name: Array($0.name), weights: $0.weights) }
        names = Self.indexed(entries)
        let known = Set(columns)
        var factors: [String: [String]] = [:]
        for column in design.columns where !known.contains(column.term) {
            factors[column.term, default: []].append(column.name)
        }
        self.factors = factors
    }

    private init(columns: [String], factors: [String: [String]], names: [Character: [Entry]]) {
        (self.columns, self.factors, self.names) = (columns, factors, names)
    }

    private static func indexed(_ entries: [Entry]) -> [Character: [Entry]] {
        Dictionary(grouping: entries.filter { !$0.name.isEmpty }) { $0.name[0] }
            .mapValues { $0.sorted { $0.name.count > $1.name.count } }
    }

    /// The weights of a name, written as it is.
    func weights(of name: some Collection<Character>) -> [Double]? {
        guard let first = name.first else { return nil }
        return names[first]?.first { $0.name.elementsEqual(name) }?.weights
    }

    /// The longest name that stands at a place of the text and ends at a boundary. Names that are numbers are
    /// left out: `1` in an expression is always the number.
    func longestName(in text: [Character], at place: Int) -> Entry? {
        names[text[place]]?.first { entry in
            let end = place + entry.name.count
            return end <= text.count && text[place..<end].elementsEqual(entry.name)
                && (end == text.count || isBoundary(text[end])) && decimalNumber(String(entry.name)) == nil
        }
    }

    /// The vocabulary without one name.
    func without(_ name: [Character]) -> ContrastVocabulary {
        var names = names
        names[name[0]]?.removeAll { $0.name == name }
        return ContrastVocabulary(columns: columns, factors: factors, names: names)
    }
}

/// Whether a bare name ends before the character.
func isBoundary(_ character: Character) -> Bool {
    " \t+-*/(),;`".contains(character)
}

/// A recursive-descent parser of weighted sums of columns.
///
///     list    := sum { (","|";") sum }
///     sum     := product { ("+"|"-") product }
///     product := factor { ("*"|"/") factor }
///     factor  := { "+"|"-" } ( "(" sum ")" | name | "`" name "`" | number )
///
/// A bare name is the longest known name at that place, whatever operators it contains, so that `post-pre` is
/// the column of that name; where it can be read both ways it is refused. Time is linear in the length of the
/// text; nothing is ever evaluated but sums, products and quotients of numbers.
struct ContrastParser {
    static let depthLimit = 100
    static let lengthLimit = 200_000

    private let source: String
    private let text: [Character]
    private let vocabulary: ContrastVocabulary
    private let refusesAmbiguity: Bool
    private var at = 0
    private var depth = 0
    /// Names with operators in them that have been found to have one reading only.
    private var unambiguous = Set<[Character]>()

    init(_ body: String, of source: String, vocabulary: ContrastVocabulary, refusesAmbiguity: Bool = true) {
        self.source = source
        text = Array(body)
        self.vocabulary = vocabulary
        self.refusesAmbiguity = refusesAmbiguity
    }

    /// A number, or weights on the columns.
    private enum Value {
        case number(Double)
        /// The weights, and how large the terms they were summed from are: what is left below the rounding
        /// of these is 0.
        case weights([Double], magnitudes: [Double])
    }

    /// The rows of a list of sums.
    mutating func rows() throws(ModelError) -> [[Double]] {
        var rows: [[Double]] = []
        repeat {
            switch try sum() {
            case .number: throw problem(.constant)
            case .weights(let weights, let magnitudes):
                guard (weights + magnitudes).allSatisfy(\.isFinite) else {
                    throw problem(.notFinite("beyond the range of numbers"))
                }
                rows.append(
                    zip(weights, magnitudes).map { abs($0) <= 8 * $1 * Double.ulpOfOne ? 0 : $0 })
            }
        } while take(",", ";") != nil
        if let next = peek() {
            throw problem(
                next == ")"
                    ? .unbalancedParenthesis(position: at + 1)
                    : .unexpected(String(next), position: at + 1, expected: "an operator or the end"))
        }
        return rows
    }

    private mutating func sum() throws(ModelError) -> Value {
        var total = try product()
        while let sign = take("+", "-") {
            let next = try product()
            switch (total, next) {
            case (.number(let a), .number(let b)): total = .number(sign == "-" ? a - b : a + b)
            case (.weights(let a, let sizesA), .weights(let b, let sizesB)):
                var (weights, sizes) = (a, sizesA)
                for i in weights.indices where b[i] != 0 || sizesB[i] != 0 {
                    weights[i] += sign == "-" ? -b[i] : b[i]
                    sizes[i] += sizesB[i]
                }
                total = .weights(weights, magnitudes: sizes)
            default: throw problem(.constant)
            }
        }
        return total
    }

    private mutating func product() throws(ModelError) -> Value {
        var total = try factor()
        while let operation = take("*", "/") {
            if operation == "*", at < text.count, text[at] == "*" {
                throw problem(.nonlinear("a power"))
            }
            let next = try factor()
            switch (total, next) {
            case (.number(let a), .number(let b)):
                guard operation == "*" || b != 0 else { throw problem(.divisionByZero) }
                total = .number(operation == "*" ? a * b : a / b)
            case (.weights(let w, let sizes), .number(let b)):
                guard operation == "*" || b != 0 else { throw problem(.divisionByZero) }
                total =
                    operation == "*"
                    ? .weights(w.map { $0 * b }, magnitudes: sizes.map { $0 * abs(b) })
                    : .weights(w.map { $0 / b }, magnitudes: sizes.map { $0 / abs(b) })
            case (.number(let a), .weights(let w, let sizes)):
                guard operation == "*" else { throw problem(.nonlinear("a division by a column")) }
                total = .weights(w.map { $0 * a }, magnitudes: sizes.map { $0 * abs(a) })
            case (.weights, .weights):
                throw problem(
                    .nonlinear(operation == "*" ? "a product of columns" : "a division by a column"))
            }
        }
        return total
    }

    private mutating func factor() throws(ModelError) -> Value {
        var negative = false
        while let sign = take("+", "-") { if sign == "-" { negative.toggle() } }
        let value = try operand()
        guard negative else { return value }
        switch value {
        case .number(let x): return .number(-x)
        case .weights(let w, let sizes): return .weights(w.map { -$0 }, magnitudes: sizes)
        }
    }

    private mutating func operand() throws(ModelError) -> Value {
        let expected = "a column or a number"
        guard let next = peek() else { throw problem(.unexpectedEnd(expected: expected)) }
        if let entry = vocabulary.longestName(in: text, at: at) {
            try requireOneReading(entry.name)
            at += entry.name.count
            return .weights(entry.weights, magnitudes: entry.weights.map(abs))
        }
        switch next {
        case "(":
            let opening = at + 1
            guard depth < Self.depthLimit else { throw problem(.tooDeep(limit: Self.depthLimit)) }
            at += 1
            depth += 1
            let inner = try sum()
            depth -= 1
            guard take(")") != nil else { throw problem(.unbalancedParenthesis(position: opening)) }
            return inner
        case "`": return try backquoted()
        case ")", "*", "/", ",", ";":
            throw problem(.unexpected(String(next), position: at + 1, expected: expected))
        default: break
        }
        if let number = try number() { return .number(number) }
        let start = at
        while at < text.count, !isBoundary(text[at]) { at += 1 }
        throw unknown(text[start..<at])
    }

    private mutating func backquoted() throws(ModelError) -> Value {
        at += 1
        guard let end = text[at...].firstIndex(of: "`") else {
            throw problem(.unexpectedEnd(expected: "a closing backquote"))
        }
        let name = text[at..<end]
        guard let weights = vocabulary.weights(of: name) else { throw unknown(name) }
        at = end + 1
        return .weights(weights, magnitudes: weights.map(abs))
    }

    /// An unsigned decimal number, `nil` where none begins here.
    private mutating func number() throws(ModelError) -> Double? {
        var end = at
        func skipDigits() { while end < text.count, text[end].isASCII, text[end].isNumber { end += 1 } }
        skipDigits()
        if end < text.count, text[end] == "." { end += 1 }
        skipDigits()
        guard text[at..<end].contains(where: { $0 != "." }) else { return nil }
        if end < text.count, text[end] == "e" || text[end] == "E" {
            var digits = end + 1
            if digits < text.count, text[digits] == "+" || text[digits] == "-" { digits += 1 }
            if digits < text.count, text[digits].isASCII, text[digits].isNumber {
                end = digits
                skipDigits()
            }
        }
        guard end == text.count || isBoundary(text[end]) else { return nil }
        guard let value = decimalNumber(String(text[at..<end])) else {
            throw problem(.notFinite(String(text[at..<end])))
        }
        at = end
        return value
    }

    /// Refuses a bare name with operators in it that is also an expression of other names.
    private mutating func requireOneReading(_ name: [Character]) throws(ModelError) {
        guard refusesAmbiguity, name.contains(where: isBoundary), !unambiguous.contains(name) else { return }
        var other = ContrastParser(
            String(name), of: source, vocabulary: vocabulary.without(name), refusesAmbiguity: false)
        if (try? other.rows()) != nil { throw problem(.ambiguousName(String(name))) }
        unambiguous.insert(name)
    }

    private func unknown(_ name: ArraySlice<Character>) -> ModelError {
        let name = String(name)
        if let columns = vocabulary.factors[name] {
            return problem(.factorName(name, columns: columns))
        }
        return problem(.unknownName(name, columns: vocabulary.columns))
    }

    private mutating func peek() -> Character? {
        while at < text.count, text[at] == " " || text[at] == "\t" { at += 1 }
        return at < text.count ? text[at] : nil
    }

    private mutating func take(_ characters: Character...) -> Character? {
        guard let next = peek(), characters.contains(next) else { return nil }
        at += 1
        return next
    }

    private func problem(_ problem: ContrastProblem) -> ModelError { .contrast(source, problem) }
}
