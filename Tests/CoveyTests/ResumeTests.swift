import CoveyTestSupport
import Foundation
import Testing

@testable import Covey

/// A cohort whose maps of shuffles do not fit into memory at once: 35,840 voxels, so that a batch holds 232 shuffles, with
/// clusters formed so low that whole maps are needed.
private final class WideCohort {
    static let shuffles = 480
    let folder: String

    init() throws {
        folder = FileManager.default.temporaryDirectory.path + "/covey-test-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        let grid = Grid(shape: [40, 32, 28], affine: Affine([2, 0, 0, 0, 0, 2, 0, 0, 0, 0, 2, 0]))
        var numbers = TestNumbers(9)
        var rows: [[String]] = []
        for k in 0..<12 {
            let score = numbers.normal()
            let values = (0..<grid.count).map { numbers.uniform() - 0.5 + ($0 < 900 ? score : 0) }
            try Volume(grid: grid, values: values)
                .write(to: "\(folder)/map\(k).nii", ImageContent(datatype: .float32))
            rows.append(["sub-\(k)", "map\(k).nii", "\(score)", k % 2 == 0 ? "a" : "b"])
        }
        let table = Table(columns: ["participant_id", "map", "score", "group"], rows: rows)
        try writeFile(Array(table.tabSeparated.utf8), to: folder + "/participants.tsv")
        var plan = AnalysisPlan(
            data: AnalysisPlan.DataSource(table: folder + "/participants.tsv"),
            model: .formula(text: "~ score + group", coding: .treatment, centring: .none),
            contrasts: ["score", "intercept"], tail: .twoSided)
        plan.permutation = .init(count: Self.shuffles, exchange: .both, seed: 7)
        plan.permutation?.correctsAcrossContrasts = true
        plan.permutation?.comparison = .init()
        plan.permutation?.comparison?.formingThresholds = [.height(1.5)]
        plan.figures = nil
        plan.report = nil
        try plan.json().write(toFile: folder + "/plan.json", atomically: true, encoding: .utf8)
    }

    deinit { try? FileManager.default.removeItem(atPath: folder) }
}

/// When a run is killed.
private enum Moment {
    /// As soon as the checkpoint is there, or another one than before.
    case checkpoint
    /// As soon as a file of the results is written.
    case writing
    /// After so many seconds, whatever it does.
    case seconds(Double)
    /// Never.
    case end
}

/// A run into `resumed` with a checkpoint after every batch, continuing where the last one was killed.
private struct ResumedRun {
    /// Shuffles of every contrast in the checkpoint that it found; empty where there was none.
    let found: [Int]
    /// Whether it was killed before its end.
    let wasKilled: Bool
    /// What it said.
    let words: String

    init(in folder: String, killedAt moment: Moment) throws {
        let manager = FileManager.default
        let checkpoint = folder + "/.resumed.checkpoint"
        func version() -> Int? {
            (try? manager.attributesOfItem(atPath: checkpoint))?[.systemFileNumber] as? Int
        }
        found =
            version() == nil
            ? [] : try TallyFile(contentsOf: checkpoint, limit: 1 << 30).tallies.map(\.shuffles.count)
        let before = version()
        // A name that is still in use is not given again: the old checkpoint keeps its number while it is held.
        let held = FileHandle(forReadingAtPath: checkpoint)
        defer { try? held?.close() }

        let process = Process()
        process.executableURL = URL(fileURLWithPath: try #require(Program.path))
        process.arguments = ["run", "plan.json", "--out", "resumed", "--resume", "--checkpoint-seconds", "0"]
        process.currentDirectoryURL = URL(fileURLWithPath: folder)
        try Data().write(to: URL(fileURLWithPath: folder + "/words.txt"))
        process.standardError = FileHandle(forWritingAtPath: folder + "/words.txt")
        process.standardOutput = FileHandle.nullDevice
        let start = Date()
        try process.run()
        let staging = folder + "/.resumed.partial-\(process.processIdentifier)"
        func hasCome() -> Bool {
            switch moment {
            case .checkpoint: version() != before
            case .writing: (try? manager.contentsOfDirectory(atPath: staging))?.isEmpty == false
            case .seconds(let seconds): -start.timeIntervalSinceNow >= seconds
            case .end: false
            }
        }
        if case .end = moment {
        } else {
            while process.isRunning, !hasCome() { usleep(500) }
            if process.isRunning { kill(process.processIdentifier, SIGKILL) }
        }
        process.waitUntilExit()
        wasKilled = process.terminationReason == .uncaughtSignal && process.terminationStatus == SIGKILL
        words = try String(contentsOfFile: folder + "/words.txt", encoding: .utf8)
    }
}

@Suite("Killed and resumed", .enabled(if: Program.path != nil))
struct ResumeTests {
    @Test(
        "killed after checkpoints, while it writes and at random moments, a resumed run ends with the same bits and leaves nothing behind"
    )
    func kills() throws {
        let cohort = try WideCohort()
        let clock = Date()
        let whole = try Program(["run", "plan.json", "--out", "whole", "--quiet"], in: cohort.folder)
        #expect(whole.status == 0, "\(whole.errors)")
        let seconds = -clock.timeIntervalSinceNow

        var runs: [ResumedRun] = []
        for moment in [Moment.checkpoint, .checkpoint, .checkpoint, .checkpoint, .writing] {
            runs.append(try ResumedRun(in: cohort.folder, killedAt: moment))
        }
        #expect(runs.count { $0.wasKilled } == 5)
        // At random, a run may come to its end.
        var random = SystemRandomNumberGenerator()
        let finished = cohort.folder + "/resumed"
        for moment in (0..<3).map({ _ in Moment.seconds(.random(in: 0...seconds / 2, using: &random)) }) + [
            .end
        ]
        where !FileManager.default.fileExists(atPath: finished) {
            runs.append(try ResumedRun(in: cohort.folder, killedAt: moment))
        }
        #expect(runs.last?.wasKilled == false)

        // What the killed runs left was continued, and lay within a contrast, not only between two.
        #expect(runs[0].found == [])
        for (run, next) in zip(runs, runs.dropFirst()) {
            #expect(next.found.reduce(0, +) >= run.found.reduce(0, +))
        }
        let all = 2 * (WideCohort.shuffles + 1)
        for run in runs.dropFirst() where run.words.contains("covey: continuing") {
            #expect(run.words.contains("continuing after \(run.found.reduce(0, +)) of \(all) shuffles"))
        }
        let unfinished = runs.count {
            (1...WideCohort.shuffles).contains($0.found.last ?? 0) && $0.words.contains("continuing after")
        }
        #expect(unfinished >= 2, "\(runs.map(\.found))")

        #expect(try resultFiles(finished) == resultFiles(cohort.folder + "/whole"))
        let left = try FileManager.default.contentsOfDirectory(atPath: cohort.folder)
        #expect(left.filter { $0.hasPrefix(".resumed") } == [])
        withKnownIssue(
            "a kill inside the writing of a checkpoint leaves Foundation's temporary file, which nothing removes",
            isIntermittent: true
        ) {
            #expect(left.filter { $0.hasPrefix(".dat") } == [])
        }
    }

    @Test(
        "a checkpoint that ends at any shuffle is continued to the same bits, whatever is tested, for contrasts in one pass and one after the other",
        arguments: [NuisanceMethod.freedmanLane, .draperStoneman])
    func everyQuantity(method: NuisanceMethod) throws {
        let cohort = try TemporaryCohort()
        try writeShardPlan(cohort, shuffles: 60)
        var plan = try AnalysisPlan(contentsOf: cohort.folder + "/plan.json")
        plan.data.table = cohort.table
        plan.report = nil
        plan.permutation?.method = method
        try plan.json().write(toFile: cohort.folder + "/plan.json", atomically: true, encoding: .utf8)
        let whole = try Program(["run", "plan.json", "--out", "whole", "--quiet"], in: cohort.folder)
        #expect(whole.status == 0, "\(whole.errors)")
        let prepared = try PreparedAnalysis(plan)
        #expect(
            prepared.tests[0].choice.quantities.count == 6 && prepared.tests[0].choice.boundTemplateSize == 40
        )
        let shared = SharedPermutationTest(prepared.tests)
        #expect((shared == nil) == (method != .freedmanLane))
        let ends: [[Int]] =
            shared == nil ? [[1], [17], [61], [61, 40], [61, 61]] : [[1, 1], [17, 17], [61, 61]]
        for ends in ends {
            let tallies =
                shared?.tallies(of: 0..<ends[0], prepared.observations, checkpoint: { _ in })
                ?? ends.enumerated().map { k, end in
                    prepared.tests[k].tally(of: 0..<end, prepared.observations[k], checkpoint: { _ in })
                }
            let path = cohort.folder + "/.resumed.checkpoint"
            try TallyFile(fingerprint: Fingerprint(prepared), shard: nil, tallies: tallies).write(to: path)
            let run = try Program(["run", "plan.json", "--out", "resumed", "--resume"], in: cohort.folder)
            #expect(
                run.errors.contains("continuing after \(ends.reduce(0, +)) of 122"), "\(run.errors)")
            #expect(try resultFiles(cohort.folder + "/resumed") == resultFiles(cohort.folder + "/whole"))
            #expect(!FileManager.default.fileExists(atPath: path))
            try FileManager.default.removeItem(atPath: cohort.folder + "/resumed")
        }
    }
}
