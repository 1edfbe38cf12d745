public import CoveyCore
public import CoveyModel

/// How many shuffles of which kind, from which seed.
///
/// Shuffle `k` is a function of (seed, k) and of what may be exchanged alone; shuffle 0 is the identity.
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
        /// Drawn from the plan's seed; see ``ShuffleSet/avoidsRepeats``.
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
    /// Which rows are exchanged with which; `nil` where all are, or the shuffles are listed.
    public let blocks: ExchangeabilityBlocks?
    /// How many distinct shuffles the design and the blocks have; `nil` where the shuffles are listed.
    public let distinct: DistinctCount?
    private let arrangements: Arrangements?
    private let list: [Shuffle]
    private let ranks: [UInt32]
    private let units: [[Int]]

    /// The shuffles of a plan for the rows of a design.
    ///
    /// Where the plan asks for as many shuffles as there are besides the identity, or more, all are used, each once. Rows
    /// of the design that are equal to the bit are interchangeable: exchanging them is no new shuffle. Where they
    /// are up to ``nearness`` times as many, numbers of distinct shuffles are drawn without replacement, so that
    /// none occurs twice. Where they are more, each is drawn on its own, and repeats are rare and harmless.
    ///
    /// - Parameters:
    ///   - design: the rows as the statistic sees them. A statistic that depends on more than the design's columns
    ///     (groups of variance, images) needs that in further columns, lest rows that it tells apart be taken for equal.
    ///   - blocks: which rows are exchanged with which; `nil`: every row with every other.
    public init(_ plan: ShufflePlan, design: Matrix, blocks: ExchangeabilityBlocks? = nil) {
        let blocks = blocks.flatMap { $0.isFree ? nil : $0 }
        precondition(blocks.map { $0.rowCount == design.rows } ?? true, "blocks of other rows")
        subjectCount = design.rows
        list = []
        self.blocks = blocks
        let arrangements = Arrangements(
            design: design, exchanging: plan.exchanging, blocks: blocks)
        distinct = DistinctCount(count: arrangements.count, log10: arrangements.log10Count)
        units = arrangements.units
        if let distinct = arrangements.count, distinct - 1 <= plan.count {
            origin = .exhaustive(plan.exchanging)
            count = distinct
            self.arrangements = arrangements
            ranks = []
        } else {
            origin = .random(plan)
            count = plan.count + 1
            if let distinct = arrangements.count, distinct <= Int(UInt32.max),
                distinct / Self.nearness <= plan.count
            {
                self.arrangements = arrangements
                ranks = Self.ranks(plan.count, below: distinct, seed: plan.seed)
            } else {
                self.arrangements = nil
                ranks = []
            }
        }
    }

    /// Given shuffles; the identity is put first, moved there from its place in the list where it has one.
    public init(listed shuffles: [Shuffle]) {
        precondition(!shuffles.isEmpty, "an empty list of shuffles")
        let n = shuffles[0].source.count
        precondition(shuffles.allSatisfy { $0.source.count == n })
        origin = .listed
        var others = shuffles
        if let place = shuffles.firstIndex(where: \.isIdentity) { others.remove(at: place) }
        list = [.identity(n)] + others
        count = list.count
        subjectCount = n
        blocks = nil
        distinct = nil
        arrangements = nil
        ranks = []
        units = []
    }

    /// Up to how many times as many distinct shuffles as are asked for repeats are avoided. Beyond, fewer than one
    /// shuffle in twice as many is a repeat.
    public static let nearness = 1000

    /// Whether every distinct shuffle occurs once, so that p-values are exact: `p = k / N`.
    public var isExhaustive: Bool { if case .exhaustive = origin { true } else { false } }

    /// Whether no shuffle occurs twice by construction.
    public var avoidsRepeats: Bool { isExhaustive || !ranks.isEmpty }

    /// What a shuffle does; `nil` where the shuffles are listed.
    public var scheme: ExchangeScheme? {
        switch origin {
        case .random(let plan): plan.exchanging
        case .exhaustive(let scheme): scheme
        case .listed: nil
        }
    }

    /// Whether any shuffle flips signs.
    ///
    /// Where none does, a shuffle only permutes rows, and every column of the design that is constant stays as it is,
    /// whatever the blocks.
    public var flipsSigns: Bool {
        scheme.map { $0 != .permute } ?? list.contains { $0.signs.contains(-1) }
    }

    /// Whether another set, of rows of the same design, has the same shuffles.
    func isSame(as other: ShuffleSet) -> Bool {
        origin == other.origin && count == other.count && blocks == other.blocks && list == other.list
    }

    /// The smallest p that any statistic can have: one shuffle, the identity, among all.
    ///
    /// Where symmetries of the design give some shuffles the observed statistic whatever the data, it is a multiple
    /// of this: see ``DistinctShuffles``.
    public var smallestP: Double { 1 / Double(count) }

    /// What is shuffled, how often, and of how many, in words.
    public var words: String {
        let what = scheme.map { Self.words($0, blocks) } ?? "shuffles of a file"
        guard let distinct else { return "\(what): \(count), the identity included" }
        let how =
            isExhaustive
            ? "each of the \(distinct) distinct shuffles once"
            : "\(count - 1) random shuffles\(avoidsRepeats ? " without repeats" : "") besides the identity, of \(distinct) distinct ones"
        return "\(what): \(how)"
    }

    private static func words(_ scheme: ExchangeScheme, _ blocks: ExchangeabilityBlocks?) -> String {
        switch scheme {
        case .permute: "labels permuted" + (blocks.map { ", " + $0.permutationWords } ?? "")
        case .flip: "signs flipped" + (blocks.map { ", " + $0.flipWords } ?? "")
        case .both:
            "labels permuted and signs flipped"
                + (blocks.map { ", \($0.permutationWords), \($0.flipWords)" } ?? "")
        }
    }

    /// Shuffle `index`; 0 is the identity.
    public subscript(index: Int) -> Shuffle {
        precondition(index >= 0 && index < count, "shuffle \(index) of \(count)")
        if index == 0 { return .identity(subjectCount) }
        switch origin {
        case .listed: return list[index]
        case .exhaustive: return arrangements!.shuffle(index)
        case .random(let plan):
            return ranks.isEmpty
                ? random(plan, index: UInt64(index)) : arrangements!.shuffle(Int(ranks[index - 1]))
        }
    }

    /// Separate streams for the things that are drawn.
    private enum Domain {
        static let permutation: UInt32 = 1
        static let signs: UInt32 = 2
        static let ranks: UInt32 = 3
    }

    private func random(_ plan: ShufflePlan, index: UInt64) -> Shuffle {
        let n = subjectCount
        var source = Array(0..<n)
        var signs = [Int8](repeating: 1, count: n)
        if plan.exchanging != .flip {
            var stream = PhiloxStream(seed: plan.seed, domain: Domain.permutation, index: index)
            if let blocks {
                source = blocks.permutation(&stream)
            } else {
                for i in stride(from: n - 1, to: 0, by: -1) {
                    source.swapAt(i, Int(stream.below(UInt32(i + 1))))
                }
            }
        }
        if plan.exchanging != .permute {
            var stream = PhiloxStream(seed: plan.seed, domain: Domain.signs, index: index)
            var word: UInt32 = 0
            for (i, unit) in units.enumerated() {
                if i % 32 == 0 { word = stream.nextUInt32() }
                guard word >> UInt32(i % 32) & 1 == 1 else { continue }
                for row in unit { signs[row] = -1 }
            }
        }
        return Shuffle(uncheckedSource: source, signs: signs)
    }

    /// Numbers of distinct shuffles other than the identity, drawn without replacement: the k-th is a function of
    /// (seed, k) and of how many there are, however many are drawn.
    private static func ranks(_ count: Int, below distinct: Int, seed: UInt64) -> [UInt32] {
        var stream = PhiloxStream(seed: seed, domain: Domain.ranks, index: 0)
        // Fisher and Yates's shuffle of 1, 2, ... from the front, of which only what was exchanged is kept.
        var moved: [UInt32: UInt32] = [:]
        return (0..<UInt32(count)).map { place in
            let other = place + stream.below(UInt32(distinct - 1) - place)
            let drawn = moved[other] ?? other + 1
            moved[other] = moved[place] ?? place + 1
            return drawn
        }
    }
}
