import CoveyCore
import CoveyInference
import CoveyTestSupport
import Foundation
import Testing

@Suite("Sequential stopping")
struct SequentialTests {
    @Test("a verdict once given is the full run's, for every statistic, level and number of shuffles")
    func stoppedEqualsFull() {
        var early = 0
        for seed in 1...60 as ClosedRange<UInt64> {
            var random = PhiloxStream(seed: seed, domain: 0, index: 0)
            let planned = 1 + Int(random.below(120))
            let alpha = [0.01, 0.05, 0.2, 0.29, 0.9][Int(seed) % 5]
            // Few distinct values: ties everywhere.
            let maxima = (0..<planned).map { _ in Double(random.below(seed % 2 == 0 ? 12 : 4000)) - 3 }
            let observed = ([maxima[0]] + (0..<8).map { _ in Double(random.below(4000)) - 3 }).sorted()
                .filter { $0 <= maxima[0] }
            let full = NullTail(maxima: maxima, method: .empirical)
            func significant(_ x: Double) -> Bool {
                maxima.count { $0 >= x - 1e-9 * abs(x) }
                    <= Int((alpha * Double(planned) + 1e-9).rounded(.down))
            }
            var stopping = FamilyWiseStopping(plannedCount: planned, alpha: alpha)
            var wasSettled = false
            for (index, maximum) in maxima.enumerated() {
                stopping.add(maximum)
                for x in observed {
                    switch stopping.verdict(of: x) {
                    case .significant: #expect(significant(x))
                    case .notSignificant: #expect(!significant(x))
                    case .open: #expect(index < planned - 1, "open after the last shuffle")
                    }
                    if stopping.verdict(of: x) != .open, index < planned - 1 { early += 1 }
                }
                let settled = observed.allSatisfy { stopping.verdict(of: $0) != .open }
                #expect(stopping.isSettled(ascending: observed) == settled)
                #expect(!wasSettled || settled, "a settled test opened again")
                wasSettled = settled
            }
            #expect(wasSettled)
            for x in observed { #expect(significant(x) == (exp(full.logP(of: x)) <= alpha * (1 + 1e-9))) }
        }
        #expect(early > 1000)
    }

    @Test("it stops as early as it can: while it says open, both outcomes are reachable")
    func isTight() {
        for seed in 1...30 as ClosedRange<UInt64> {
            var random = PhiloxStream(seed: seed, domain: 0, index: 1)
            var stopping = FamilyWiseStopping(plannedCount: 40, alpha: 0.1)
            let x = random.uniform()
            while stopping.remainingCount > 0 {
                stopping.add(random.uniform())
                guard stopping.verdict(of: x) == .open else { continue }
                var (low, high) = (stopping, stopping)
                while low.remainingCount > 0 {
                    low.add(-1)
                    high.add(2)
                }
                #expect(low.verdict(of: x) == .significant && high.verdict(of: x) == .notSignificant)
            }
        }
    }

    @Test("nothing is ever significant where alpha allows no maximum, and NaN never is")
    func edges() {
        let stopping = FamilyWiseStopping(plannedCount: 10, alpha: 0.05)
        #expect(stopping.allowed == 0 && stopping.verdict(of: 3) == .open)
        #expect(stopping.verdict(of: .nan) == .notSignificant && stopping.isSettled(ascending: []))
        #expect(FamilyWiseStopping(plannedCount: 100, alpha: 0.29).allowed == 29)
    }

    /// Every order of `count` distinct values, as ranks with 0 the greatest.
    private func orders(_ count: Int) -> [[Int]] {
        guard count > 1 else { return [[0]] }
        return orders(count - 1).flatMap { order in
            (0..<count).map { place in
                var next = order
                next.insert(count - 1, at: place)
                return next
            }
        }
    }

    @Test("Besag-Clifford: over all orders of the values P(p <= a) is a, exactly, at every value p takes")
    func exactness() {
        for n in 2...6 {
            for h in 1...n {
                let p = orders(n + 1).map { ranks -> Double in
                    var count = SequentialCount(target: h, limit: n)
                    for rank in ranks.dropFirst() { count.add(reaches: rank < ranks[0]) }
                    return count.p!
                }
                for level in Set(p) {
                    let share = Double(p.count { $0 <= level }) / Double(p.count)
                    #expect(abs(share - level) < 1e-12, "h \(h), n \(n): \(share) at \(level)")
                }
            }
        }
    }

    @Test(
        "Besag-Clifford: p is h / l at the h-th hit, (b + 1) / (n + 1) without it, and later shuffles change nothing"
    )
    func values() {
        var count = SequentialCount(target: 2, limit: 6)
        #expect(count.p == nil)
        for hit in [false, true, false, true, true, true] { count.add(reaches: hit) }
        #expect(count.p == 0.5 && count.drawn == 4 && count.reached == 2)
        var rare = SequentialCount(target: 3, limit: 9)
        for k in 0..<9 { rare.add(reaches: k == 4) }
        #expect(rare.p == 0.2 && rare.smallestP == 0.1)
        var last = SequentialCount(target: 2, limit: 3)
        for hit in [true, false, true] { last.add(reaches: hit) }
        #expect(last.p == 2 / 3.0)
    }
}
