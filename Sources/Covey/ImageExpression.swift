public import CoveyCore
public import CoveyImaging

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif
#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// Arithmetic over images: numbers, names, `+ - * / ^`, comparisons, and a few functions.
///
/// Nothing is ever executed but this arithmetic; depth and length are limited.
public struct ImageExpression: Sendable {
    private let text: String
    private let root: Node

    private indirect enum Node: Sendable {
        case number(Double)
        case name(String)
        case unary(@Sendable (Double) -> Double, Node)
        case binary(@Sendable (Double, Double) -> Double, Node, Node)
    }

    /// Parses an expression.
    public init(_ text: String) throws(ImageExpressionError) {
        guard text.utf8.count <= 10_000 else { throw .tooLong(text) }
        var parser = Parser(text)
        root = try parser.whole()
        self.text = text
    }

    /// The value at every voxel.
    ///
    /// - Throws: ``ImageExpressionError`` for names without an image and images on different grids.
    public func evaluate(_ images: [String: Volume]) throws(ImageExpressionError) -> Volume {
        guard let grid = images.sorted(by: { $0.key < $1.key }).first?.value.grid else {
            throw .noImages
        }
        for (name, image) in images.sorted(by: { $0.key < $1.key }) where !image.grid.isSame(as: grid) {
            throw .otherGrid(name)
        }
        let values = try values(root, images, count: grid.count)
        return Volume(grid: grid, values: values)
    }

    private func values(
        _ node: Node, _ images: [String: Volume], count: Int
    ) throws(ImageExpressionError) -> [Double] {
        switch node {
        case .number(let x): return [Double](repeating: x, count: count)
        case .name(let name):
            guard let image = images[name] else { throw .unknownName(name, known: images.keys.sorted()) }
            return image.values
        case .unary(let function, let argument):
            return try values(argument, images, count: count).map(function)
        case .binary(let function, let left, let right):
            let a = try values(left, images, count: count)
            let b = try values(right, images, count: count)
            return a.indices.map { function(a[$0], b[$0]) }
        }
    }

    private struct Parser {
        private let characters: [Character]
        private var position = 0
        private var depth = 0

        init(_ text: String) { characters = Array(text) }

        mutating func whole() throws(ImageExpressionError) -> Node {
            let node = try comparison()
            skip()
            guard position == characters.count else {
                throw .syntax(at: position + 1, found: characters[position])
            }
            return node
        }

        private mutating func skip() {
            while position < characters.count, characters[position].isWhitespace { position += 1 }
        }

        private mutating func take(_ symbol: String) -> Bool {
            skip()
            let end = position + symbol.count
            guard end <= characters.count, String(characters[position..<end]) == symbol else { return false }
            position = end
            return true
        }

        private mutating func comparison() throws(ImageExpressionError) -> Node {
            depth += 1
            defer { depth -= 1 }
            guard depth < 100 else { throw .tooDeep }
            let left = try sum()
            let operators: [(String, @Sendable (Double, Double) -> Double)] = [
                ("<=", { $0 <= $1 ? 1 : 0 }), (">=", { $0 >= $1 ? 1 : 0 }), ("==", { $0 == $1 ? 1 : 0 }),
                ("<", { $0 < $1 ? 1 : 0 }), (">", { $0 > $1 ? 1 : 0 }),
            ]
            for (symbol, function) in operators where take(symbol) {
                return .binary(function, left, try sum())
            }
            return left
        }

        private mutating func sum() throws(ImageExpressionError) -> Node {
            var node = try product()
            while true {
                if take("+") {
                    node = .binary({ $0 + $1 }, node, try product())
                } else if take("-") {
                    node = .binary({ $0 - $1 }, node, try product())
                } else {
                    return node
                }
            }
        }

        private mutating func product() throws(ImageExpressionError) -> Node {
            var node = try signed()
            while true {
                if take("*") {
                    node = .binary({ $0 * $1 }, node, try signed())
                } else if take("/") {
                    node = .binary({ $0 / $1 }, node, try signed())
                } else {
                    return node
                }
            }
        }

        private mutating func signed() throws(ImageExpressionError) -> Node {
            depth += 1
            defer { depth -= 1 }
            guard depth < 100 else { throw .tooDeep }
            if take("-") { return .unary({ -$0 }, try signed()) }
            if take("+") { return try signed() }
            let base = try atom()
            return take("^") ? .binary({ pow($0, $1) }, base, try signed()) : base
        }

        private mutating func atom() throws(ImageExpressionError) -> Node {
            skip()
            guard position < characters.count else { throw .endsEarly }
            if take("(") {
                let node = try comparison()
                guard take(")") else { throw .endsEarly }
                return node
            }
            let start = position
            let first = characters[start]
            if first.isASCII, first.isNumber || first == "." {
                while position < characters.count, isNumberPart(position, from: start) { position += 1 }
                let text = String(characters[start..<position])
                guard let value = decimalNumber(text) else { throw .syntax(at: start + 1, found: first) }
                return .number(value)
            }
            guard first.isLetter || first == "_" else { throw .syntax(at: start + 1, found: first) }
            while position < characters.count,
                characters[position].isLetter || characters[position].isNumber || characters[position] == "_"
            {
                position += 1
            }
            let name = String(characters[start..<position])
            return take("(") ? try call(name) : .name(name)
        }

        private func isNumberPart(_ at: Int, from start: Int) -> Bool {
            let c = characters[at]
            if c.isASCII && (c.isNumber || c == "." || c == "e" || c == "E") { return true }
            return (c == "-" || c == "+") && at > start
                && (characters[at - 1] == "e" || characters[at - 1] == "E")
        }

        private mutating func call(_ name: String) throws(ImageExpressionError) -> Node {
            let first = try comparison()
            let functions: [String: @Sendable (Double) -> Double] = [
                "abs": { abs($0) }, "sqrt": { $0.squareRoot() }, "exp": { exp($0) }, "log": { log($0) },
                "log10": { log10($0) }, "isnan": { $0.isNaN ? 1 : 0 },
            ]
            if let function = functions[name] {
                guard take(")") else { throw .endsEarly }
                return .unary(function, first)
            }
            let pairs: [String: @Sendable (Double, Double) -> Double] = [
                "min": { Swift.min($0, $1) }, "max": { Swift.max($0, $1) },
            ]
            guard let function = pairs[name] else { throw .unknownFunction(name) }
            guard take(",") else { throw .endsEarly }
            let second = try comparison()
            guard take(")") else { throw .endsEarly }
            return .binary(function, first, second)
        }
    }
}

/// Why an image expression cannot be computed.
public enum ImageExpressionError: ExplainedError, Equatable {
    /// More than 10,000 bytes.
    case tooLong(String)
    /// More than 100 levels.
    case tooDeep
    /// Something is missing at the end.
    case endsEarly
    /// A character that does not belong there.
    case syntax(at: Int, found: Character)
    /// A function that does not exist.
    case unknownFunction(String)
    /// A name without an image.
    case unknownName(String, known: [String])
    /// No image at all.
    case noImages
    /// An image on another grid than the first.
    case otherGrid(String)

    /// What is wrong.
    public var description: String {
        switch self {
        case .tooLong(let text): "the expression \(quoted(text, limit: 40)) is too long"
        case .tooDeep: "the expression is nested too deeply"
        case .endsEarly: "the expression ends too early"
        case .syntax(let place, let found):
            "the expression has \(quoted(String(found))) at character \(place)"
        case .unknownFunction(let name): "there is no function \(quoted(name))"
        case .unknownName(let name, let known):
            "no image is called \(quoted(name)); given: \(known.joined(separator: ", "))"
        case .noImages: "the expression has no image to work on"
        case .otherGrid(let name): "image \(quoted(name)) lies on another grid than the others"
        }
    }

    /// What to do.
    public var remedy: String {
        switch self {
        case .unknownName, .noImages: "give images as NAME=FILE after the expression"
        case .otherGrid: "resample it first"
        case .unknownFunction: "use abs, sqrt, exp, log, log10, isnan, min or max"
        default: ""
        }
    }
}
