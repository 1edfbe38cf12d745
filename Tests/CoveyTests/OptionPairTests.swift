import CoveyTestSupport
import Foundation
import Testing

@testable import Covey

/// Flags that would be passed over in silence are refused, and flags that are one thing are taken as it.
@Suite("Flags that belong together", .enabled(if: Program.path != nil))
struct OptionPairTests {
    private static let analysis = [
        "analyze", "participants.tsv", "--model", "~ score", "--contrast", "score",
    ]

    @Test(
        "a flag without the one it belongs to is refused by its name",
        arguments: [
            (["--n-perm", "9", "--tfce-e", "0.5"], "'--tfce-e' needs '--tfce'"),
            (["--n-perm", "9", "--tfce-h", "2"], "'--tfce-h' needs '--tfce'"),
            (["--n-perm", "9", "--tfce-step", "fsl"], "'--tfce-step' needs '--tfce'"),
            (["--n-perm", "9", "--tfce", "--cluster-mass", "total"], "'--cluster-mass' needs"),
            (
                ["--n-perm", "9", "--nuisance", "manly", "--partition", "guttman"],
                "'--nuisance manly' does not depend on '--partition'"
            ),
            (["--n-perm", "9", "--shuffles-from", "p.txt"], "'--n-perm' or '--shuffles-from'"),
            (["--exchange", "flip", "--shuffles-from", "p.txt"], "'--exchange' or '--shuffles-from'"),
            (["--shuffles-convention", "data"], "'--shuffles-convention' needs '--shuffles-from'"),
            (["--seed", "3", "--shuffles-from", "p.txt"], "'--seed' or '--shuffles-from'"),
            (["--tfce"], "'--tfce' needs shuffles: give '--n-perm'"),
            (["--cluster-forming-p", "0.01"], "'--cluster-forming-p' needs shuffles"),
            (["--calibrated-bounds"], "'--calibrated-bounds' needs shuffles"),
            (["--alpha", "0.1"], "'--alpha' needs shuffles"), (["--seed", "1"], "'--seed' needs shuffles"),
            (["--exchange", "flip"], "'--exchange' needs shuffles"),
            (["--nuisance", "smith"], "'--nuisance' needs shuffles"),
            (["--scale", "z"], "'--scale' needs shuffles"),
            (["--stop-early"], "'--stop-early' needs shuffles"),
            (["--tail-fit", "gamma"], "'--tail-fit' needs shuffles"),
            (["--sequential", "20"], "'--sequential' needs shuffles"),
            (["--correct-across", "contrasts"], "'--correct-across' needs shuffles"),
            (["--blocks", "within:score"], "'--blocks' says what shuffles exchange"),
            (["--blocks-file", "b.csv"], "'--blocks-file' says what shuffles exchange"),
            ([], "give '--out FOLDER'"),
        ])
    func refused(flags: [String], words: String) throws {
        let cohort = try TemporaryCohort()
        let out = flags.isEmpty ? [] : ["--out", "results"]
        let run = try Program(Self.analysis + flags + out, in: cohort.folder)
        #expect(run.status == 64 && run.errors.contains(words), "\(run.errors)")
        #expect(!FileManager.default.fileExists(atPath: cohort.folder + "/results"))
    }

    @Test("a plan is printed without a folder, with the choices of its flags")
    func printed() throws {
        let cohort = try TemporaryCohort()
        let run = try Program(
            Self.analysis + [
                "--coding", "cell-means", "--n-perm", "9", "--tfce", "--tfce-e", "0.7",
                "--cluster-forming-p", "0.01", "--cluster-mass", "total", "--print-plan",
            ], in: cohort.folder)
        #expect(run.status == 0, "\(run.errors)")
        let plan = try JSONDecoder().decode(AnalysisPlan.self, from: Data(run.output.utf8))
        #expect(plan.model == .formula(text: "~ score", coding: .cellMeans, centring: .none))
        #expect(plan.permutation?.comparison?.tfce == TFCE(extentExponent: 0.7))
        #expect(plan.permutation?.comparison?.mass == .total)
        let spaced = try Program(
            Self.analysis + ["--coding", "cell means", "--print-plan"], in: cohort.folder)
        #expect(spaced.output.contains("cell means"))
    }

    @Test("more subjects at a voxel than there are maps are refused with both numbers")
    func tooManySubjects() throws {
        let cohort = try TemporaryCohort()
        var plan = cohort.plan
        plan.variant = .missingData(minimumSubjects: 99)
        let error = VariantError.moreSubjectsThanMaps(asked: 99, maps: 12)
        #expect(throws: error) { try plan.run() }
        #expect(error.remedy.contains("up to 12"))
    }

    @Test("a checkpoint of another analysis says that a run without --resume begins anew")
    func foreignCheckpoint() throws {
        let cohort = try TemporaryCohort()
        let prepared = try PreparedAnalysis(cohort.plan)
        let folder = try ResultFolder(cohort.folder + "/results", overwrites: false)
        let checkpoint = Checkpoint(for: folder.destination, prepared, interval: .zero)
        try checkpoint.save(try prepared.tallies())
        var other = cohort.plan
        other.permutation?.seed = 4
        let stranger = Checkpoint(for: folder.destination, try PreparedAnalysis(other), interval: .zero)
        let error = try #require(throws: CheckpointError.self) { try stranger.load() }
        #expect(error.remedy.contains("without --resume") && error.description.contains("different plan"))
        #expect(try checkpoint.load()?.count == 2)
    }

    @Test("a checkpoint whose contrasts do not end at the same shuffle is refused, not begun anew")
    func unevenCheckpoint() throws {
        let cohort = try TemporaryCohort()
        let prepared = try PreparedAnalysis(cohort.plan)
        let folder = try ResultFolder(cohort.folder + "/results", overwrites: false)
        let checkpoint = Checkpoint(for: folder.destination, prepared, interval: .zero)
        try checkpoint.save(Array(try prepared.tallies().prefix(1)))
        #expect(
            throws: TallyError.damaged(
                checkpoint.path, reason: "its contrasts do not end at the same shuffle")
        ) { try checkpoint.load() }
    }
}
