import CoveyCore
import CoveyKernels
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
/// Where every distinct arrangement of a design with equal rows is enumerated, one of the permutations that
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
    private let level: InstructionLevel
    /// The voxels of each part with a statistic, as columns of the part, and where they stand in ``voxels``.
    private let places: [(columns: [Int32], positions: [Int32])]

    /// The statistic of a fit.
    ///
    /// - Parameter withinBlocks: the block of each subject where shuffles keep within blocks; `nil`: they move
    ///   subjects freely.
    public init(_ fit: PartialFit, withinBlocks: [Int]? = nil) {
        self.init(fit, withinBlocks: withinBlocks, level: .best)
    }

    init(_ fit: PartialFit, withinBlocks: [Int]?, level: InstructionLevel) {
        let n = fit.partition.model.subjectCount
        precondition(withinBlocks == nil || withinBlocks!.count == n)
        self.fit = fit
        self.level = level
        let given = withinBlocks ?? [Int](repeating: 0, count: n)
        let names = Set(given).sorted()
        let blocks = given.map { names.firstIndex(of: $0)! }
        self.blocks = blocks
        blockCount = names.count
        equalRows = Self.equalRows(fit.partition.model.matrix, blocks: blocks)
        let statistic = fit.statistic()
        let tested = statistic.indices.filter { statistic[$0].isFinite }
        var position = [Int32](repeating: -1, count: statistic.count)
        for (place, voxel) in tested.enumerated() { position[voxel] = Int32(place) }
        voxels = tested.map(Int32.init)
        places = fit.parts.map { part in
            let columns = part.data.columns.indices.filter { position[Int(part.data.columns[$0])] >= 0 }
            return (columns.map(Int32.init), columns.map { position[Int(part.data.columns[$0])] })
        }
    }

    /// z.
    public var kind: Statistic { .z }

    /// The statistics of a range of shuffles.
    public func maps(of shuffles: ShuffleSet, in range: Range<Int>, threads: Int) -> [Double] {
        precondition(shuffles.subjectCount == fit.partition.model.subjectCount)
        let whole = range.map { shuffle($0, of: shuffles) }
        var maps = [Double](repeating: 0, count: range.count * voxels.count)
        for (part, place) in zip(fit.parts, places) where !place.columns.isEmpty {
            let values = self.maps(
                of: part, place.columns, whole.map { restricted($0, to: part.data.present) },
                flipsSigns: shuffles.flipsSigns, threads: threads)
            for shuffle in 0..<range.count {
                for (i, position) in place.positions.enumerated() {
                    maps[shuffle * voxels.count + Int(position)] =
                        values[shuffle * place.columns.count + i]
                }
            }
        }
        return maps
    }

    private func maps(
        of part: PartialFit.Part, _ columns: [Int32], _ shuffles: [Shuffle], flipsSigns: Bool, threads: Int
    ) -> [Double] {
        let partition = part.partition
        let n = part.data.present.count
        let scale = ScoreScale(partition, tail: .greater, flipsSigns: flipsSigns)
        // The identity in front, where a list puts it if it is not there, so that numbers do not depend on it.
        let listed = ShuffleSet(listed: [.identity(n)] + shuffles)
        let rows = scale.rows(of: listed, in: 1..<listed.count)
        let nuisance = partition.nuisanceBasis
        let rank = partition.isF ? partition.testedRank : nil
        let dof = Double(partition.degreesOfFreedom)
        struct Scratch {
            var preparation: PanelPreparation
            var data: [Double]
        }
        return panelwiseMaps(
            shuffles: shuffles.count, voxels: columns, threads: threads,
            scratch: {
                Scratch(
                    preparation: PanelPreparation(subjects: n, rank: nuisance.columns),
                    data: [Double](repeating: 0, count: n * Panel.width))
            }
        ) { scratch, columns, values in
            scratch.preparation.load(
                part.data.cohort, voxels: columns, shifting: partition.constantIsNuisance)
            scratch.preparation.project(on: nuisance.elements)
            scratch.preparation.copyUnitResiduals(to: &scratch.data, at: 0)
            let scores = ScoreKernel.scores(
                scratch.data, panels: 1, rows: rows, twoSided: scale.isTwoSided, level: level)
            for shuffle in 0..<shuffles.count {
                for place in shuffle * Panel.width..<shuffle * Panel.width + columns.count {
                    values[place] = deviate(
                        scale.extreme(scores[place]), rank: rank, degreesOfFreedom: dof)
                }
            }
        }
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
        guard index > 0, case .exhaustive(let scheme) = shuffles.origin, scheme != .flip else {
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
