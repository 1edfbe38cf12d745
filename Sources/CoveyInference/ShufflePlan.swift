public import CoveyCore
public import CoveyModel

/// How many shuffles of which kind, from which seed.
///
/// Shuffle `k` is a function of (seed, k) and the number of subjects alone; shuffle 0 is the identity.
public struct ShufflePlan: Sendable, Hashable, Codable {
    /// Random shuffles besides the identity.
    public let count: Int
    /// What a shuffle does.
    public let exchanging: ExchangeScheme
    /// The seed of the counter-based generator.
    public let seed: UInt64

    /// A plan.
    ///
    /// - Precondition: `count > 0`.
    public init(count: Int, exchanging: ExchangeScheme, seed: UInt64) {
        precondition(count > 0, "a plan needs at least one shuffle")
        self.count = count
        self.exchanging = exchanging
        self.seed = seed
    }
}

/// The shuffles of one test, in order: the identity first, then random ones, or every distinct one, or those
/// of a list.
public struct ShuffleSet: Sendable {
    /// Where the shuffles come from.
    public enum Origin: Sendable, Hashable {
        /// Drawn from the plan's seed; repeats are possible and harmless.
        case random(ShufflePlan)
        /// Every distinct shuffle once.
        case exhaustive(ExchangeScheme)
        /// Given by the user.
        case listed
    }

    /// Where the shuffles come from.
    public let origin: Origin
    /// Number of shuffles, the identity included.
    public let count: Int
    /// Number of subjects.
    public let subjectCount: Int
    private let arrangements: Arrangements?
    private let list: [Shuffle]

    /// The shuffles of a plan for the rows of a design.
    ///
    /// Where the distinct shuffles are no more than the plan asks for, all of them are used, each once. Rows
    /// of the design that are equal to the bit are interchangeable: exchanging them is no new shuffle.
    public init(_ plan: ShufflePlan, design: Matrix) {
        subjectCount = design.rows
        list = []
        let arrangements = Arrangements(design: design, exchanging: plan.exchanging)
        if let distinct = arrangements.count, distinct <= plan.count {
            origin = .exhaustive(plan.exchanging)
            count = distinct
            self.arrangements = arrangements
        } else {
            origin = .random(plan)
            count = plan.count + 1
            self.arrangements = nil
        }
    }

    /// Given shuffles; the identity is put first where it is not there already.
    public init(listed shuffles: [Shuffle]) {
        precondition(!shuffles.isEmpty, "an empty list of shuffles")
        let n = shuffles[0].source.count
        precondition(shuffles.allSatisfy { $0.source.count == n })
        origin = .listed
        list = shuffles[0].isIdentity ? shuffles : [.identity(n)] + shuffles
        count = list.count
        subjectCount = n
        arrangements = nil
    }

    /// Whether every distinct shuffle occurs once, so that p-values are exact: `p = k / N`.
    public var isExhaustive: Bool { if case .exhaustive = origin { true } else { false } }

    /// Whether any shuffle flips signs.
    public var flipsSigns: Bool {
        switch origin {
        case .random(let plan): plan.exchanging != .permute
        case .exhaustive(let scheme): scheme != .permute
        case .listed: list.contains { $0.signs.contains(-1) }
        }
    }

    /// Shuffle `index`; 0 is the identity.
    public subscript(index: Int) -> Shuffle {
        precondition(index >= 0 && index < count, "shuffle \(index) of \(count)")
        if index == 0 { return .identity(subjectCount) }
        switch origin {
        case .listed: return list[index]
        case .exhaustive: return arrangements!.shuffle(index)
        case .random(let plan): return Self.random(plan, index: UInt64(index), subjects: subjectCount)
        }
    }

    /// Separate streams for the two things that are drawn.
    private enum Domain {
        static let permutation: UInt32 = 1
        static let signs: UInt32 = 2
    }

    private static func random(_ plan: ShufflePlan, index: UInt64, subjects n: Int) -> Shuffle {
        var source = Array(0..<n)
        var signs = [Int8](repeating: 1, count: n)
        if plan.exchanging != .flip {
            var stream = PhiloxStream(seed: plan.seed, domain: Domain.permutation, index: index)
            for i in stride(from: n - 1, to: 0, by: -1) {
                source.swapAt(i, Int(stream.below(UInt32(i + 1))))
            }
        }
        if plan.exchanging != .permute {
            var stream = PhiloxStream(seed: plan.seed, domain: Domain.signs, index: index)
            var word: UInt32 = 0
            for i in 0..<n {
                if i % 32 == 0 { word = stream.nextUInt32() }
                if word >> UInt32(i % 32) & 1 == 1 { signs[i] = -1 }
            }
        }
        return Shuffle(uncheckedSource: source, signs: signs)
    }
}
