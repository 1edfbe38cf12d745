import CoveyTestSupport
import Foundation
import Testing

@testable import Covey

@Suite("The pre-flight")
struct PreflightTests {
    /// 14 maps of one pattern under noise on 8 x 8 x 6 voxels, and a table of them.
    final class Cohort {
        let folder = FileManager.default.temporaryDirectory.path + "/covey-preflight-\(UUID().uuidString)"
        var table: String { folder + "/participants.tsv" }
        static let grid = Grid(
            shape: [8, 8, 6], affine: Affine([-2, 0, 0, 7, 0, 2, 0, -7, 0, 0, 2, -5]), sformCode: 4)

        init(_ harm: (Int, inout [Double]) -> Void = { _, _ in }) throws {
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
            var numbers = TestNumbers(21)
            let pattern = numbers.normals(Self.grid.count)
            for k in 1...14 {
                var values = zip(pattern, numbers.normals(Self.grid.count)).map { $0 + $1 }
                harm(k, &values)
                try Volume(grid: Self.grid, values: values).write(
                    to: "\(folder)/sub-\(k)_map.nii.gz", ImageContent(datatype: .float64))
            }
            try write(
                (1...14).map { "sub-\($0)\tsub-\($0)_map.nii.gz\t\($0 * $0 % 7)\t\($0 % 2 == 0 ? "a" : "b")" }
            )
        }

        deinit { try? FileManager.default.removeItem(atPath: folder) }

        func write(_ rows: [String]) throws {
            let text = "participant_id\tmap\tscore\tgroup\n" + rows.joined(separator: "\n") + "\n"
            try writeFile(Array(text.utf8), to: table)
        }

        func page(_ change: (inout PreflightQuestion) -> Void = { _ in }) throws -> PreflightPage {
            var question = PreflightQuestion(data: .init(table: table))
            change(&question)
            return try Preflight(question, threads: 2).page
        }
    }

    @Test("a sound cohort: everyone takes part, nothing to look at, columns told")
    func sound() throws {
        let page = try Cohort().page()
        #expect(page.problems.isEmpty && page.takingPart.count == 14 && page.comparedVoxels == 384)
        #expect(page.subjects.allSatisfy { $0.suspicions.isEmpty && $0.comparison?.lostShare == 0 })
        #expect(page.columns.map(\.content) == ["numbers from 0 to 4, 4 distinct", "2 levels: a (7), b (7)"])
        #expect(page.verdict == "nothing that an analysis would refuse, nothing to look at")
        let decoded = try JSONDecoder().decode(PreflightPage.self, from: Data(page.json().utf8))
        #expect(decoded == page)
        #expect(page.table.rows.count == 14)
    }

    @Test("flipped, unscaled and exchanged maps show at once")
    func harms() throws {
        let cohort = try Cohort { k, values in
            if k == 5 { values = values.map { -$0 } }
            if k == 9 { values = values.map { 100 * $0 } }
        }
        var rows = (1...14).map { "sub-\($0)\tsub-\($0)_map.nii.gz\t1\ta" }
        (rows[1], rows[2]) = ("sub-2\tsub-3_map.nii.gz\t1\ta", "sub-3\tsub-2_map.nii.gz\t1\ta")
        try cohort.write(rows)
        let page = try cohort.page()
        let odd = Dictionary(
            uniqueKeysWithValues: page.subjects.filter { !$0.suspicions.isEmpty }.map {
                ($0.identifier, $0.suspicions.joined())
            })
        #expect(Set(odd.keys) == ["sub-2", "sub-3", "sub-5", "sub-9"])
        #expect(odd["sub-5"]?.contains("sign flipped?") == true)
        #expect(odd["sub-9"]?.contains("not scaled") == true)
        #expect(odd["sub-2"]?.contains("names 'sub-3'") == true)
        // An analysis of the same table says it too.
        var plan = AnalysisPlan(
            data: .init(table: cohort.table),
            model: .formula(text: "~ 1", coding: .treatment, centring: .none),
            contrasts: ["intercept"], tail: .twoSided)
        plan.figures = nil
        let notes = try plan.run().notes.map(\.text)
        #expect(notes.contains { $0.contains("the map of 'sub-2' bears the name of 'sub-3'") })
    }

    @Test("lost voxels: whose, how many, and what --min-subjects would keep")
    func losses() throws {
        let cohort = try Cohort { k, values in
            if k == 4 { for i in 0..<50 { values[i] = .nan } }
            if k == 6 { for i in 40..<60 { values[i] = .nan } }
        }
        var question = PreflightQuestion(data: .init(table: cohort.table))
        question.minimumSubjects = 13
        let found = try Preflight(question)
        let page = found.page
        #expect(page.voxelCounts[14] == 324 && page.voxelCounts[13] == 374 && page.voxelCounts[12] == 384)
        #expect(
            page.subjects[3].comparison?.soleLossVoxels == 40
                && page.subjects[5].comparison?.soleLossVoxels == 10)
        #expect(page.subjects[3].comparison?.lostShare == 50 / 384.0)
        let text = page.lines.joined(separator: "\n")
        #expect(text.contains("374 in at least 13 (+50), as asked for"))
        #expect(text.contains("lost through one map alone: 40 by sub-4, 10 by sub-6"))
        let (counts, lost) = (try #require(found.mapCounts), try #require(found.lossCounts))
        let expected = (0..<384).map { $0 < 40 ? 13.0 : $0 < 50 ? 12 : $0 < 60 ? 13 : 14 }
        #expect(counts.values == expected)
        #expect(zip(counts.values, lost.values).allSatisfy { $0 + $1 == 14 })
        let folder = try ResultFolder(cohort.folder + "/page", overwrites: false)
        try found.write(into: folder)
        try folder.commit()
        let image = try ImageFile.readVolume(cohort.folder + "/page/desc-lost_statmap.nii.gz")
        #expect(image.values == lost.values)
        #expect(try Table.read(cohort.folder + "/page/preflight.tsv").table.rows.count == 14)
    }

    @Test("who is missing, extra, double or dropped is named, all at once")
    func joins() throws {
        let cohort = try Cohort()
        try cohort.write(
            (1...12).map {
                "sub-\($0)\t\($0 == 3 ? "n/a" : "sub-\($0)_map.nii.gz")\t\($0 == 5 ? "" : "1.5")\t\($0 % 2 == 0 ? "a" : "n/a")"
            })
        let loose = try cohort.page()
        #expect(
            loose.extraFiles.map { ($0 as NSString).lastPathComponent } == [
                "sub-13_map.nii.gz", "sub-14_map.nii.gz", "sub-3_map.nii.gz",
            ])
        #expect(loose.problems == ["1 without a map: sub-3"])
        let strict = try cohort.page { $0.formula = "~ score + group" }
        #expect(
            strict.problems.count == 3 && strict.problems[0].contains("1 without a value of 'score': sub-5"))
        let dropped = try cohort.page {
            $0.formula = "~ score + group"
            $0.data.dropsMissing = true
        }
        #expect(
            dropped.takingPart.map(\.identifier) == ["sub-2", "sub-4", "sub-6", "sub-8", "sub-10", "sub-12"])
        #expect(dropped.subjects[4].leftOutFor == ["score", "group"])
        let pattern = try cohort.page { $0.data.mapPattern = cohort.folder + "/sub-*_map.nii.gz" }
        #expect(
            pattern.problems.count == 1
                && pattern.problems[0].contains("2 maps of subjects who are not in the table"))
        try cohort.write([
            "sub-1\tsub-1_map.nii.gz\t1\ta", "1\tsub-2_map.nii.gz\t1\ta", "sub-2\tx\t2\tb", "02\ty\t3\tb",
            "2\tz\t1\ta",
        ])
        let double = try cohort.page()
        #expect(double.duplicates.map(\.lines) == [[2, 3], [4, 6]] && double.problems.count == 1)
    }

    @Test("rows of subjects who recur are told apart, and each map is held against its subject's name")
    func repeated() throws {
        let cohort = try Cohort()
        try cohort.write(
            (1...14).map {
                "sub-\(($0 + 1) / 2 * 2)\tsub-\($0)_map.nii.gz\t\($0)\t\($0 % 2 == 0 ? "a" : "b")"
            })
        let page = try cohort.page { $0.data.repeated = "participant_id" }
        #expect(page.problems.isEmpty && page.takingPart.count == 14)
        #expect(page.subjects.prefix(3).map(\.identifier) == ["sub-2#1", "sub-2#2", "sub-4#1"])
        // The odd maps name subjects who are not in the table.
        #expect(page.subjects.map { $0.suspicions.count } == (0..<14).map { 1 - $0 % 2 })
        #expect(try cohort.page().duplicates.count == 7)
    }

    @Test("unreadable maps, odd grids and columns of dates are problems of the page, not its end")
    func problems() throws {
        let cohort = try Cohort()
        try writeFile([1, 2, 3], to: cohort.folder + "/sub-7_map.nii.gz")
        try Volume(grid: Grid(shape: [4, 4, 4], affine: Cohort.grid.affine), repeating: 1).write(
            to: cohort.folder + "/sub-8_map.nii.gz", ImageContent())
        try cohort.write((1...15).map { "sub-\($0)\tsub-\($0)_map.nii.gz\t2024-01-\($0 + 9)\t'\($0)" })
        let page = try cohort.page { $0.formula = "~ score + group" }
        let text = page.problems.joined(separator: "\n")
        for word in ["sub-7_map", "sub-8_map", "sub-15_map", "holds dates", "stored as text"] {
            #expect(text.contains(word), "\(word): \(text)")
        }
        #expect(page.subjects[0].comparison != nil && page.subjects[6].comparison == nil)
    }

    @Test("a map without any value is a problem with a place on the page, in text, table and JSON")
    func nothingThere() throws {
        let cohort = try Cohort { k, values in
            if k == 2 { values = values.map { _ in .nan } }
            if k == 3 { values = values.indices.map { $0 == 0 ? 1 : .nan } }
        }
        let page = try cohort.page()
        #expect(page.problems.contains { $0.contains("sub-2_map") })
        #expect(page.subjects[1].comparison?.level == nil && page.subjects[1].comparison?.lostShare == 1)
        #expect(page.subjects[2].comparison?.level == 1 && page.subjects[2].comparison?.spread == nil)
        #expect(page.json().contains("\"lostShare\" : 1") && page.table.rows[1][7] == "n/a")
        #expect(page.lines.contains { $0.contains("sub-2 ") && $0.contains("100.00") })
    }
}

@Suite("The check command", .enabled(if: Program.path != nil))
struct PreflightCommandTests {
    @Test("the page goes to standard output; problems make the status 1")
    func status() throws {
        let cohort = try PreflightTests.Cohort()
        let good = try Program(
            ["check", "participants.tsv", "--model", "~ score", "--out", "page"], in: cohort.folder)
        #expect(good.status == 0 && good.errors.isEmpty && good.output.contains("14 take part"))
        #expect(FileManager.default.fileExists(atPath: cohort.folder + "/page/preflight.json"))
        try FileManager.default.removeItem(atPath: cohort.folder + "/sub-3_map.nii.gz")
        let bad = try Program(["check", "participants.tsv"], in: cohort.folder)
        #expect(bad.status == 1 && bad.output.contains("sub-3_map.nii.gz"))
        #expect(bad.errors.hasPrefix("covey: error: the pre-flight found a problem"))
        #expect(try Program(["check", "nowhere.tsv"], in: cohort.folder).status == 1)
    }
}
