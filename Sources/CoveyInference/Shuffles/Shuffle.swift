/// One rearrangement of the subjects, as it acts on the design: row `i` becomes `signs[i]` times row
/// `source[i]`.
///
/// Acting on the design's rows while the residuals stay where they are is the same as moving the residuals:
/// `e*[source[i]] = signs[i] e[i]`.
public struct Shuffle: Sendable, Hashable {
    /// Which row of the design each subject receives, counted from 0.
    public let source: [Int]
    /// +1 or -1 for each subject.
    public let signs: [Int8]

    /// A shuffle from its parts.
    ///
    /// - Precondition: `source` holds every position once and signs are +1 or -1.
    public init(source: [Int], signs: [Int8]) {
        precondition(source.count == signs.count && signs.allSatisfy { $0 == 1 || $0 == -1 })
        precondition(Set(source) == Set(source.indices), "not a permutation")
        self.source = source
        self.signs = signs
    }

    /// A shuffle from parts that are known to be right.
    init(uncheckedSource source: [Int], signs: [Int8]) {
        self.source = source
        self.signs = signs
    }

    /// The shuffle that leaves everything in place.
    public static func identity(_ count: Int) -> Shuffle {
        Shuffle(source: Array(0..<count), signs: [Int8](repeating: 1, count: count))
    }

    /// Whether the shuffle leaves everything in place.
    public var isIdentity: Bool {
        signs.allSatisfy { $0 == 1 } && source.enumerated().allSatisfy { $0.offset == $0.element }
    }
}
