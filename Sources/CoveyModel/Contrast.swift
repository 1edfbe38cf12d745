public import CoveyCore

/// A question to the model, as the user wrote it: a weighted sum of design columns (t), or several of them at
/// once (F).
///
/// - `fluency`: a column, by its name.
/// - `a - 0.5*b - 0.5*c`, `(a + b)/2`: an expression. Names of columns win over operators, so that a column
///   called `post-pre` is that column; odd names may stand in `backquotes`.
/// - `group[b] - group[a]`: levels of a factor. A level without a column stands for what the coding makes of
///   it, so that the difference is that of the model's predictions.
/// - `[1, 0, -1]`: one weight per column.
/// - `F: a, b`, `F:[[1, 0], [0, 1]]`, `F:group`: an F contrast of several rows, or of all columns of a term.
/// - `Slope = fluency`: any of these under a name.
///
/// The text means nothing before it meets a design: see ``weights(in:)``.
public struct Contrast: Sendable, Hashable, Codable {
    /// What the user wrote.
    public let text: String

    /// A contrast as written.
    public init(_ text: String) { self.text = text }

    /// The weights of the contrast on the columns of a design.
    ///
    /// - Throws: ``ModelError/contrast(_:_:)`` where the text is no contrast of this design.
    public func weights(in design: Design) throws(ModelError) -> ContrastWeights {
        guard text.utf8.count <= ContrastParser.lengthLimit else {
            throw problem(.tooLong(characters: text.utf8.count, limit: ContrastParser.lengthLimit))
        }
        let vocabulary = ContrastVocabulary(design)
        let whole = trimmed(text[...])
        guard !whole.isEmpty else { throw problem(.empty) }
        if let weights = vocabulary.weights(of: whole) {
            return try resolved(name: nil, whole, [weights], isF: false, design, vocabulary)
        }
        let (name, expression) = try named(whole)
        guard expression.hasPrefix("F:") else {
            let rows = try rows(expression, vocabulary)
            guard rows.count == 1 else { throw problem(.severalRows(rows.count)) }
            return try resolved(name: name, expression, rows, isF: false, design, vocabulary)
        }
        let body = trimmed(expression.dropFirst(2))
        guard !body.isEmpty else { throw problem(.empty) }
        // The term of `C(group)` is called as its column.
        let term = body.hasPrefix("C(") && body.hasSuffix(")") ? trimmed(body.dropFirst(2).dropLast()) : body
        let ofTerm = design.columns.indices.filter { design.columns[$0].term == term }
        if !ofTerm.isEmpty, vocabulary.weights(of: body) == nil {
            let rows = ofTerm.map { one in design.columns.indices.map { $0 == one ? 1.0 : 0 } }
            return try resolved(name: name, expression, rows, isF: true, design, vocabulary)
        }
        return try resolved(
            name: name, expression, try rows(body, vocabulary), isF: true, design, vocabulary)
    }

    private func resolved(
        name: String?, _ expression: Substring, _ rows: [[Double]], isF: Bool, _ design: Design,
        _ vocabulary: ContrastVocabulary
    ) throws(ModelError) -> ContrastWeights {
        let empty = rows.first { row in row.allSatisfy { $0 == 0 } }
        if empty != nil {
            let reference = design.omittedLevels.first {
                $0.coding == .treatment && expression.contains($0.name)
            }
            throw problem(.zero(referenceLevel: reference?.name))
        }
        return ContrastWeights(
            contrast: self, name: name ?? String(expression), weights: Matrix(rows: rows), isF: isF,
            columns: design.names)
    }

    /// The name and the expression of `name = expression`, the expression alone where there is no name.
    private func named(_ whole: Substring) throws(ModelError) -> (String?, Substring) {
        var inBackquotes = false
        for index in whole.indices {
            if whole[index] == "`" { inBackquotes.toggle() }
            guard whole[index] == "=", !inBackquotes else { continue }
            let name = trimmed(whole[..<index])
            let expression = trimmed(whole[whole.index(after: index)...])
            guard !expression.isEmpty else { throw problem(.empty) }
            guard !name.isEmpty else {
                throw problem(.unexpected("=", position: 1, expected: "a name for the contrast"))
            }
            return (String(name), expression)
        }
        return (nil, whole)
    }

    private func rows(_ body: Substring, _ vocabulary: ContrastVocabulary) throws(ModelError) -> [[Double]] {
        if let weights = vocabulary.weights(of: body) { return [weights] }
        if body.first == "[", vocabulary.longestName(in: Array(body.prefix(500)), at: 0) == nil {
            return try vectors(body, columns: vocabulary.columns)
        }
        var parser = ContrastParser(String(body), of: text, vocabulary: vocabulary)
        return try parser.rows()
    }

    /// `[1, 0]` or `[[1, 0], [0, 1]]`.
    private func vectors(_ body: Substring, columns: [String]) throws(ModelError) -> [[Double]] {
        guard body.last == "]" else { throw problem(.unexpectedEnd(expected: "a closing bracket")) }
        let inner = trimmed(body.dropFirst().dropLast())
        guard inner.contains("[") else { return [try vector(inner, columns: columns)] }
        var rows: [[Double]] = []
        var rest = inner
        while true {
            guard rest.first == "[", let end = rest.firstIndex(of: "]") else {
                throw problem(.unexpectedEnd(expected: "a row in brackets"))
            }
            rows.append(
                try vector(trimmed(rest[rest.index(after: rest.startIndex)..<end]), columns: columns))
            rest = trimmed(rest[rest.index(after: end)...])
            if rest.isEmpty { return rows }
            guard rest.first == "," || rest.first == ";" else {
                throw problem(.unexpectedEnd(expected: "a comma between rows"))
            }
            rest = trimmed(rest.dropFirst())
        }
    }

    private func vector(_ body: Substring, columns: [String]) throws(ModelError) -> [Double] {
        guard !body.isEmpty else { throw problem(.wrongLength(found: 0, columns: columns)) }
        let cells = body.split(separator: ",", omittingEmptySubsequences: false)
        guard cells.count == columns.count else {
            throw problem(.wrongLength(found: cells.count, columns: columns))
        }
        var weights: [Double] = []
        for cell in cells {
            let cell = trimmed(cell)
            guard let weight = decimalNumber(cell) else {
                throw problem(
                    Double(String(cell))?.isFinite == false
                        ? .notFinite(String(cell)) : .notANumber(String(cell)))
            }
            weights.append(weight)
        }
        return weights
    }

    private func problem(_ problem: ContrastProblem) -> ModelError { .contrast(text, problem) }
}

/// Text without the spaces and tabs around it.
func trimmed(_ text: Substring) -> Substring {
    var text = text
    while let first = text.first, first == " " || first == "\t" { text.removeFirst() }
    while let last = text.last, last == " " || last == "\t" { text.removeLast() }
    return text
}

/// A contrast in numbers: its rows of weights on the columns of one design.
public struct ContrastWeights: Sendable, Hashable {
    /// The contrast as written.
    public let contrast: Contrast
    /// The name given to it, else its expression.
    public let name: String
    /// The weights: rows x design columns, no row of zeros.
    public let weights: Matrix
    /// Whether the rows are tested together by F, rather than one row by t.
    public let isF: Bool
    /// The columns' names.
    public let columns: [String]

    /// The names of the columns that have a weight in any row, in the design's order.
    public var weightedColumns: [String] {
        columns.indices.filter { c in (0..<weights.rows).contains { weights[$0, c] != 0 } }
            .map { columns[$0] }
    }

    /// The model split by the contrast.
    ///
    /// - Throws: ``ModelError`` where the contrast is not estimable.
    /// - Precondition: the model is that of the design that gave the weights.
    public func partition(of model: LinearModel) throws(ModelError) -> ContrastPartition {
        do {
            return try ContrastPartition(model, weights: weights, isF: isF, name: name)
        } catch {
            switch error {
            case .zeroContrast: throw .contrast(contrast.text, .zero(referenceLevel: nil))
            default: throw .contrast(contrast.text, .notEstimable)
            }
        }
    }
}
