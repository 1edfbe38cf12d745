public import CoveyCore

/// Shuffles written by another program: one a line, positions or signs separated by white space.
public struct ShuffleFile: Sendable {
    /// Which way a row of positions moves things.
    public enum Convention: String, Sendable, Codable, CaseIterable {
        /// Subject `i` receives the design row named at place `i` (nilearn's label permutation, FSL and PALM).
        case design
        /// The design stays and place `i` receives the data of the subject named there (MRtrix3).
        case data
    }

    /// The shuffles, in order.
    public let shuffles: [Shuffle]

    /// Reads shuffles from text.
    ///
    /// A row of numbers that are all 1 or -1 flips signs; any other row must hold every position once,
    /// counted from 0 or from 1. Blank lines and lines that begin with `#` are passed over.
    ///
    /// - Parameters:
    ///   - text: the file's text.
    ///   - name: the file's name, for messages.
    ///   - subjects: how many positions a row must have.
    ///   - convention: which way rows of positions move things.
    public init(
        _ text: String, name: String, subjects: Int, convention: Convention
    ) throws(ShuffleFileError) {
        var shuffles: [Shuffle] = []
        for (offset, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
            let fields = line.split(whereSeparator: { $0 == " " || $0 == "\t" || $0 == "\r" || $0 == "," })
            guard let first = fields.first, !first.hasPrefix("#") else { continue }
            guard fields.count == subjects else {
                throw .wrongLength(file: name, line: offset + 1, found: fields.count, expected: subjects)
            }
            var numbers: [Int] = []
            for field in fields {
                guard let value = Double(field), let whole = Int(exactly: value) else {
                    throw .notWhole(file: name, line: offset + 1, value: String(field))
                }
                numbers.append(whole)
            }
            if numbers.allSatisfy({ $0 == 1 || $0 == -1 }) {
                shuffles.append(
                    Shuffle(uncheckedSource: Array(0..<subjects), signs: numbers.map { Int8($0) }))
                continue
            }
            let base = numbers.contains(0) ? 0 : 1
            let positions = numbers.map { $0 - base }
            guard Set(positions) == Set(0..<subjects) else {
                throw .notAPermutation(file: name, line: offset + 1)
            }
            var source = positions
            if convention == .data {
                for (place, subject) in positions.enumerated() { source[subject] = place }
            }
            shuffles.append(
                Shuffle(uncheckedSource: source, signs: [Int8](repeating: 1, count: subjects)))
        }
        guard !shuffles.isEmpty else { throw .empty(file: name) }
        self.shuffles = shuffles
    }
}

/// Why a file of shuffles cannot be used.
public enum ShuffleFileError: ExplainedError, Equatable {
    /// No rows.
    case empty(file: String)
    /// A row with too few or too many entries.
    case wrongLength(file: String, line: Int, found: Int, expected: Int)
    /// An entry that is not a whole number.
    case notWhole(file: String, line: Int, value: String)
    /// A row that is neither signs nor a permutation.
    case notAPermutation(file: String, line: Int)

    /// What is wrong.
    public var description: String {
        switch self {
        case .empty(let file): "file of shuffles \(quoted(file)) has no rows"
        case .wrongLength(let file, let line, let found, let expected):
            "\(quoted(file)) line \(line) has \(found) entries for \(expected) subjects"
        case .notWhole(let file, let line, let value):
            "\(quoted(file)) line \(line): \(quoted(value)) is not a whole number"
        case .notAPermutation(let file, let line):
            "\(quoted(file)) line \(line) is neither a row of signs nor every position once"
        }
    }

    /// What to do.
    public var remedy: String {
        "give one shuffle a line: signs (1 and -1), or positions counted from 0 or from 1"
    }
}
