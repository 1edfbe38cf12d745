import CoveyCore
import CoveyModel

/// Shuffles of all subjects as shuffles of some of them: the missing are deleted from the sequence of each set
/// of rows that are exchanged with one another.
struct ShuffleRestriction: Sendable {
    private let shuffles: ShuffleSet
    /// The set of each subject, `0..<setCount`.
    private let sets: [Int]
    private let setCount: Int
    private let equalRows: [[Int]]

    init(_ shuffles: ShuffleSet, design: Matrix) {
        self.shuffles = shuffles
        let sets = shuffles.blocks?.orbits ?? [Int](repeating: 0, count: shuffles.subjectCount)
        self.sets = sets
        setCount = sets.max()! + 1
        equalRows = Self.equalRows(design, sets: sets)
    }

    /// A shuffle of all subjects as one of some of them, numbered by their places among themselves.
    func restricted(_ shuffle: Shuffle, to present: [Int]) -> Shuffle {
        let n = shuffle.source.count
        if present.count == n { return shuffle }
        var place = [Int](repeating: -1, count: n)
        for (i, subject) in present.enumerated() { place[subject] = i }
        // The places of those present, set after set, and where each set's places begin.
        var next = [Int](repeating: 0, count: setCount + 1)
        for subject in present { next[sets[subject] + 1] += 1 }
        for set in 0..<setCount { next[set + 1] += next[set] }
        var places = [Int](repeating: 0, count: present.count)
        var free = next
        for (i, subject) in present.enumerated() {
            places[free[sets[subject]]] = i
            free[sets[subject]] += 1
        }
        var source = [Int](repeating: 0, count: present.count)
        for (i, from) in shuffle.source.enumerated() {
            precondition(sets[i] == sets[from], "a shuffle moves subjects between blocks")
            guard place[from] >= 0 else { continue }
            source[places[next[sets[i]]]] = place[from]
            next[sets[i]] += 1
        }
        return Shuffle(uncheckedSource: source, signs: present.map { shuffle.signs[$0] })
    }

    /// Whether shuffles stand for several permutations each.
    var drawsPermutations: Bool {
        shuffles.avoidsRepeats && shuffles.scheme != .flip && !equalRows.isEmpty
    }

    /// Shuffle `index`; where it stands for an arrangement, with equal rows exchanged at random.
    func shuffle(_ index: Int) -> Shuffle {
        let shuffle = shuffles[index]
        guard index > 0, drawsPermutations else { return shuffle }
        var stream = PhiloxStream(seed: 0, domain: Self.equalRowsDomain, index: UInt64(index))
        var exchanged = Array(0..<shuffle.source.count)
        for members in equalRows {
            var order = members
            for i in stride(from: order.count - 1, to: 0, by: -1) {
                order.swapAt(i, Int(stream.below(UInt32(i + 1))))
            }
            for (from, to) in zip(members, order) { exchanged[from] = to }
        }
        return Shuffle(uncheckedSource: shuffle.source.map { exchanged[$0] }, signs: shuffle.signs)
    }

    /// The stream that equal rows are exchanged by, apart from those of the shuffles themselves.
    private static let equalRowsDomain: UInt32 = 0x6D69_7373

    /// Sets of subjects that are exchanged and have equal rows of the design, in order.
    private static func equalRows(_ design: Matrix, sets: [Int]) -> [[Int]] {
        struct Key: Hashable {
            let set: Int
            let row: [Double]
        }
        var equal: [Key: [Int]] = [:]
        for row in 0..<design.rows {
            equal[Key(set: sets[row], row: design.row(row)), default: []].append(row)
        }
        return equal.values.filter { $0.count > 1 }.sorted { $0[0] < $1[0] }
    }
}
