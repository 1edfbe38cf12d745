import CoveyCore
public import CoveyKernels
public import CoveyModel

/// t or F under shuffles where subjects are missing at some voxels, on the z scale, since degrees of freedom
/// differ by voxel.
///
/// At a voxel a shuffle of all subjects becomes one of those present: the missing ones are deleted from its
/// sequence, the order of the others is kept, and signs stay with the subjects. A uniformly drawn permutation
/// stays uniform under this, and voxels with the same subjects keep the dependence that they have. Where
/// subjects are exchanged within blocks, each block's sequence is shortened on its own; blocks exchanged as
/// wholes cannot be, since incomplete ones are no longer exchangeable with complete ones.
///
/// Where distinct arrangements of a design with equal rows are enumerated, or drawn without repeats, one of the permutations that
/// give the arrangement is drawn for each (a function of its number), since they differ once subjects are
/// missing. With the observed order among them the set stays exchangeable, so p-values keep their level.
public struct MissingDataStatistic: ShuffledStatistic {
    /// The unshuffled fit.
    public let fit: PartialFit
    /// The voxels with a statistic.
    public let voxels: [Int32]
    /// The block of each subject, `0..<blockCount`.
    private let blocks: [Int]
    private let blockCount: Int
    private let equalRows: [[Int]]
    private let parts: [Part]

    /// The voxels at which the same subjects are present.
    private struct Part: Sendable {
        let present: [Int]
        let statistic: RegressionStatistic
        /// Where the statistic's voxels stand among all.
        let positions: [Int]
    }

    /// The statistic of a fit.
    ///
    /// - Parameters:
    ///   - method: what is shuffled; see ``NuisanceMethod``.
    ///   - withinBlocks: the block of each subject where shuffles keep within blocks; `nil`: they move subjects
    ///     freely.
    ///   - level: the instruction set; see ``CoveyKernels/InstructionLevel``.
    public init(
        _ fit: PartialFit, method: NuisanceMethod = .freedmanLane, split: PartitionMethod = .ridgway,
        withinBlocks: [Int]? = nil, level: InstructionLevel = .best
    ) {
        let n = fit.partition.model.subjectCount
        precondition(withinBlocks == nil || withinBlocks!.count == n)
        let given = withinBlocks ?? [Int](repeating: 0, count: n)
        let names = Set(given).sorted()
        let blocks = given.map { names.firstIndex(of: $0)! }
        self.fit = fit
        self.blocks = blocks
        blockCount = names.count
        equalRows = Self.equalRows(fit.partition.model.matrix, blocks: blocks)
        let statistics = fit.parts.map { part in
            RegressionStatistic(
                part.partition, part.data.cohort, part.fit, method: method, split: split, level: level)
        }
        let columns = zip(fit.parts, statistics).map { part, statistic in
            statistic.voxels.map { part.data.columns[Int($0)] }
        }
        let voxels = columns.joined().sorted()
        var position = [Int](repeating: 0, count: fit.mask.count)
        for (place, voxel) in voxels.enumerated() { position[Int(voxel)] = place }
        self.voxels = voxels
        parts = zip(fit.parts, zip(statistics, columns)).compactMap { part, own in
            own.1.isEmpty
                ? nil
                : Part(
                    present: part.data.present, statistic: own.0,
                    positions: own.1.map { position[Int($0)] })
        }
    }

    /// z.
    public var kind: Statistic { .z }

    /// The statistics of a range of shuffles; see ``ShuffledStatistic``.
    public func maps(of shuffles: ShuffleSet, in range: Range<Int>, threads: Int) -> [Double] {
        precondition(shuffles.subjectCount == fit.partition.model.subjectCount)
        let whole = range.map { shuffle($0, of: shuffles) }
        let rank = fit.partition.isF ? fit.partition.testedRank : nil
        var maps = [Double](repeating: 0, count: range.count * voxels.count)
        for part in parts {
            let values = self.maps(
                of: part, whole, beginsWithIdentity: range.lowerBound == 0, shuffles, threads)
            let scale = NormalScale(
                rank: rank, degreesOfFreedom: Double(part.statistic.partition.degreesOfFreedom))
            let deviates = concurrentMap(values, threads: threads) { scale.deviate($0) }
            for shuffle in 0..<range.count {
                for (i, position) in part.positions.enumerated() {
                    maps[shuffle * voxels.count + position] = deviates[shuffle * part.positions.count + i]
                }
            }
        }
        return maps
    }

    private func maps(
        of part: Part, _ shuffles: [Shuffle], beginsWithIdentity: Bool, _ whole: ShuffleSet, _ threads: Int
    ) -> [Double] {
        let n = part.present.count
        var list = shuffles.map { restricted($0, to: part.present) }
        // A list begins with the identity. Whether it flips signs decides how values are computed: it has to
        // say the same of every part of the shuffles.
        if !beginsWithIdentity { list.insert(.identity(n), at: 0) }
        let range = beginsWithIdentity ? 0..<list.count : 1..<list.count
        if whole.flipsSigns {
            list.append(
                Shuffle(uncheckedSource: Array(0..<n), signs: [Int8](repeating: -1, count: n)))
        }
        return part.statistic.maps(of: ShuffleSet(listed: list), in: range, threads: threads)
    }

    /// A shuffle of all subjects as one of some of them, numbered by their places among themselves.
    func restricted(_ shuffle: Shuffle, to present: [Int]) -> Shuffle {
        let n = shuffle.source.count
        if present.count == n { return shuffle }
        var place = [Int](repeating: -1, count: n)
        for (i, subject) in present.enumerated() { place[subject] = i }
        // The places of those present, block after block, and where each block's places begin.
        var next = [Int](repeating: 0, count: blockCount + 1)
        for subject in present { next[blocks[subject] + 1] += 1 }
        for block in 0..<blockCount { next[block + 1] += next[block] }
        var places = [Int](repeating: 0, count: present.count)
        var free = next
        for (i, subject) in present.enumerated() {
            places[free[blocks[subject]]] = i
            free[blocks[subject]] += 1
        }
        var source = [Int](repeating: 0, count: present.count)
        for (i, from) in shuffle.source.enumerated() {
            precondition(blocks[i] == blocks[from], "a shuffle moves subjects between blocks")
            guard place[from] >= 0 else { continue }
            source[places[next[blocks[i]]]] = place[from]
            next[blocks[i]] += 1
        }
        return Shuffle(uncheckedSource: source, signs: present.map { shuffle.signs[$0] })
    }

    /// Shuffle `index`; where arrangements are enumerated, with equal rows exchanged at random.
    private func shuffle(_ index: Int, of shuffles: ShuffleSet) -> Shuffle {
        let shuffle = shuffles[index]
        guard index > 0, shuffles.avoidsRepeats, shuffles.scheme != .flip else {
            return shuffle
        }
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

    /// Sets of subjects of one block with equal rows of the design, in order.
    private static func equalRows(_ design: Matrix, blocks: [Int]) -> [[Int]] {
        struct Key: Hashable {
            let block: Int
            let row: [Double]
        }
        var sets: [Key: [Int]] = [:]
        for row in 0..<design.rows {
            sets[Key(block: blocks[row], row: design.row(row)), default: []].append(row)
        }
        return sets.values.filter { $0.count > 1 }.sorted { $0[0] < $1[0] }
    }
}
