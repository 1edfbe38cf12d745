import CoveyCore
import CoveyImaging
import CoveyKernels
import CoveyModel
import CoveyTestSupport
import Foundation
import Testing

@testable import CoveyInference

@Suite("Aspin and Welch's v, and G")
struct WelchTests {
    private static let a = [3.1, 4.5, 2.2, 5.0, 3.8, 4.1, 2.9]
    private static let b = [6.0, 1.2, 9.5, 3.3, 0.4]
    private static let c = [7.7, 8.1, 7.9, 8.6]

    /// Groups of one-voxel data, a column for each, a variance for each.
    private func groupMeans(_ samples: [[Double]]) throws -> (Cohort, LinearModel, VarianceGroups) {
        let labels = samples.indices.flatMap { g in samples[g].map { _ in g } }
        let values = samples.flatMap { $0 }
        let grid = Grid(shape: [1, 1, 1], affine: Affine([2, 0, 0, 0, 0, 2, 0, 0, 0, 0, 2, 0]))
        let cohort = Cohort(
            identifiers: labels.indices.map { "\($0)" }, mask: Mask(grid: grid) { _ in true }
        ) { [values[$0]] }
        let design = Matrix(columns: samples.indices.map { g in labels.map { $0 == g ? 1.0 : 0 } })
        return (cohort, try LinearModel(matrix: design), VarianceGroups(labels.map { "g\($0)" }))
    }

    @Test("v of two groups is Welch's t with his degrees of freedom, as scipy has it")
    func scipyTwoSamples() throws {
        let (cohort, model, groups) = try groupMeans([Self.a, Self.b])
        let partition = try ContrastPartition(
            model, weights: Matrix(rows: [[1, -1]]), isF: false, name: "difference")
        let fit = try WelchFit(partition, groups: groups, cohort)
        // scipy.stats.ttest_ind(a, b, equal_var=False), scipy 1.x in double precision.
        #expect(abs(fit.values[0] + 0.24779816566989427) < 1e-14)
        #expect(abs(fit.degreesOfFreedom[0] - 4.396330917179876) < 1e-13)
        let z = fit.z.values[0]
        #expect(abs(exp(StandardNormal.logTwoSided(z)) - 0.8154401136126442) < 1e-13)
        #expect(abs(exp(StandardNormal.logSurvival(z)) - 0.5922799431936778) < 1e-13)
    }

    @Test("G of three groups is Welch's analysis of variance, in value and tail area")
    func scipyOneWay() throws {
        let (cohort, model, groups) = try groupMeans([Self.a, Self.b, Self.c])
        let partition = try ContrastPartition(
            model, weights: Matrix(rows: [[1, -1, 0], [0, 1, -1]]), isF: true, name: "any")
        let fit = try WelchFit(partition, groups: groups, cohort)
        // scipy.stats.f_oneway(a, b, c, equal_var=False): statistic and p; the degrees of freedom from Welch's
        // formula.
        #expect(abs(fit.values[0] - 52.94743515597829) < 1e-11)
        #expect(abs(fit.degreesOfFreedom[0] - 7.310645499177453) < 1e-12)
        let p = exp(StandardNormal.logSurvival(fit.z.values[0]))
        #expect(abs(p - 4.471858960220867e-05) < 1e-15)
    }

    @Test("the mean of one group has that group's degrees of freedom, whatever the other group does")
    func oneGroupOnly() throws {
        let (cohort, model, groups) = try groupMeans([Self.a, Self.b])
        let partition = try ContrastPartition(
            model, weights: Matrix(rows: [[1, 0]]), isF: false, name: "first")
        let fit = try WelchFit(partition, groups: groups, cohort)
        let mean = Self.a.reduce(0, +) / 7
        let variance = Self.a.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / 6
        #expect(abs(fit.values[0] - mean / (variance / 7).squareRoot()) < 1e-12)
        #expect(abs(fit.degreesOfFreedom[0] - 6) < 1e-12)
    }

    @Test("with one variance group v is t and G is F, under every shuffle and on the z scale")
    func oneGroupIsClassical() throws {
        let example = try PermutationExample(subjects: 13, voxels: 40, confounds: 2)
        let groups = VarianceGroups(single: 13)
        for partition in [try example.t(1), try example.f([1]), try example.f([1, 2])] {
            let fit = try WelchFit(partition, groups: groups, example.cohort)
            let t = example.fit.statistic(partition).values
            for (a, b) in zip(fit.values, t) { #expect(abs(a - b) <= 1e-12 * max(1, abs(b))) }
            for (voxel, value) in t.enumerated() {
                let z =
                    partition.isF
                    ? FDistribution(numerator: Double(partition.testedRank), denominator: 9).z(of: value)
                    : StudentT(degreesOfFreedom: 9).z(of: value)
                #expect(abs(fit.z.values[voxel] - z) <= 1e-11 * max(1, abs(z)))
            }
            let shuffles = ShuffleSet(
                ShufflePlan(count: 30, exchanging: .both, seed: 5), design: example.design)
            let plain = PlainPermutationTest(partition, tail: .greater, shuffles: shuffles)
                .run(example.cohort, example.fit)
            let maps = WelchStatistic(fit, example.cohort, scale: .statistic)
                .maps(of: shuffles, in: 0..<shuffles.count, threads: 1)
            for k in 0..<shuffles.count {
                let greatest = maps[k * 40..<(k + 1) * 40].max()!
                #expect(abs(greatest - plain.maxima[k]) <= 1e-9 * max(1, greatest))
            }
        }
    }

    @Test("every shuffle gives what the definition gives: residuals move, the design and its groups stay")
    func directTwin() throws {
        let example = try PermutationExample(subjects: 14, voxels: 27, confounds: 2, groups: true, seed: 9)
        let labels = [0, 1, 2, 0, 1, 2, 0, 1, 2, 0, 1, 2, 0, 2]
        let groups = VarianceGroups(labels.map { "\($0)" })
        for partition in [try example.t(1), try example.t(0), try example.f([1]), try example.f([1, 2])] {
            for scheme in ExchangeScheme.allCases {
                let shuffles = ShuffleSet(
                    ShufflePlan(count: 12, exchanging: scheme, seed: 3), design: example.design)
                let fit = try WelchFit(partition, groups: groups, example.cohort)
                func maps(_ scale: WelchStatistic.Scale) -> [Double] {
                    WelchStatistic(fit, example.cohort, scale: scale)
                        .maps(of: shuffles, in: 0..<shuffles.count, threads: 1)
                }
                let (values, z) = (maps(.statistic), maps(.z))
                for k in 0..<shuffles.count {
                    for voxel in 0..<27 {
                        let y = DirectRefit.shuffled(
                            example.cohort.values(at: voxel), nuisance: partition.nuisanceBasis, shuffles[k])
                        let expected = DirectRefit.welch(
                            y, design: example.design, contrast: partition.weights, labels: labels,
                            isF: partition.isF)
                        let got = values[k * 27 + voxel]
                        #expect(abs(got - expected.value) <= 1e-9 * max(1, abs(got)))
                        if !partition.isF {
                            let deviate = StudentT(degreesOfFreedom: expected.degrees).z(of: expected.value)
                            #expect(abs(z[k * 27 + voxel] - deviate) <= 1e-9 * max(1, abs(deviate)))
                        }
                    }
                }
            }
        }
    }

    @Test("the identity's map is the parametric one: to the bit, on the scale of z to 1e-10")
    func identityIsParametric() throws {
        let example = try PermutationExample(subjects: 14, voxels: 70, confounds: 1, groups: true)
        let groups = VarianceGroups((0..<14).map { "\($0 % 2)" })
        let shuffles = ShuffleSet(
            ShufflePlan(count: 3, exchanging: .permute, seed: 3), design: example.design)
        for partition in [try example.t(1), try example.f([1, 2])] {
            let fit = try WelchFit(partition, groups: groups, example.cohort)
            let z = WelchStatistic(fit, example.cohort).maps(of: shuffles, in: 0..<1, threads: 1)
            for (a, b) in zip(z, fit.z.values) { #expect(abs(a - b) <= 1e-10 * abs(b)) }
            let values = WelchStatistic(fit, example.cohort, scale: .statistic)
                .maps(of: shuffles, in: 0..<1, threads: 1)
            #expect(values == fit.values)
        }
    }

    @Test(
        "distinct shuffles tell rows of other groups apart, and those that must give the same v are counted")
    func distinctShuffles() throws {
        var numbers = TestNumbers(23)
        let rows = (0..<8).map { _ in numbers.normals(3) }
        let grid = Grid(shape: [3, 1, 1], affine: Affine([2, 0, 0, 0, 0, 2, 0, 0, 0, 0, 2, 0]))
        let cohort = Cohort(identifiers: rows.indices.map(String.init), mask: Mask(grid: grid) { _ in true })
        {
            rows[$0]
        }
        // Two groups of the design, crossed or not with those of the variance.
        for (labels, count) in [([0, 0, 1, 1, 0, 0, 1, 1], 2520), ([0, 0, 0, 0, 1, 1, 1, 1], 70)] {
            let groups = VarianceGroups(labels.map(String.init))
            let design = Matrix(columns: [[Double](repeating: 1, count: 8), [0, 0, 0, 0, 1, 1, 1, 1]])
            let model = try LinearModel(matrix: design)
            let partition = try ContrastPartition(
                model, weights: Matrix(rows: [[0, 1]]), isF: false, name: "difference")
            let seen = Matrix(columns: [design.column(0), design.column(1), labels.map(Double.init)])
            let shuffles = ShuffleSet(ShufflePlan(count: 10_000, exchanging: .permute, seed: 1), design: seen)
            #expect(shuffles.count == count && shuffles.isExhaustive)
            let maps = WelchStatistic(
                try WelchFit(partition, groups: groups, cohort), cohort, scale: .statistic
            ).maps(of: shuffles, in: 0..<count, threads: 1)
            for tail in [Tail.greater, .twoSided] {
                let distinct = DistinctShuffles(partition, exchanging: .permute, tail: tail, groups: groups)
                let same = (0..<count).count { k in
                    (0..<3).allSatisfy { voxel in
                        let (a, b) = (maps[3 * k + voxel], maps[voxel])
                        return abs(tail == .twoSided ? abs(a) - abs(b) : a - b) < 1e-9
                    }
                }
                #expect(distinct.count == count && distinct.equivalentToIdentity == Double(same))
            }
        }
    }

    @Test("ranges and threads change nothing, to the bit; AVX2 and AVX-512 agree to the bit")
    func sameBits() throws {
        let example = try PermutationExample(subjects: 20, voxels: 500, confounds: 2, groups: true)
        let groups = VarianceGroups((0..<20).map { "\($0 % 2)" })
        let shuffles = ShuffleSet(
            ShufflePlan(count: 9, exchanging: .permute, seed: 3), design: example.design)
        for partition in [try example.t(1), try example.f([1, 2, 3])] {
            let fit = try WelchFit(partition, groups: groups, example.cohort, threads: 1)
            let statistic = WelchStatistic(fit, example.cohort)
            let whole = statistic.maps(of: shuffles, in: 0..<10, threads: 1)
            #expect(statistic.maps(of: shuffles, in: 0..<10, threads: 3) == whole)
            #expect(
                statistic.maps(of: shuffles, in: 0..<4, threads: 2)
                    + statistic.maps(of: shuffles, in: 4..<10, threads: 1) == whole)
            for level in InstructionLevel.available {
                let other = WelchStatistic(fit, example.cohort, scale: .z, level: level)
                    .maps(of: shuffles, in: 0..<10, threads: 1)
                if level == .baseline {
                    for (a, b) in zip(other, whole) { #expect(abs(a - b) < 1e-11 * max(1, abs(b))) }
                } else {
                    #expect(other == whole)
                }
            }
        }
    }

    @Test("voxels without variance within a group are left out and counted; others keep their values")
    func degenerateVoxels() throws {
        let grid = Grid(shape: [3, 1, 1], affine: Affine([2, 0, 0, 0, 0, 2, 0, 0, 0, 0, 2, 0]))
        var numbers = TestNumbers(4)
        let rows = (0..<10).map { i in
            [numbers.normal(), i % 2 == 0 ? 3.25 : numbers.normal(), 7]
        }
        let cohort = Cohort(
            identifiers: (0..<10).map { "\($0)" }, mask: Mask(grid: grid) { _ in true }
        ) { rows[$0] }
        let labels = (0..<10).map { $0 % 2 }
        let design = Matrix(columns: [labels.map { Double($0) }, labels.map { Double(1 - $0) }])
        let partition = try ContrastPartition(
            LinearModel(matrix: design), weights: Matrix(rows: [[1, -1]]), isF: false, name: "d")
        let fit = try WelchFit(partition, groups: VarianceGroups(labels.map { "\($0)" }), cohort)
        #expect(fit.omittedVoxelCount == 2 && fit.values[0].isFinite && fit.values[1].isNaN)
        #expect(fit.notes.contains { $0.text.contains("2 of 3 voxels left out") })
        let statistic = WelchStatistic(fit, cohort)
        #expect(statistic.voxels == [0])
        let shuffles = ShuffleSet(
            ShufflePlan(count: 50, exchanging: .permute, seed: 1), design: design)
        #expect(
            statistic.maps(of: shuffles, in: 0..<shuffles.count, threads: 1).allSatisfy { $0.isFinite })
        #expect(statistic.notes(on: shuffles).count == 1)
    }

    @Test("shuffles that happen to empty a group of its variance give large finite values")
    func degenerateShuffles() throws {
        let (cohort, model, groups) = try groupMeans([[1, 0, 0, 0], [0, 0, 1, 2]])
        let partition = try ContrastPartition(
            model, weights: Matrix(rows: [[1, -1]]), isF: false, name: "difference")
        let fit = try WelchFit(partition, groups: groups, cohort)
        let shuffles = ShuffleSet(
            ShufflePlan(count: 100, exchanging: .permute, seed: 1), design: model.matrix)
        let maps = WelchStatistic(fit, cohort).maps(of: shuffles, in: 0..<shuffles.count, threads: 1)
        #expect(maps.allSatisfy { $0.isFinite })
    }

    @Test("a group that the model fits exactly is refused by name")
    func saturatedGroup() throws {
        let (cohort, model, _) = try groupMeans([Self.a, Self.b])
        let partition = try ContrastPartition(
            model, weights: Matrix(rows: [[1, -1]]), isF: false, name: "difference")
        let lone = VarianceGroups((0..<12).map { $0 < 11 ? "many" : "one" })
        let estimable = try WelchFit(partition, groups: lone, cohort)
        #expect(estimable.omittedVoxelCount == 0)
        let design = Matrix(columns: [
            [Double](repeating: 1, count: 12), (0..<12).map { $0 == 11 ? 1.0 : 0 },
        ])
        let saturated = try ContrastPartition(
            LinearModel(matrix: design), weights: Matrix(rows: [[1, 0]]), isF: false, name: "mean")
        #expect(throws: VarianceGroupsError.noDegreesOfFreedom(group: "one", subjects: 1)) {
            _ = try WelchFit(saturated, groups: lone, cohort)
        }
        #expect(throws: VarianceGroupsError.wrongCount(grouped: 3, subjects: 12)) {
            _ = try WelchFit(saturated, groups: VarianceGroups(single: 3), cohort)
        }
    }

    @Test("automatic groups are the sets of rows that blocks exchange")
    func automaticGroups() {
        typealias Block = ExchangeabilityBlocks.Block
        func blocks(exchangingRows: Bool) -> ExchangeabilityBlocks {
            let pairs = (0..<3).map { k in
                Block(
                    name: "\(k)", members: [Block(row: 2 * k, name: "a"), Block(row: 2 * k + 1, name: "b")],
                    exchangesMembers: exchangingRows)
            }
            return ExchangeabilityBlocks(
                root: Block(name: "all", members: pairs, exchangesMembers: !exchangingRows), source: "test")
        }
        // Blocks of 2, exchanged as wholes: a group per place in the block.
        #expect(
            VarianceGroups(exchangedIn: blocks(exchangingRows: false)).labels == [0, 1, 0, 1, 0, 1])
        // Exchange within blocks: a group per block.
        let within = VarianceGroups(exchangedIn: blocks(exchangingRows: true))
        #expect(within.labels == [0, 0, 1, 1, 2, 2] && within.sizes == [2, 2, 2])
        #expect(within.areCrossed(by: [2, 1, 0, 3, 4, 5]) && !within.areCrossed(by: [1, 0, 3, 2, 4, 5]))
        #expect(within.selecting(subjects: [2, 3]).count == 1)
        #expect(VarianceGroups(exchangedIn: .free(4)).count == 1)
    }

    @Test("under unequal variances the plain t rejects too often and v at its level")
    func heteroscedasticCalibration() throws {
        // The smaller group has the larger variance: 6 and 18 subjects, standard deviations 3 and 1.
        let labels = (0..<24).map { $0 < 6 ? 0 : 1 }
        let design = Matrix(columns: [[Double](repeating: 1, count: 24), labels.map { Double($0) }])
        let voxels = 4000
        var numbers = TestNumbers(77)
        let rows = (0..<24).map { i in numbers.normals(voxels).map { $0 * (labels[i] == 0 ? 3 : 1) } }
        let grid = Grid(shape: [voxels, 1, 1], affine: Affine([2, 0, 0, 0, 0, 2, 0, 0, 0, 0, 2, 0]))
        let cohort = Cohort(
            identifiers: labels.indices.map { "\($0)" }, mask: Mask(grid: grid) { _ in true }
        ) { rows[$0] }
        let model = try LinearModel(matrix: design)
        let partition = try ContrastPartition(
            model, weights: Matrix(rows: [[0, 1]]), isF: false, name: "group")
        let v = try WelchFit(partition, groups: VarianceGroups(labels.map { "\($0)" }), cohort)
        let limit = StandardNormal.quantile(logTwoSided: log(0.05))
        let welch = v.z.values.count { abs($0) >= limit }
        let t = Fit(model, cohort).t(partition).values
        let plain = t.count { abs($0) >= StudentT(degreesOfFreedom: 22).quantile(logTwoSided: log(0.05)) }
        // 4000 independent tests at 0.05: 200 with a standard deviation of 13.8.
        #expect(abs(welch - 200) < 4 * 14, "Welch rejects \(welch) of \(voxels)")
        #expect(plain > 500, "the plain t rejects \(plain) of \(voxels)")
    }
}
