import CoveyImaging
import CoveyModel
import CoveyTestSupport
import Testing

@testable import CoveyInference

@Suite("Stopping in the engine")
struct EarlyStoppingTests {
    @Test(
        "a stopped test decides as the full one, for voxels, TFCE and clusters",
        arguments: 0..<6 as Range<UInt64>)
    func sameDecisions(seed: UInt64) throws {
        let example = try PermutationExample(subjects: 16, voxels: 60, confounds: 1, seed: seed)
        var choice = InferenceChoice()
        choice.tfce = TFCE()
        choice.formingHeights = [2]
        let shuffles = ShuffleSet(
            ShufflePlan(count: 1999, exchanging: .permute, seed: seed), design: example.design)
        let test = PermutationTest(
            try example.t(1), example.cohort, example.fit, tail: .twoSided, shuffles: shuffles,
            comparing: choice)
        let observation = test.observe()
        let full = test.run()
        let tally = test.tally(
            of: 0..<shuffles.count, observation, stopsAt: 0.05, checkpoint: { _ in })
        let stopped = test.results(observation, tally)
        #expect(tally.shuffles.upperBound == 2000 || tally.shuffles.upperBound % 256 == 0)
        for (a, b) in zip(stopped.all, full.all) {
            #expect(a.familyWiseP.values.map { $0 <= 0.05 } == b.familyWiseP.values.map { $0 <= 0.05 })
        }
    }

    @Test("a stopped tally that is taken up again, as a checkpoint leaves it, goes no further")
    func continued() throws {
        let example = try PermutationExample(subjects: 16, voxels: 60, confounds: 1, seed: 3)
        let shuffles = ShuffleSet(
            ShufflePlan(count: 1999, exchanging: .permute, seed: 3), design: example.design)
        let test = PermutationTest(
            // Of the confound, which has no effect.
            try example.t(2), example.cohort, example.fit, tail: .twoSided, shuffles: shuffles)
        let observation = test.observe()
        var kept: [PermutationTally] = []
        let whole = test.tally(
            of: 0..<shuffles.count, observation, stopsAt: 0.05, checkpoint: { kept.append($0) })
        #expect(whole.shuffles.count < shuffles.count, "the example must stop")
        for done in kept {
            let again = test.tally(
                of: 0..<shuffles.count, observation, continuing: done, stopsAt: 0.05, checkpoint: { _ in })
            #expect(again.shuffles == whole.shuffles && again.maxima == whole.maxima)
            #expect(again.counts == whole.counts)
        }
    }

    @Test("the sequential p of a voxel is that of its own sequence of shuffles, on any number of threads")
    func sequential() throws {
        let example = try PermutationExample(subjects: 14, voxels: 40, confounds: 0, seed: 4)
        let shuffles = ShuffleSet(
            ShufflePlan(count: 700, exchanging: .permute, seed: 1), design: example.design)
        let statistic = RegressionStatistic(try example.t(1), example.cohort, example.fit)
        // Also where only whole maps tell: of z, and with ter Braak's method.
        let others: [any ShuffledStatistic] = [
            ZScaledStatistic(statistic),
            RegressionStatistic(try example.t(1), example.cohort, example.fit, method: .terBraak),
        ]
        for statistic in [statistic] + others {
            let test = PermutationTest(
                statistic, mask: example.cohort.mask, tail: .greater, shuffles: shuffles)
            let found = SequentialTest(test, target: 10).run(threads: 1)
            let p = found.p.values
            #expect(p == SequentialTest(test, target: 10).run(threads: 3).p.values)
            let maps = statistic.maps(of: shuffles, in: 0..<701, threads: 1)
            for voxel in 0..<40 {
                var reached = 0
                var expected: Double?
                for k in 1...700 where expected == nil {
                    if maps[k * 40 + voxel] >= maps[voxel] { reached += 1 }
                    if reached == 10 { expected = 10 / Double(k) }
                }
                #expect(p[voxel] == expected ?? Double(reached + 1) / 701)
                let interval = try #require(found.interval(at: voxel))
                #expect(interval.lower < p[voxel] && p[voxel] < interval.upper)
            }
        }
    }
}
