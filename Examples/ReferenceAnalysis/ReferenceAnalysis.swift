import Covey

/// The reference analysis through the library: an association of contrast maps with a score.
///
///     swift run -c release ReferenceAnalysis demo/cohort/participants.tsv
@main
enum ReferenceAnalysis {
    static func main() throws {
        let (table, _) = try Table.read(CommandLine.arguments[1])
        let (subjects, _) = try Subjects(table).renaming(["pseudo": "fluency"]).droppingMissing(["fluency"])
        let design = try Design(subjects, formula: Formula("~ fluency"))

        var reader = CohortReader()
        reader.smoothing = try Smoothing(fwhmMillimeters: [5])
        let sources = zip(subjects.identifiers, try subjects.mapPaths())
        let cohort = try reader.read(sources.map { MapSource(identifier: $0, path: $1) }).cohort

        let model = try LinearModel(design)
        let fluency = try Contrast("fluency").weights(in: design).partition(of: model)
        let fit = Fit(model, cohort)

        let parametric = ParametricTest(fit.t(fluency), tail: .greater)
        let tests = MultipleTesting(logP: parametric.logP)
        let fdr = tests.rejection(by: .falseDiscoveryRate, level: 0.05)
        let bonferroni = tests.rejection(by: .bonferroni, level: 0.1)
        print("FDR .05: \(fdr?.count ?? 0) voxels; Bonferroni .1: \(bonferroni?.count ?? 0) voxels")

        let plan = ShufflePlan(count: 1000, exchanging: .permute, seed: 42)
        let shuffles = ShuffleSet(plan, design: design.matrix)
        let permuted = PermutationTest(fluency, cohort, fit, tail: .greater, shuffles: shuffles).run().voxel
        print(
            "permutation: t at least \(permuted.familyWiseThreshold(alpha: 0.05) ?? .infinity) at p(FWE) <= .05"
        )

        let figure = SliceFigure(
            permuted.familyWiseP.negativeLog10, threshold: 1.3, title: "fluency, p(FWE) ≤ .05",
            style: .sequential)
        try writeFile(figure.render(.png), to: "fluency.png")
    }
}
