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

    @Test("the sequential p of a voxel is that of its own sequence of shuffles, on any number of threads")
    func sequential() throws {
        let example = try PermutationExample(subjects: 14, voxels: 40, confounds: 0, seed: 4)
        let shuffles = ShuffleSet(
            ShufflePlan(count: 400, exchanging: .permute, seed: 1), design: example.design)
        let statistic = RegressionStatistic(try example.t(1), example.cohort, example.fit)
        let test = PermutationTest(
            statistic, mask: example.cohort.mask, tail: .greater, shuffles: shuffles)
        let found = SequentialTest(test, target: 10).run(threads: 1).p.values
        #expect(found == SequentialTest(test, target: 10).run(threads: 3).p.values)
        let maps = statistic.maps(of: shuffles, in: 0..<401, threads: 1)
        for voxel in 0..<40 {
            var reached = 0
            var p: Double?
            for k in 1...400 where p == nil {
                if maps[k * 40 + voxel] >= maps[voxel] { reached += 1 }
                if reached == 10 { p = 10 / Double(k) }
            }
            #expect(found[voxel] == p ?? Double(reached + 1) / 401)
        }
    }
}
