import CoveyCore

/// How many distinct shuffles of a design there are for a contrast, and how many of them must give the
/// observed statistic whatever the data: the two numbers that bound how small a p-value can become.
///
/// Permutations: `n! / prod(m_c!)`, where m_c is the number of subjects with the same row of the design; under blocks
/// as ``BlockArrangements`` counts them. Sign flips: `2^n`, or `2^units` of ``ExchangeabilityBlocks/flipUnits``. Both: the
/// product.
public struct DistinctShuffles: Sendable, Hashable {
    /// How many there are; `nil` beyond the range of Int.
    public let count: Int?
    /// The logarithm to base 10 of how many there are.
    public let log10Count: Double
    /// How many give the observed statistic (its size, for two-sided tests and F) by the symmetry of the design
    /// alone, the identity among them: flipping all signs reverses t, and so does exchanging the labels of two
    /// groups of equal size.
    public let equivalentToIdentity: Double

    /// The shuffles of a model for a contrast.
    ///
    /// - Parameters:
    ///   - tail: which statistics count as extreme; F always counts either sign of the data.
    ///   - blocks: which rows are exchanged with which; `nil`: every row with every other.
    ///   - groups: which rows share a variance, for statistics that see it: rows of one design but of different groups
    ///     are then different rows.
    public init(
        _ partition: ContrastPartition, exchanging: ExchangeScheme, tail: Tail,
        blocks: ExchangeabilityBlocks? = nil, groups: VarianceGroups? = nil
    ) {
        let design = Self.rows(partition.model.matrix, groups)
        let permutes = exchanging != .flip
        let flips = exchanging != .permute
        let allowed = blocks ?? .free(design.rows)
        let arrangements = permutes ? BlockArrangements(design: design, blocks: allowed) : nil
        let units = flips ? allowed.flipUnits : []
        if let moved = arrangements.map(\.count) ?? 1, units.count < 62 {
            let (product, overflow) = moved.multipliedReportingOverflow(by: 1 << units.count)
            count = overflow ? nil : product
        } else {
            count = nil
        }
        log10Count = (arrangements?.log10Count ?? 0) + Double(units.count) * decimalLogarithm(2)

        let eitherSign = partition.isF || tail == .twoSided
        if let blocks, !blocks.isFree {
            equivalentToIdentity = Self.equivalents(
                partition, blocks, arrangements, units, count: count, log10Count: log10Count,
                eitherSign: eitherSign, groups: groups)
            return
        }
        let members = Dictionary(grouping: 0..<design.rows) { design.row($0) }.values.sorted { $0[0] < $1[0] }
        let (same, reversed) = permutes ? Self.automorphisms(partition, members, groups) : (1, 0)
        let patterns =
            flips ? powerOfTen(Double(Self.components(partition)) * decimalLogarithm(2)).rounded() : 1
        let all = Double(same + reversed) * patterns
        equivalentToIdentity = eitherSign ? all : flips ? max(1, all / 2) : Double(same)
    }

    /// The rows of a design as a statistic sees them that knows the groups.
    private static func rows(_ design: Matrix, _ groups: VarianceGroups?) -> Matrix {
        groups.map {
            Matrix(columns: (0..<design.columns).map(design.column) + [$0.labels.map(Double.init)])
        } ?? design
    }

    /// The smallest p-value when all of them are used.
    public var smallestP: Double {
        if isConstant { return 1 }
        return min(
            1,
            count.map { equivalentToIdentity / Double($0) }
                ?? powerOfTen(decimalLogarithm(equivalentToIdentity) - log10Count))
    }

    /// Whether every shuffle gives the observed statistic: then every p is 1.
    public var isConstant: Bool { abs(decimalLogarithm(equivalentToIdentity) - log10Count) < 1e-9 }

    /// Whether a plan for `count` random shuffles uses each of them once instead: there are no more than those and the
    /// identity.
    public func areAllUsed(byPlanFor count: Int) -> Bool { self.count.map { $0 - 1 <= count } ?? false }

    /// The smallest p-value of a plan for `count` shuffles: that of all distinct ones where they are no more,
    /// else `1 / (count + 1)`, or 1 where no shuffle changes the statistic.
    public func smallestP(ofPlanFor count: Int) -> Double {
        areAllUsed(byPlanFor: count) || isConstant ? smallestP : 1 / (Double(count) + 1)
    }

    /// The number in words: exact to nine digits, else rounded.
    public var description: String { DistinctCount(count: count, log10: log10Count).description }

    /// The relabellings of equal rows that keep the tested and the nuisance projection, and so the statistic of
    /// any data: those that keep the sign of t, and those that reverse it. For F all count as keeping it.
    ///
    /// With few different rows all relabellings are tried. With many only the reversal of the tested regressor
    /// is looked for.
    private static func automorphisms(
        _ partition: ContrastPartition, _ members: [[Int]], _ groups: VarianceGroups?
    ) -> (same: Int, reversed: Int) {
        let rows = members.map { $0[0] }
        let group = rows.map { groups?.labels[$0] ?? 0 }
        let tested = rows.map { partition.testedBasis.row($0) }
        let nuisance = rows.map { partition.nuisanceBasis.row($0) }
        guard rows.count <= 7 else {
            guard !partition.isF else { return (1, 0) }
            return (1, isReversible(partition, members, group) ? 1 : 0)
        }
        func products(_ basis: [[Double]]) -> [[Double]] {
            basis.map { a in basis.map { b in zip(a, b).reduce(0) { $0 + $1.0 * $1.1 } } }
        }
        let (testedProducts, nuisanceProducts) = (products(tested), products(nuisance))
        var (same, reversed) = (0, 0)
        var image: [Int] = []
        func extend() {
            let place = image.count
            if place == rows.count {
                // The first row that is tested at all tells whether t keeps its sign.
                let witness = rows.indices.first { testedProducts[$0][$0] > 1e-18 } ?? 0
                if partition.isF || testedProducts[witness][image[witness]] >= 0 {
                    same += 1
                } else {
                    reversed += 1
                }
                return
            }
            for next in rows.indices
            where !image.contains(next) && members[next].count == members[place].count {
                let keeps = (0...place).allSatisfy { other in
                    let target = other == place ? next : image[other]
                    return (group[next] == group[target]) == (group[place] == group[other])
                        && abs(testedProducts[next][target] - testedProducts[place][other]) < 1e-9
                        && abs(nuisanceProducts[next][target] - nuisanceProducts[place][other]) < 1e-9
                }
                guard keeps else { continue }
                image.append(next)
                extend()
                image.removeLast()
            }
        }
        extend()
        return (max(same, 1), reversed)
    }

    /// Whether some relabelling turns the tested regressor into its negative and leaves the nuisance rows.
    private static func isReversible(
        _ partition: ContrastPartition, _ members: [[Int]], _ group: [Int]
    ) -> Bool {
        func keys(_ sign: Double) -> [[Int]] {
            members.enumerated().map { place, rows in
                let row = rows[0]
                let values = [sign * partition.testedBasis[row, 0]] + partition.nuisanceBasis.row(row)
                return values.map { Int(($0 * 1e8).rounded()) } + [rows.count, group[place]]
            }.sorted { $0.lexicographicallyPrecedes($1) }
        }
        return keys(1) == keys(-1)
    }

    /// The number of sets of subjects that may be flipped together without a change of either projection: rows
    /// are in one set where a projection ties them to each other.
    private static func components(_ partition: ContrastPartition) -> Int {
        let n = partition.model.subjectCount
        let bases = [partition.testedBasis, partition.nuisanceBasis]
        var left = Array(0..<n)
        var components = 0
        while let start = left.popLast() {
            components += 1
            var reached = [start]
            while let row = reached.popLast(), !left.isEmpty {
                let tied = Set(
                    left.filter { other in
                        bases.contains { basis in
                            abs((0..<basis.columns).reduce(0) { $0 + basis[row, $1] * basis[other, $1] })
                                > 1e-10
                        }
                    })
                reached += tied.sorted()
                left.removeAll(where: tied.contains)
            }
        }
        return components
    }
}

extension DistinctShuffles: CustomStringConvertible {}
