import CoveyTestSupport
import Foundation
import Testing

@testable import Covey

/// The files of a result folder that must be the same bits: all but the records of the run itself.
func resultFiles(_ folder: String) throws -> [String: Data] {
    var files: [String: Data] = [:]
    for name in try FileManager.default.subpathsOfDirectory(atPath: folder)
    where !["provenance.json", "summary.json", "summary.txt", "report"].contains(name) {
        files[name] = try Data(contentsOf: URL(fileURLWithPath: folder + "/" + name))
    }
    return files
}

/// Writes `plan.json` beside a cohort: two contrasts corrected together, with everything that a tally holds.
func writeShardPlan(_ cohort: TemporaryCohort, shuffles: Int) throws {
    let run = try Program(
        [
            "permute", "participants.tsv", "--model", "~ score + group", "--contrast", "score",
            "--contrast", "intercept", "--exchange", "both", "--tail", "two-sided", "--n-perm",
            "\(shuffles)", "--seed", "7",
            "--calibrated-bounds", "--bounds-template", "40",
            "--tfce", "--cluster-forming-p", "0.01", "--cluster-forming-height", "2",
            "--correct-across", "contrasts", "--out", "none", "--print-plan",
        ], in: cohort.folder)
    #expect(run.status == 0, "\(run.errors)")
    try run.output.write(toFile: cohort.folder + "/plan.json", atomically: true, encoding: .utf8)
}

@Suite("Shards and merges", .enabled(if: Program.path != nil))
struct ShardTests {
    @Test("any division, merged in any order, gives the bits of the single run on any number of threads")
    func divisions() throws {
        let cohort = try TemporaryCohort()
        try writeShardPlan(cohort, shuffles: 60)
        let whole = try Program(["run", "plan.json", "--out", "whole", "--threads", "1"], in: cohort.folder)
        #expect(whole.status == 0, "\(whole.errors)")
        for count in [1, 3, 7] {
            var tallies: [String] = []
            for index in (1...count).reversed() {
                let file = "s\(index)-\(count).tally"
                let run = try Program(
                    [
                        "shuffle", "plan.json", "--shard", "\(index)/\(count)", "--out", file, "--threads",
                        "\(index % 3 + 1)",
                    ], in: cohort.folder)
                #expect(run.status == 0, "\(run.errors)")
                tallies.append(file)
            }
            let merge = try Program(
                ["merge", "plan.json"] + tallies + ["--out", "merged\(count)"], in: cohort.folder)
            #expect(merge.status == 0, "\(merge.errors)")
            #expect(
                try resultFiles(cohort.folder + "/merged\(count)") == resultFiles(cohort.folder + "/whole"))
        }
    }

    @Test("a shard that was killed is taken up again to the same bits, by its own number alone")
    func resumedShard() throws {
        let cohort = try TemporaryCohort()
        try writeShardPlan(cohort, shuffles: 60)
        var plan = try AnalysisPlan(contentsOf: cohort.folder + "/plan.json")
        plan.data.table = cohort.table
        try plan.json().write(toFile: cohort.folder + "/plan.json", atomically: true, encoding: .utf8)
        func shuffle(_ file: String, _ more: String...) throws -> Program {
            try Program(["shuffle", "plan.json", "--shard", "2/3", "--out", file] + more, in: cohort.folder)
        }
        #expect(try shuffle("whole.tally").status == 0)
        let prepared = try PreparedAnalysis(plan)
        let shard = Shard(index: 2, count: 3)
        let range = shard.range(of: prepared.tests[0].shuffles.count)
        let shared = try #require(SharedPermutationTest(prepared.tests))
        let parts = shared.tallies(
            of: range.lowerBound..<range.lowerBound + 7, prepared.observations, checkpoint: { _ in })
        let checkpoint = cohort.folder + "/.resumed.tally.checkpoint"
        func leave(_ shard: Shard) throws {
            try TallyFile(fingerprint: Fingerprint(prepared), shard: shard, tallies: parts)
                .write(to: checkpoint)
        }
        try leave(shard)
        let resumed = try shuffle("resumed.tally", "--resume")
        #expect(
            resumed.status == 0 && resumed.errors.contains("continuing after \(7 * parts.count) of"),
            "\(resumed.errors)")
        #expect(!FileManager.default.fileExists(atPath: checkpoint))
        let files = try ["whole", "resumed"].map {
            try Data(contentsOf: URL(fileURLWithPath: "\(cohort.folder)/\($0).tally"))
        }
        #expect(files[0] == files[1])

        try leave(Shard(index: 1, count: 3))
        let stranger = try shuffle("resumed.tally", "--resume")
        #expect(stranger.status != 0 && stranger.errors.contains("different shard"), "\(stranger.errors)")
    }

    @Test("missing, doubled, foreign, damaged and mixed shards are refused by name, and nothing is written")
    func refusals() throws {
        let cohort = try TemporaryCohort()
        try writeShardPlan(cohort, shuffles: 20)
        for index in 1...2 {
            _ = try Program(
                ["shuffle", "plan.json", "--shard", "\(index)/2", "--out", "\(index).tally"],
                in: cohort.folder)
        }
        _ = try Program(
            ["shuffle", "plan.json", "--shard", "1/3", "--out", "third.tally"], in: cohort.folder)
        let text = try String(contentsOfFile: cohort.folder + "/plan.json", encoding: .utf8)
        try text.replacingOccurrences(of: "\"seed\" : 7", with: "\"seed\" : 8")
            .write(toFile: cohort.folder + "/other.json", atomically: true, encoding: .utf8)
        _ = try Program(
            ["shuffle", "other.json", "--shard", "2/2", "--out", "foreign.tally"], in: cohort.folder)
        let bytes = try Data(contentsOf: URL(fileURLWithPath: cohort.folder + "/2.tally"))
        try bytes.prefix(bytes.count / 2).write(to: URL(fileURLWithPath: cohort.folder + "/cut.tally"))
        for (files, words) in [
            (["1.tally"], ["shard 2 of 2 is missing"]),
            (["1.tally", "1.tally"], ["1.tally", "both hold shard 1"]),
            (["1.tally", "foreign.tally"], ["foreign.tally", "plan", "shuffles"]),
            (["1.tally", "cut.tally"], ["cut.tally", "cut off"]),
            (["1.tally", "third.tally"], ["third.tally", "different numbers of shards"]),
            (["1.tally", "participants.tsv"], ["participants.tsv"]),
        ] {
            let merge = try Program(
                ["merge", "plan.json"] + files + ["--out", "never"], in: cohort.folder)
            #expect(merge.status != 0)
            for word in words { #expect(merge.errors.contains(word), "\(merge.errors)") }
            #expect(!FileManager.default.fileExists(atPath: cohort.folder + "/never"))
        }
    }
}
