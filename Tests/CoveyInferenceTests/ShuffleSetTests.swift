import CoveyCore
import CoveyModel
import CoveyTestSupport
import Testing

@testable import CoveyInference

@Suite("Sets of shuffles")
struct ShuffleSetTests {
    private func rows(_ n: Int) -> Matrix { Matrix(columns: [[Double](repeating: 1, count: n)]) }

    @Test("a listed identity counts once, wherever it stands")
    func listedIdentity() {
        let signs: [[Int8]] = [[-1, 1, 1], [1, -1, 1], [1, 1, 1], [-1, -1, 1]]
        let listed = signs.map { Shuffle(source: [0, 1, 2], signs: $0) }
        let set = ShuffleSet(listed: listed)
        #expect(set.count == 4 && set[0].isIdentity)
        #expect((1..<4).map { set[$0].signs } == [signs[0], signs[1], signs[3]])
        #expect(ShuffleSet(listed: Array(listed[..<2])).count == 3)
    }

    @Test(
        "shuffles are drawn without repeats up to a thousand times as many distinct ones, each equally often")
    func withoutRepeats() {
        let set = ShuffleSet(ShufflePlan(count: 1300, exchanging: .flip, seed: 5), design: rows(12))
        #expect(set.avoidsRepeats && !set.isExhaustive)
        #expect(Set((0..<set.count).map { set[$0].signs }).count == 1301)
        // The first shuffles do not depend on how many are drawn.
        let more = ShuffleSet(ShufflePlan(count: 4000, exchanging: .flip, seed: 5), design: rows(12))
        #expect((0..<1301).allSatisfy { set[$0] == more[$0] })
        #expect(Set((0..<more.count).map { more[$0].signs }).count == 4001)

        // Of 15 shuffles besides the identity three are drawn: each comes a fifth of the time.
        var counts: [[Int8]: Int] = [:]
        for seed in 0..<3000 as Range<UInt64> {
            let few = ShuffleSet(ShufflePlan(count: 3, exchanging: .flip, seed: seed), design: rows(4))
            for k in 1...3 { counts[few[k].signs, default: 0] += 1 }
        }
        #expect(counts.count == 15)
        for count in counts.values { #expect(abs(count - 600) < 4 * 22) }
    }

    @Test("as many random shuffles as there are besides the identity are all of them")
    func allButIdentity() throws {
        let set = ShuffleSet(ShufflePlan(count: 63, exchanging: .flip, seed: 1), design: rows(6))
        #expect(set.isExhaustive && set.count == 64)
        #expect(!ShuffleSet(ShufflePlan(count: 62, exchanging: .flip, seed: 1), design: rows(6)).isExhaustive)
        let model = try LinearModel(matrix: rows(6))
        let partition = try ContrastPartition(model, weights: Matrix(rows: [[1]]), isF: false, name: "c")
        let distinct = DistinctShuffles(partition, exchanging: .flip, tail: .twoSided)
        #expect(
            distinct.smallestP(ofPlanFor: 63) == 2.0 / 64 && distinct.smallestP(ofPlanFor: 62) == 1.0 / 63)
    }
}
