import CoveyInference
import CoveyModel

/// Times several contrasts of one model in one pass over the data, beside the same contrasts one after the other and the
/// first of them alone.
enum ContrastBenchmark {
    static func run() throws {
        var clusters = InferenceChoice()
        clusters.formingHeights = [3.1]
        var tfce = InferenceChoice()
        tfce.tfce = TFCE()
        let problem = try BenchmarkCase(subjects: 89, shape: EngineBenchmark.small, columns: 6, tested: 1)
        say(
            "contrasts of one model of a mean and 5 columns, \(problem.cohort.mask.count) voxels, one thread:"
        )
        say("time of one pass over that of the contrasts one after the other, and over that of one contrast")
        for (what, choice, count) in [
            ("voxels", InferenceChoice.voxels, 2000), ("clusters", clusters, 1000), ("TFCE", tfce, 200),
        ] {
            for contrasts in [2, 4] {
                let tests = try problem.tests(contrasts, count, choice)
                let observations = tests.map { $0.observe() }
                guard let shared = SharedPermutationTest(tests) else { continue }
                let range = 0..<tests[0].shuffles.count
                let times = Timing.turns([
                    { _ = shared.tallies(of: range, observations, threads: 1) { _ in } },
                    {
                        for (test, observation) in zip(tests, observations) {
                            _ = test.tally(of: range, observation, threads: 1) { _ in }
                        }
                    },
                    { _ = tests[0].tally(of: range, observations[0], threads: 1) { _ in } },
                ])
                say(
                    "  \(what), \(contrasts) contrasts: x \(EngineBenchmark.ratio(times.ratio(0, over: 1))), "
                        + "x \(EngineBenchmark.ratio(times.ratio(0, over: 2)))")
            }
        }
    }
}
