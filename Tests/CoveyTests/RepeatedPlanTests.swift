import CoveyTestSupport
import Foundation
import Testing

@testable import Covey

/// Pairs of maps on disk, in a long table and as differences, removed with the test.
private final class PairedMaps {
    let folder: String
    let pairs = 7

    init() throws {
        folder = FileManager.default.temporaryDirectory.path + "/covey-test-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        var numbers = TestNumbers(19)
        let grid = Grid(
            shape: [5, 4, 3], affine: Affine([2, 0, 0, -5, 0, 2, 0, -4, 0, 0, 2, -3]), sformCode: 4)
        var long: [[String]] = []
        var short: [[String]] = []
        func write(_ values: [Double], _ name: String) throws {
            try Volume(grid: grid, values: values).write(
                to: "\(folder)/\(name)", ImageContent(datatype: .float64))
        }
        for pair in 0..<pairs {
            let level = 40 * numbers.normal()
            let maps = [0.0, 0.9].map { effect in numbers.normals(grid.count).map { level + effect + $0 } }
            for (k, map) in maps.enumerated() {
                try write(map, "map\(pair)\(k).nii.gz")
                long.append([
                    "sub-\(pair)", "map\(pair)\(k).nii.gz", k == 0 ? "off" : "on", "\(20 + pair)", "1",
                ])
            }
            try write(zip(maps[1], maps[0]).map { $0 - $1 }, "difference\(pair).nii.gz")
            short.append(["sub-\(pair)", "difference\(pair).nii.gz"])
        }
        try save(Table(columns: ["participant_id", "map", "drug", "age", "site"], rows: long), "long.tsv")
        try save(Table(columns: ["participant_id", "map"], rows: short), "differences.tsv")
    }

    deinit { try? FileManager.default.removeItem(atPath: folder) }

    func save(_ table: Table, _ name: String) throws {
        try writeFile(Array(table.tabSeparated.utf8), to: "\(folder)/\(name)")
    }

    func plan(_ table: String, _ formula: String, _ contrast: String) -> AnalysisPlan {
        var plan = AnalysisPlan(
            data: AnalysisPlan.DataSource(table: "\(folder)/\(table)"),
            model: .formula(text: formula, coding: .treatment, centring: .none), contrasts: [contrast],
            tail: .greater)
        plan.mask = .finite
        plan.figures = nil
        plan.permutation = .init(count: 200, exchange: nil, seed: 1)
        return plan
    }

    var paired: AnalysisPlan {
        var plan = plan("long.tsv", "~ drug + age", "drug[on]")
        plan.data.repeated = "participant_id"
        return plan
    }
}

@Suite("Plans with blocks and repeated measures")
struct RepeatedPlanTests {
    @Test("a long table of pairs is the one-sample analysis of the differences, map by map")
    func paired() throws {
        let maps = try PairedMaps()
        let long = try maps.paired.run()
        let short = try maps.plan("differences.tsv", "~ 1", "intercept").run()
        let (a, b) = (long.contrasts[0], short.contrasts[0])
        for (x, y) in zip(a.statistic.values, b.statistic.values) { #expect(abs(x - y) <= 1e-10 * abs(y)) }
        let (p, q) = (try #require(a.permutation), try #require(b.permutation))
        #expect(p.shuffles.isExhaustive && p.shuffles.count == 128 && q.shuffles.count == 128)
        #expect(p.voxel.result.familyWiseExceedances == q.voxel.result.familyWiseExceedances)
        #expect(p.voxel.result.exceedances == q.voxel.result.exceedances)
        #expect(long.design.identifiers?.prefix(3) == ["sub-0#1", "sub-0#2", "sub-1#1"])
        #expect(long.notes.contains { $0.text.contains("7 subjects ('participant_id') with 2 maps each") })
        #expect(SummaryText(long, long.summary).text.contains("14 maps, "))
        let summary = try #require(long.summary.contrasts[0].permutation)
        #expect(summary.smallestPossibleP == 1.0 / 128)
        var both = maps.paired
        both.tail = .twoSided
        #expect(try both.run().summary.contrasts[0].permutation?.smallestPossibleP == 2.0 / 128)
        #expect(summary.distinct == "128" && summary.blocks?.contains("inside each of 7 blocks of 2") == true)
    }

    @Test("signs of single maps and permutations across subjects are refused wherever they come from")
    func broken() throws {
        let maps = try PairedMaps()
        func refusal(_ change: (inout AnalysisPlan) -> Void) -> ExchangeabilityError? {
            var plan = maps.paired
            change(&plan)
            return #expect(throws: ExchangeabilityError.self) { try PreparedAnalysis(plan) }
        }
        for exchange in [ExchangeScheme.flip, .both] {
            #expect(
                refusal {
                    $0.blocks = .columns(try! BlockColumns("within:participant_id"))
                    $0.permutation?.exchange = exchange
                } == .signsWithinSubjects(column: "participant_id"))
        }
        func list(_ lines: [[Int]], _ name: String) throws -> String {
            let text = lines.map { $0.map(String.init).joined(separator: " ") }.joined(separator: "\n")
            try writeFile(Array(text.utf8), to: "\(maps.folder)/\(name)")
            return "\(maps.folder)/\(name)"
        }
        let flips = try list([(0..<14).map { $0 == 3 ? -1 : 1 }], "flips.txt")
        #expect(
            refusal { $0.permutation?.shufflesFrom = flips }
                == .listBreaksSubjects(column: "participant_id", bySigns: true)
        )
        let moves = try list([[2, 1, 0] + Array(3..<14)], "moves.txt")
        #expect(
            refusal { $0.permutation?.shufflesFrom = moves }
                == .listBreaksSubjects(column: "participant_id", bySigns: false))

        // Whole subjects may flip, and maps may change places within a subject.
        var whole = maps.paired
        whole.blocks = .columns(try BlockColumns("whole:participant_id"))
        whole.permutation?.exchange = .flip
        #expect(try PreparedAnalysis(whole).tests[0].shuffles.count == 128)
        var within = maps.paired
        within.permutation?.shufflesFrom = try list([[1, 0] + Array(2..<14)], "within.txt")
        #expect(try PreparedAnalysis(within).tests[0].shuffles.count == 2)
    }

    @Test("what a paired design cannot tell is refused with the reason")
    func refusals() throws {
        let maps = try PairedMaps()
        var between = maps.paired
        between.contrasts = ["age"]
        #expect(throws: ExchangeabilityError.self) { try between.examine() }
        var flips = maps.paired
        flips.permutation?.exchange = .flip
        #expect(throws: ExchangeabilityError.signsWithinSubjects(column: "participant_id")) {
            try flips.examine()
        }
        var across = maps.paired
        across.blocks = .columns(BlockColumns([.init(.within, "drug")]))
        #expect(throws: ExchangeabilityError.blocksAcrossSubjects(column: "participant_id")) {
            try across.examine()
        }
        across.blocks = .columns(BlockColumns([.init(.within, "participant_id")]))
        #expect(try across.examine().doctor.diagnoses[0].distinctShuffles.count == 128)
        flips.blocks = .columns(BlockColumns([.init(.whole, "participant_id")], matching: "drug"))
        let whole = try flips.examine().doctor.diagnoses[0]
        #expect(whole.distinctShuffles.count == 128)
        var pattern = maps.paired
        pattern.data.mapPattern = "\(maps.folder)/map*.nii.gz"
        #expect(throws: ExchangeabilityError.mapsNotByRow(column: "participant_id")) { try pattern.examine() }
        var alone = maps.plan("differences.tsv", "~ 1", "intercept")
        alone.data.repeated = "participant_id"
        #expect(throws: ExchangeabilityError.self) { try alone.examine() }
        var listed = AnalysisPlan(
            data: AnalysisPlan.DataSource(), model: .designTable(path: "\(maps.folder)/d.tsv"),
            contrasts: ["x"], tail: .greater)
        listed.data.mapList = "\(maps.folder)/maps.txt"
        listed.blocks = .columns(BlockColumns([.init(.within, "site")]))
        try writeFile(Array("map00.nii.gz\nmap10.nii.gz\nmap20.nii.gz\n".utf8), to: "\(maps.folder)/maps.txt")
        try writeFile(Array("one\tx\n1\t1\n1\t2\n1\t4\n".utf8), to: "\(maps.folder)/d.tsv")
        #expect(throws: ExchangeabilityError.columnsWithoutTable) { try listed.examine() }
        try writeFile(Array("1\n1\n2\n".utf8), to: "\(maps.folder)/EB.csv")
        listed.blocks = .file(path: "\(maps.folder)/EB.csv", exchange: .within)
        #expect(try listed.examine().doctor.diagnoses[0].distinctShuffles.count == 2)
    }

    @Test("a renamed column is known by its new name, and blocks follow the subjects who are left")
    func columns() throws {
        let maps = try PairedMaps()
        var plan = maps.paired
        plan.data.renamed = ["participant_id": "person"]
        plan.data.repeated = "person"
        #expect(try plan.examine().doctor.diagnoses[0].distinctShuffles.count == 128)

        let cohort = try TemporaryCohort()
        var grouped = cohort.plan
        grouped.contrasts = ["score"]
        grouped.blocks = .columns(BlockColumns([.init(.within, "group")]))
        #expect(try grouped.examine().doctor.diagnoses[0].distinctShuffles.count == 720 * 720)
        try writeFile(
            Array(
                (["participant_id,all,block"] + (0..<12).reversed().map { "\($0),-1,\($0 / 6 + 1)" })
                    .joined(separator: "\n").utf8), to: "\(cohort.folder)/EB.csv")
        grouped.blocks = .file(path: "\(cohort.folder)/EB.csv", exchange: .within)
        let (doctor, _) = try grouped.examine()
        #expect(doctor.blocks?.root.members.map(\.rows) == [[0, 1, 2, 3, 4, 5], [6, 7, 8, 9, 10, 11]])
    }

    @Test("the plan as JSON keeps its blocks; a plan without them is read as before")
    func json() throws {
        let maps = try PairedMaps()
        var plan = maps.paired
        plan.blocks = .file(path: "EB.csv", exchange: .both)
        #expect(try JSONDecoder().decode(AnalysisPlan.self, from: Data(plan.json().utf8)) == plan)
        plan.blocks = .columns(try BlockColumns("within:site,whole:participant_id,match:drug"))
        #expect(try JSONDecoder().decode(AnalysisPlan.self, from: Data(plan.json().utf8)) == plan)
        let plain = maps.plan("long.tsv", "~ drug", "drug[on]")
        #expect(!plain.json().contains("blocks") && !plain.json().contains("repeated"))
    }

    @Test("tallies under other blocks have another fingerprint")
    func fingerprint() throws {
        let cohort = try TemporaryCohort()
        var plan = cohort.plan
        plan.contrasts = ["score"]
        let file = "\(cohort.folder)/EB.csv"
        plan.blocks = .file(path: file, exchange: .within)
        func fingerprint(_ block: (Int) -> Int) throws -> Fingerprint {
            try writeFile(Array((0..<12).map { "\(block($0))\n" }.joined().utf8), to: file)
            return Fingerprint(try PreparedAnalysis(plan))
        }
        let halves = try fingerprint { $0 / 6 + 1 }
        #expect(try fingerprint { $0 / 6 + 5 } == halves)
        #expect(try fingerprint { $0 % 2 + 1 }.differences(from: halves) == ["shuffles"])
    }

    @Test(
        "the doctor writes a group file for randomise and says what it means",
        .enabled(if: Program.path != nil))
    func groupFile() throws {
        let maps = try PairedMaps()
        let doctor = try Program(
            [
                "doctor", "long.tsv", "--repeated", "participant_id", "--model", "~ drug", "--contrast",
                "drug[on]",
                "--n-perm", "500", "--write-groups", "design.grp",
            ], in: maps.folder)
        #expect(doctor.status == 0, "\(doctor.errors)")
        #expect(doctor.output.contains("wrote 'design.grp', for randomise -e design.grp"))
        #expect(doctor.output.contains("change places inside each of 7 blocks of 2 (within:participant_id)"))
        #expect(doctor.output.contains("Distinct shuffles: 128; all of them are used once"))
        let text = try String(contentsOfFile: maps.folder + "/design.grp", encoding: .utf8)
        #expect(text.hasPrefix("/NumWaves\t1\n/NumPoints\t14\n\n/Matrix\n1\n1\n2\n2\n"))
        let again = try Program(
            [
                "doctor", "differences.tsv", "--model", "~ 1", "--contrast", "intercept", "--blocks-file",
                "design.grp",
            ], in: maps.folder)
        #expect(again.status != 0 && again.errors.contains("has 14 rows for 7 rows of the table"))
        let bad = try Program(
            [
                "doctor", "long.tsv", "--model", "~ drug", "--contrast", "drug[on]", "--blocks",
                "inside:site",
            ], in: maps.folder)
        #expect(bad.status == 64 && bad.errors.contains("'inside:site' is not within:COLUMN"))
    }
}
