import CoveyCore
import CoveyModel

/// Every distinct shuffle of a design's rows, numbered; number 0 is the identity.
///
/// Rows of the design that are equal to the bit form a class; a permutation is distinct from another when it
/// puts a class somewhere else. There are `n! / prod(m_c!)` of them, `2^n` sign flips, and the product for
/// both. Permutations are numbered in the lexicographic order of their classes, except that the identity and
/// number 0 change places.
struct Arrangements: Sendable {
    /// How many there are; `nil` where the number does not fit in an Int.
    let count: Int?
    private let classes: [Int]
    private let members: [[Int]]
    private let permutations: Int
    private let flips: Int
    private let rankOfIdentity: Int
    private let permutes: Bool

    init(design: Matrix, exchanging: ExchangeScheme) {
        let n = design.rows
        permutes = exchanging != .flip
        var numberOfRow: [[Double]: Int] = [:]
        var members: [[Int]] = []
        classes = (0..<n).map { row in
            let key = design.row(row)
            if let known = numberOfRow[key] {
                members[known].append(row)
                return known
            }
            numberOfRow[key] = members.count
            members.append([row])
            return members.count - 1
        }
        self.members = members
        let permutations = permutes ? Self.multinomial(members.map(\.count)) : 1
        let flips = exchanging == .permute ? 1 : (n < 62 ? 1 << n : nil)
        guard let permutations, let flips else {
            (count, self.permutations, self.flips, rankOfIdentity) = (nil, 0, 0, 0)
            return
        }
        let (product, overflow) = permutations.multipliedReportingOverflow(by: flips)
        count = overflow ? nil : product
        self.permutations = permutations
        self.flips = flips
        rankOfIdentity = permutes && !overflow ? Self.rank(of: classes, sizes: members.map(\.count)) : 0
    }

    /// Shuffle number `index`.
    func shuffle(_ index: Int) -> Shuffle {
        let (flip, permutation) = index.quotientAndRemainder(dividingBy: permutations)
        let n = classes.count
        let signs = (0..<n).map { Int8(flip >> $0 & 1 == 1 ? -1 : 1) }
        guard permutes else { return Shuffle(source: Array(0..<n), signs: signs) }
        let rank =
            permutation == 0 ? rankOfIdentity : permutation == rankOfIdentity ? 0 : permutation
        var left = members.map(\.count)
        var used = [Int](repeating: 0, count: members.count)
        var remaining = rank
        let source = (0..<n).map { _ -> Int in
            for c in members.indices where left[c] > 0 {
                left[c] -= 1
                let below = Self.multinomial(left)!
                if remaining < below {
                    used[c] += 1
                    return members[c][used[c] - 1]
                }
                remaining -= below
                left[c] += 1
            }
            preconditionFailure("rank \(rank) beyond the last arrangement")
        }
        return Shuffle(source: source, signs: signs)
    }

    /// The lexicographic rank of an arrangement of classes.
    private static func rank(of classes: [Int], sizes: [Int]) -> Int {
        var left = sizes
        var rank = 0
        for c in classes {
            for smaller in 0..<c where left[smaller] > 0 {
                left[smaller] -= 1
                rank += multinomial(left)!
                left[smaller] += 1
            }
            left[c] -= 1
        }
        return rank
    }

    /// `(sum m)! / prod(m!)`, exactly; `nil` on overflow.
    private static func multinomial(_ sizes: [Int]) -> Int? {
        var result: UInt = 1
        var total: UInt = 0
        for size in sizes {
            for k in stride(from: 1, through: size, by: 1) {
                total += 1
                // result * total / k is a whole number at every step, since the partial product counts
                // arrangements; the division goes through 128 bits.
                let (high, low) = result.multipliedFullWidth(by: total)
                guard high < UInt(k) else { return nil }
                result = UInt(k).dividingFullWidth((high, low)).quotient
            }
        }
        return Int(exactly: result)
    }
}
