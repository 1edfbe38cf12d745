import CoveyCore

extension DistinctShuffles {
    /// Shuffles up to this many are looked at one by one.
    private static var limit: Int { 4096 }

    /// How many shuffles under blocks give the observed statistic (its size, for `eitherSign`) whatever the data.
    ///
    /// Up to 4,096 distinct shuffles are each looked at. Of more, a few are drawn: where all of them give the
    /// observed statistic, all shuffles are taken to; else only the identity, and the flip of all signs, are counted,
    /// which no p-value of that many shuffles depends on.
    static func equivalents(
        _ partition: ContrastPartition, _ blocks: ExchangeabilityBlocks, _ arrangements: BlockArrangements?,
        _ units: [[Int]], count: Int?, log10Count: Double, eitherSign: Bool, groups: VarianceGroups?
    ) -> Double {
        let n = partition.model.subjectCount
        let unmoved = Array(0..<n)
        var signs = [Double](repeating: 1, count: n)
        guard let count, count <= limit else {
            var stream = PhiloxStream(seed: 0, domain: 0, index: 0)
            // Flips of several sets of rows change the statistic, whatever permutations do.
            let changes =
                arrangements == nil || units.count > 1
                || (0..<12).contains { _ in
                    let draw = blocks.permutation(&stream)
                    return !keeps(groups, draw)
                        || agreement(partition, source: draw, signs: signs).map { !eitherSign && $0 < 0 }
                            ?? true
                }
            if !changes { return count.map(Double.init) ?? powerOfTen(log10Count) }
            return eitherSign && !units.isEmpty ? 2 : 1
        }
        var found = 0
        for index in 0..<(arrangements.map { $0.count! } ?? 1) {
            let source = arrangements?.source(index) ?? unmoved
            guard keeps(groups, source) else { continue }
            for flip in 0..<(1 << units.count) {
                for (bit, unit) in units.enumerated() {
                    for row in unit { signs[row] = flip >> bit & 1 == 1 ? -1 : 1 }
                }
                if let sign = agreement(partition, source: source, signs: signs), eitherSign || sign > 0 {
                    found += 1
                }
            }
        }
        return Double(max(found, 1))
    }

    /// Whether rows that share a variance still do so after a shuffle, and those that do not, do not.
    private static func keeps(_ groups: VarianceGroups?, _ source: [Int]) -> Bool {
        guard let labels = groups?.labels else { return true }
        var image: [Int: Int] = [:]
        for (row, other) in source.enumerated() {
            if image.updateValue(labels[other], forKey: labels[row]).map({ $0 != labels[other] }) ?? false {
                return false
            }
        }
        return Set(image.values).count == image.count
    }

    /// 1 or -1 where a shuffle keeps the nuisance space and keeps or reverses what is tested; `nil` where it changes
    /// either. F has no sign: 1.
    private static func agreement(
        _ partition: ContrastPartition, source: [Int], signs: [Double]
    ) -> Double? {
        /// The inner products of a basis with itself shuffled.
        func overlap(_ basis: Matrix) -> Matrix {
            var result = Matrix(rows: basis.columns, columns: basis.columns)
            for row in 0..<basis.rows {
                for a in 0..<basis.columns {
                    let value = signs[row] * basis[row, a]
                    guard value != 0 else { continue }
                    for b in 0..<basis.columns { result[a, b] += value * basis[source[row], b] }
                }
            }
            return result
        }
        // A shuffle keeps a space where the squared inner products of its bases add to the dimension.
        func keeps(_ overlap: Matrix) -> Bool {
            abs(overlap.elements.reduce(0) { $0 + $1 * $1 } - Double(overlap.rows)) < 1e-9
                * Double(overlap.rows + 1)
        }
        let tested = overlap(partition.testedBasis)
        guard keeps(tested), keeps(overlap(partition.nuisanceBasis)) else { return nil }
        return partition.isF ? 1 : tested[0, 0]
    }
}
