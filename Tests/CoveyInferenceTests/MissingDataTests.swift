import CoveyCore
import CoveyImaging
import CoveyModel
import CoveyTestSupport
import Testing

@testable import CoveyInference

@Suite("Missing data")
struct MissingDataTests {
    /// A cohort with gaps: an intercept, two groups, a covariate.
    private struct Example {
        let n: Int
        let voxels: Int
        let rows: [[Double]]
        let design: Matrix
        let cohort: PartialCohort
        let partition: ContrastPartition
        let mask: Mask

        init(subjects n: Int, voxels: Int, missing: Double, isF: Bool = false, seed: UInt64 = 5) throws {
            var numbers = TestNumbers(seed)
            let covariate = numbers.normals(n)
            design = Matrix(columns: [
                [Double](repeating: 1, count: n), (0..<n).map { Double($0 % 2) }, covariate,
            ])
            let rows = (0..<n).map { i in
                (0..<voxels).map { _ in
                    let value = 5 + numbers.normal() + Double(i % 2)
                    return numbers.uniform() < missing ? Double.nan : value
                }
            }
            let grid = Grid(shape: [voxels, 1, 1], affine: Affine([2, 0, 0, 0, 0, 2, 0, 0, 0, 0, 2, 0]))
            let mask = Mask(grid: grid) { _ in true }
            cohort = PartialCohort(
                identifiers: (0..<n).map { "sub-\($0)" }, mask: mask, minimumSubjects: 7
            ) { rows[$0] }
            partition = try ContrastPartition(
                LinearModel(matrix: design),
                weights: Matrix(rows: isF ? [[0, 1, 0], [0, 0, 1]] : [[0, 1, 0]]), isF: isF, name: "c")
            self.n = n
            self.voxels = voxels
            self.rows = rows
            self.mask = mask
        }

        func shuffles(_ scheme: ExchangeScheme, count: Int = 12) -> ShuffleSet {
            ShuffleSet(ShufflePlan(count: count, exchanging: scheme, seed: 8), design: design)
        }
    }

    /// z at one voxel by the definition: the rows present, the shuffle without the missing, a dense refit.
    private func direct(_ example: Example, voxel: Int, _ shuffle: Shuffle) throws -> Double {
        let present = (0..<example.n).filter { !example.rows[$0][voxel].isNaN }
        let design = example.design.selectingRows(present)
        let partition = try ContrastPartition(
            LinearModel(matrix: design), weights: example.partition.weights, isF: example.partition.isF,
            name: "c")
        let sequence = shuffle.source.filter { present.contains($0) }
        let short = Shuffle(
            source: sequence.map { present.firstIndex(of: $0)! },
            signs: present.map { shuffle.signs[$0] })
        let y = DirectRefit.shuffled(
            present.map { example.rows[$0][voxel] }, nuisance: partition.nuisanceBasis, short)
        let (value, dof) = DirectRefit.ordinary(
            y, design: design, contrast: partition.weights, isF: partition.isF)
        return partition.isF
            ? FDistribution(numerator: 2, denominator: Double(dof)).z(of: value)
            : StudentT(degreesOfFreedom: Double(dof)).z(of: value)
    }

    @Test("every shuffle gives, at every voxel, what the subjects present there give")
    func directTwin() throws {
        for isF in [false, true] {
            let example = try Example(subjects: 12, voxels: 40, missing: 0.12, isF: isF)
            let fit = PartialFit(example.partition, example.cohort)
            #expect(fit.parts.count > 10 && fit.parts.contains { $0.data.present.count == 12 })
            let statistic = MissingDataStatistic(fit)
            for scheme in ExchangeScheme.allCases {
                let shuffles = example.shuffles(scheme)
                let maps = statistic.maps(of: shuffles, in: 0..<shuffles.count, threads: 1)
                for k in 0..<shuffles.count {
                    for (place, column) in statistic.voxels.enumerated() {
                        let voxel = Int(example.cohort.mask.offsets[Int(column)])
                        let expected = try direct(example, voxel: voxel, shuffles[k])
                        let got = maps[k * statistic.voxels.count + place]
                        #expect(abs(got - expected) <= 1e-9 * max(1, abs(expected)))
                    }
                }
            }
        }
    }

    @Test("the identity's map is the parametric z, and z and t agree with their degrees of freedom")
    func identityIsParametric() throws {
        for isF in [false, true] {
            let example = try Example(subjects: 14, voxels: 100, missing: 0.1, isF: isF)
            let fit = PartialFit(example.partition, example.cohort)
            let statistic = MissingDataStatistic(fit)
            let map = statistic.maps(of: example.shuffles(.permute), in: 0..<1, threads: 2)
            let z = fit.z().values
            for (place, voxel) in statistic.voxels.enumerated() {
                #expect(abs(map[place] - z[Int(voxel)]) <= 1e-10 * max(1, abs(map[place])))
            }
            #expect(fit.degreesOfFreedom == fit.subjectCounts.map { $0 - 3 })
        }
    }

    @Test("where nobody is missing it is the plain test on the z scale")
    func completeData() throws {
        let example = try Example(subjects: 11, voxels: 50, missing: 0)
        #expect(example.cohort.parts.count == 1)
        let whole = example.cohort.parts[0].cohort
        let shuffles = example.shuffles(.both, count: 30)
        let statistic = MissingDataStatistic(PartialFit(example.partition, example.cohort))
        let maps = statistic.maps(of: shuffles, in: 0..<shuffles.count, threads: 1)
        let plain = PlainPermutationTest(example.partition, tail: .greater, shuffles: shuffles)
            .run(whole, Fit(example.partition.model, whole))
        for k in 0..<shuffles.count {
            let greatest = maps[k * 50..<(k + 1) * 50].max()!
            let expected = StudentT(degreesOfFreedom: 8).z(of: plain.maxima[k])
            #expect(abs(greatest - expected) <= 1e-9 * max(1, abs(expected)))
        }
    }

    @Test("deleting missing subjects from all permutations gives every shorter one equally often")
    func restrictionIsUniform() {
        let design = Matrix(columns: [[1, 1, 1, 1, 1], [0.1, 0.9, 0.4, 0.7, 0.2]])
        let all = ShuffleSet(ShufflePlan(count: 120, exchanging: .permute, seed: 1), design: design)
        #expect(all.isExhaustive && all.count == 120)
        let free = ShuffleRestriction(all, design: design)
        var counts: [[Int]: Int] = [:]
        for k in 0..<120 { counts[free.restricted(all[k], to: [0, 2, 3]).source, default: 0] += 1 }
        #expect(counts.count == 6 && counts.values.allSatisfy { $0 == 20 })
        #expect(free.restricted(all[0], to: [1, 4]).isIdentity)

        // Within blocks the order of each block is kept on its own.
        typealias Block = ExchangeabilityBlocks.Block
        let members = [[0, 2, 4], [1, 3]].map { rows in
            Block(
                name: "b", members: rows.map { Block(row: $0, name: "r") }, exchangesMembers: true)
        }
        let blocked = ShuffleRestriction(
            ShuffleSet(
                ShufflePlan(count: 12, exchanging: .permute, seed: 1), design: design,
                blocks: ExchangeabilityBlocks(
                    root: Block(name: "all", members: members, exchangesMembers: false), source: "test")),
            design: design)
        let shuffle = Shuffle(source: [4, 3, 0, 1, 2], signs: [1, -1, 1, -1, 1])
        let short = blocked.restricted(shuffle, to: [0, 1, 3, 4])
        // One block reads 4, 0, 2 and loses 2: places 0 and 4 receive 4 and 0. The other stays 3, 1.
        #expect(short == Shuffle(source: [3, 2, 1, 0], signs: [1, -1, -1, 1]))
    }

    @Test(
        "a list of permutations, which does not say what it exchanges as a whole, is not allowed; signs are")
    func listed() {
        let signs = [Int8](repeating: 1, count: 4)
        let flips = ShuffleSet(listed: [Shuffle(source: [0, 1, 2, 3], signs: [1, -1, 1, -1])])
        let moves = ShuffleSet(listed: [Shuffle(source: [1, 0, 3, 2], signs: signs)])
        #expect(MissingDataStatistic.allows(flips) && !MissingDataStatistic.allows(moves))
    }

    @Test("enumerated arrangements of equal rows: every permutation behind them is drawn equally often")
    func enumeratedArrangements() throws {
        // Groups of 3 and 3; subject 0 missing. Of the 20 arrangements each stands for 36 permutations, of
        // which the first in order would always move the missing subject to the first place of its group.
        let design = Matrix(rows: [[1, 0], [1, 0], [1, 0], [0, 1], [0, 1], [0, 1]])
        let partition = try ContrastPartition(
            LinearModel(matrix: design), weights: Matrix(rows: [[1, -1]]), isF: false, name: "c")
        let grid = Grid(shape: [2, 1, 1], affine: Affine([2, 0, 0, 0, 0, 2, 0, 0, 0, 0, 2, 0]))
        let values = [0.0, 2, 5, 1, 7, 3]
        let cohort = PartialCohort(
            identifiers: values.map { "\($0)" }, mask: Mask(grid: grid) { _ in true }, minimumSubjects: 5
        ) { [values[$0], $0 == 0 ? .nan : values[$0]] }
        let statistic = MissingDataStatistic(PartialFit(partition, cohort))
        let all = ShuffleSet(ShufflePlan(count: 20, exchanging: .permute, seed: 1), design: design)
        #expect(all.isExhaustive && all.count == 20)
        let maps = statistic.maps(of: all, in: 0..<20, threads: 1)
        // The complete voxel is that of the arrangements themselves.
        let complete = PartialCohort(
            identifiers: values.map { "\($0)" }, mask: Mask(grid: grid) { $0 == 0 }, minimumSubjects: 5
        ) { [values[$0]] }
        let alone = MissingDataStatistic(PartialFit(partition, complete)).maps(
            of: all, in: 0..<20, threads: 1)
        for k in 0..<20 { #expect(abs(maps[2 * k] - alone[k]) < 1e-12) }
        // The other has 10 arrangements of 2 and 3. With first-come representatives three of them never occur.
        let distinct = Set((0..<20).map { (maps[2 * $0 + 1] * 1e9).rounded() })
        #expect(distinct.count >= 7)
        #expect(maps == statistic.maps(of: all, in: 0..<20, threads: 2))
        // One permutation stands for many where a subject is missing: p is no exact count there.
        #expect(statistic.drawsPermutations(of: all))
        #expect(!MissingDataStatistic(PartialFit(partition, complete)).drawsPermutations(of: all))
        let result = PermutationTest(statistic, mask: cohort.mask, tail: .greater, shuffles: all).run().voxel
        #expect(result.usesAll && !result.isExact && result.interval(ofP: 0.5) != nil)
    }

    @Test("voxels where the rows present do not carry the design are left out and counted")
    func lostDesigns() throws {
        let n = 10
        let design = Matrix(columns: [
            [Double](repeating: 1, count: n), (0..<n).map { $0 < 3 ? 1.0 : 0 },
        ])
        let partition = try ContrastPartition(
            LinearModel(matrix: design), weights: Matrix(rows: [[0, 1]]), isF: false, name: "group")
        var numbers = TestNumbers(2)
        let rows = (0..<n).map { i -> [Double] in
            let values = numbers.normals(4)
            // Everyone; one missing; the whole first group missing; only two subjects present.
            return [values[0], i == 4 ? .nan : values[1], i < 3 ? .nan : values[2], i < 8 ? .nan : values[3]]
        }
        let grid = Grid(shape: [4, 1, 1], affine: Affine([2, 0, 0, 0, 0, 2, 0, 0, 0, 0, 2, 0]))
        let cohort = PartialCohort(
            identifiers: (0..<n).map { "\($0)" }, mask: Mask(grid: grid) { _ in true }, minimumSubjects: 3
        ) { rows[$0] }
        #expect(cohort.mask.count == 3 && cohort.subjectCounts == [10, 9, 7])
        let fit = PartialFit(partition, cohort)
        #expect(fit.subjectCounts == [10, 9, 0] && fit.degreesOfFreedom == [8, 7, 0])
        #expect(fit.statistic()[2].isNaN && fit.z().values[2].isNaN)
        #expect(fit.notes.contains { $0.severity == .warning && $0.text.contains("1 of 3 voxels left out") })
        #expect(MissingDataStatistic(fit).voxels == [0, 1])
        let effect = fit.effect().values[1] / fit.standardError().values[1]
        #expect(abs(effect - fit.statistic()[1]) < 1e-12)
    }

    @Test("ranges and threads change nothing, to the bit")
    func sameBits() throws {
        let example = try Example(subjects: 16, voxels: 300, missing: 0.04)
        let statistic = MissingDataStatistic(PartialFit(example.partition, example.cohort))
        let shuffles = example.shuffles(.permute)
        let whole = statistic.maps(of: shuffles, in: 0..<10, threads: 1)
        #expect(statistic.maps(of: shuffles, in: 0..<10, threads: 4) == whole)
        #expect(
            statistic.maps(of: shuffles, in: 0..<3, threads: 1)
                + statistic.maps(of: shuffles, in: 3..<10, threads: 2) == whole)
    }
}
