import CoveyCore

/// A recursive-descent parser of formulas.
///
///     sum         := [ "+"|"-" ] product { ("+"|"-") product }
///     product     := interaction { "*" interaction }
///     interaction := atom { ":" atom }
///     atom        := "(" sum ")" | "0" | "1" | variable
///     variable    := name | "`" name "`" | function "(" variable { "," option } ")"
///
/// Depth, length and the number of terms are limited, so that time is linear in the length of the text.
struct FormulaParser {
    static let depthLimit = 64
    static let lengthLimit = 100_000
    static let termLimit = 2000
    static let factorLimit = 8

    private let source: String
    private let text: [Character]
    private var at = 0
    private var depth = 0
    private(set) var variables: [Formula.Variable] = []
    private(set) var positions: [Int] = []
    private var numbers: [Formula.Variable: Int] = [:]

    init(_ source: String) {
        self.source = source
        text = source.utf8.count <= Self.lengthLimit ? Array(source) : []
    }

    /// Terms without repetition; a term is a list of variables without repetition, the empty one the intercept.
    private struct TermList {
        private(set) var terms: [[Int]] = []
        private var known = Set<[Int]>()
        /// Whether this is the number 0, which takes the intercept away.
        var isZero = false

        mutating func insert(_ term: [Int]) {
            if known.insert(term.sorted()).inserted { terms.append(term) }
        }

        mutating func remove(_ term: [Int]) {
            let key = term.sorted()
            if known.remove(key) != nil { terms.removeAll { $0.sorted() == key } }
        }
    }

    /// The terms of the whole formula.
    mutating func parse() throws(ModelError) -> [[Int]] {
        guard source.utf8.count <= Self.lengthLimit else {
            throw problem(.tooLong(limit: Self.lengthLimit))
        }
        if let tilde = text.firstIndex(of: "~"), !text[..<tilde].contains("`") {
            let left = trimmed(Substring(String(text[..<tilde])))
            guard left.isEmpty else { throw problem(.leftSide(String(left)), at: 0) }
            at = tilde + 1
        }
        guard peek() != nil else { throw problem(.empty) }
        var implicit = TermList()
        implicit.insert([])
        let terms = try sum(startingWith: implicit).terms
        if let next = peek() {
            throw problem(
                next == ")"
                    ? .unexpected(")", expected: "an operator or the end") : unsupportedOrUnexpected(next))
        }
        guard !terms.isEmpty else { throw problem(.empty) }
        return terms
    }

    private mutating func sum(startingWith start: TermList) throws(ModelError) -> TermList {
        var total = start
        var sign = take("+", "-") ?? "+"
        repeat {
            let place = at
            let next = try product()
            if next.isZero {
                guard sign == "+" else {
                    throw problem(.unexpected("0", expected: "a term"), at: place)
                }
                total.remove([])
            } else if sign == "+" {
                next.terms.forEach { total.insert($0) }
            } else {
                next.terms.forEach { total.remove($0) }
            }
            try limit(total)
            guard let operation = take("+", "-") else { return total }
            sign = operation
        } while true
    }

    private mutating func product() throws(ModelError) -> TermList {
        var total = try interaction()
        while let place = takePlace("*") {
            if at < text.count, text[at] == "*" { throw problem(.unsupported("**"), at: place) }
            let next = try interaction()
            let crossed = try self.crossed(total, next, at: place)
            next.terms.forEach { total.insert($0) }
            crossed.terms.forEach { total.insert($0) }
            try limit(total)
        }
        return total
    }

    private mutating func interaction() throws(ModelError) -> TermList {
        var total = try atom()
        while let place = takePlace(":") {
            total = try crossed(total, try atom(), at: place)
        }
        return total
    }

    private func crossed(_ a: TermList, _ b: TermList, at place: Int) throws(ModelError) -> TermList {
        guard !a.isZero, !b.isZero else {
            throw problem(.unexpected("0", expected: "a variable"), at: place)
        }
        guard a.terms.count * b.terms.count <= Self.termLimit else {
            throw problem(.tooManyTerms(limit: Self.termLimit), at: place)
        }
        var result = TermList()
        for x in a.terms {
            for y in b.terms {
                let term = x + y.filter { !x.contains($0) }
                guard term.count <= Self.factorLimit else {
                    throw problem(.tooManyFactors(limit: Self.factorLimit), at: place)
                }
                result.insert(term)
            }
        }
        return result
    }

    private func limit(_ list: TermList) throws(ModelError) {
        guard list.terms.count <= Self.termLimit else {
            throw problem(.tooManyTerms(limit: Self.termLimit))
        }
    }

    private mutating func atom() throws(ModelError) -> TermList {
        guard let next = peek() else { throw problem(.unexpectedEnd(expected: "a term")) }
        var result = TermList()
        let start = at
        if next == "(" {
            try descend()
            at += 1
            result = try sum(startingWith: TermList())
            depth -= 1
            try expect(")")
            return result
        }
        if next == "0" || next == "1" {
            at += 1
            guard at == text.count || !isNamePart(text[at]) else {
                throw problem(.unexpected(word(from: start), expected: "a term"), at: start)
            }
            if next == "0" { result.isZero = true } else { result.insert([]) }
            return result
        }
        result.insert([number(of: try variable(), at: start)])
        return result
    }

    private mutating func number(of variable: Formula.Variable, at place: Int) -> Int {
        if let known = numbers[variable] { return known }
        numbers[variable] = variables.count
        variables.append(variable)
        positions.append(place + 1)
        return variables.count - 1
    }

    private mutating func variable() throws(ModelError) -> Formula.Variable {
        let start = at
        if peek() == "`" { return .column(try name()) }
        let name = try name()
        guard at < text.count, text[at] == "(" else { return .column(name) }
        try descend()
        at += 1
        let result: Formula.Variable
        switch name {
        case "C": result = try factor()
        case "center":
            let inner = try covariate()
            var by: String?
            if take(",") != nil {
                try expectWord("by")
                try expect("=")
                by = try self.name()
            }
            result = .centered(inner, by: by)
        case "scale": result = .scaled(try covariate())
        case "log": result = .logarithm(try covariate())
        default: throw problem(.unknownFunction(name), at: start)
        }
        try expect(")")
        depth -= 1
        return result
    }

    private mutating func covariate() throws(ModelError) -> Formula.Variable {
        _ = peek()
        let start = at
        let variable = try variable()
        if case .factor = variable {
            throw problem(.unexpected("C(", expected: "a column of numbers"), at: start)
        }
        return variable
    }

    /// `C(` is read: the column, then the coding and the reference level.
    private mutating func factor() throws(ModelError) -> Formula.Variable {
        let column = try name()
        var coding: FactorCoding?
        var reference: String?
        while take(",") != nil {
            _ = peek()
            let start = at
            let word = try level()
            if word == "ref", take("=") != nil {
                reference = try level()
            } else if let known = FactorCoding(rawValue: word.lowercased()), known != .cellMeans {
                coding = known
            } else {
                throw problem(.unknownCoding(word), at: start)
            }
        }
        return .factor(column, coding: coding, reference: reference)
    }

    /// A level: a bare word or number, or anything between quotes or backquotes.
    private mutating func level() throws(ModelError) -> String {
        guard let next = peek() else { throw problem(.unexpectedEnd(expected: "a level")) }
        if "'\"`".contains(next) { return try delimited(by: next) }
        let start = at
        while at < text.count, isNamePart(text[at]) || text[at] == "-" || text[at] == "+" { at += 1 }
        guard at > start else { throw problem(.unexpected(String(next), expected: "a level")) }
        return String(text[start..<at])
    }

    private mutating func name() throws(ModelError) -> String {
        guard let next = peek() else { throw problem(.unexpectedEnd(expected: "a column")) }
        if next == "`" { return try delimited(by: "`") }
        guard next.isLetter || next == "_" else { throw problem(unsupportedOrUnexpected(next)) }
        let start = at
        while at < text.count, isNamePart(text[at]) { at += 1 }
        return String(text[start..<at])
    }

    private mutating func delimited(by quote: Character) throws(ModelError) -> String {
        let start = at
        guard let end = text[(at + 1)...].firstIndex(of: quote) else {
            throw problem(.unexpectedEnd(expected: "a closing \(quote)"), at: start)
        }
        at = end + 1
        return String(text[(start + 1)..<end])
    }

    private func unsupportedOrUnexpected(_ character: Character) -> FormulaProblem {
        "^/%|~".contains(character)
            ? .unsupported(String(character)) : .unexpected(word(from: at), expected: "a term or an operator")
    }

    private func word(from start: Int) -> String {
        let end = text[start...].firstIndex { !isNamePart($0) } ?? text.count
        return String(text[start..<max(end, start + 1)])
    }

    private func isNamePart(_ character: Character) -> Bool {
        character.isLetter || character.isNumber || character == "_" || character == "."
    }

    private mutating func descend() throws(ModelError) {
        guard depth < Self.depthLimit else { throw problem(.tooDeep(limit: Self.depthLimit)) }
        depth += 1
    }

    private mutating func peek() -> Character? {
        while at < text.count, text[at].isWhitespace { at += 1 }
        return at < text.count ? text[at] : nil
    }

    private mutating func take(_ characters: Character...) -> Character? {
        guard let next = peek(), characters.contains(next) else { return nil }
        at += 1
        return next
    }

    private mutating func takePlace(_ character: Character) -> Int? {
        take(character) == nil ? nil : at - 1
    }

    private mutating func expect(_ character: Character) throws(ModelError) {
        guard let next = peek() else { throw problem(.unexpectedEnd(expected: "\(character)")) }
        guard next == character else {
            throw problem(.unexpected(word(from: at), expected: "'\(character)'"))
        }
        at += 1
    }

    private mutating func expectWord(_ expected: String) throws(ModelError) {
        _ = peek()
        let start = at
        let found = try name()
        guard found == expected else { throw problem(.unexpected(found, expected: expected), at: start) }
    }

    private func problem(_ problem: FormulaProblem, at place: Int? = nil) -> ModelError {
        .formula(source, position: (place ?? at) + 1, problem)
    }
}
