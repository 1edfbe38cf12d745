import CoveyTestSupport
import Foundation
import Testing

@testable import Covey

@Suite("Maps of which no voxel is in all")
struct NoCommonVoxelTests {
    static let count = 9
    static let grid = Grid(
        shape: [9, 5, 4], affine: Affine([-2, 0, 0, 8, 0, 2, 0, -4, 0, 0, 2, -3]), sformCode: 4)

    /// Map k has no value in slab k, and all others have.
    static func cohort() throws -> PreflightTests.Cohort {
        let cohort = try PreflightTests.Cohort()
        var numbers = TestNumbers(7)
        for k in 0..<count {
            var values = numbers.normals(grid.count).map { $0 + 0.5 }
            for i in values.indices where i % 9 == k { values[i] = .nan }
            try Volume(grid: grid, values: values).write(
                to: "\(cohort.folder)/m\(k).nii.gz", ImageContent(datatype: .float64))
        }
        try cohort.write((0..<count).map { "sub-\($0)\tm\($0).nii.gz\t\($0 * $0 % 7)\ta" })
        return cohort
    }

    static func plan(_ table: String) -> AnalysisPlan {
        var plan = AnalysisPlan(
            data: .init(table: table), model: .formula(text: "~ score", coding: .treatment, centring: .none),
            contrasts: ["score"], tail: .twoSided)
        plan.figures = nil
        return plan
    }

    @Test("voxels are tested with the subjects present, as if the others had never been in the table")
    func tested() throws {
        let cohort = try Self.cohort()
        var plan = Self.plan(cohort.table)
        plan.variant = .missingData(minimumSubjects: 8)
        let analysis = try plan.run()
        let found = try #require(analysis.contrasts.first?.variant)
        #expect(found.mask.count == Self.grid.count && analysis.reading.cohort.mask.count == 0)
        let values = try #require(found.maps.first { $0.name == "t" }).values
        for left in [0, 4] {
            try cohort.write(
                (0..<Self.count).filter { $0 != left }.map { "sub-\($0)\tm\($0).nii.gz\t\($0 * $0 % 7)\ta" })
            let without = try Self.plan(cohort.table).run()
            let t = without.fit.statistic(try #require(without.contrasts.first).partition)
            let offsets = without.fit.mask.offsets
            #expect(offsets.allSatisfy { $0 % 9 == left } && offsets.count == 20)
            for (value, offset) in zip(t.values, offsets) {
                #expect(abs(value - values[Int(offset)]) < 1e-12 * max(1, abs(value)))
            }
        }
        #expect(analysis.notes.contains { $0.text.contains("8 of 9 subjects") })
        let report = try AnalysisReport(analysis)
        #expect(report.content.mapComparison == nil && !report.html.isEmpty)
        #expect(report.content.methods.paragraphs[0].contains("those with a value in at least 8 maps"))
    }

    @Test("more subjects than any voxel has are refused, with what there is")
    func refused() throws {
        let cohort = try Self.cohort()
        var plan = Self.plan(cohort.table)
        plan.variant = .missingData(minimumSubjects: 9)
        #expect(throws: ImagingError.noCommonVoxel(maps: 9, most: 8, least: 9)) { try plan.run() }
        plan.variant = nil
        #expect(throws: ImagingError.noCommonVoxel(maps: 9, most: 8)) { try plan.run() }
        #expect(try cohort.page().problems.count == 1)
        #expect(try cohort.page { $0.minimumSubjects = 8 }.problems.isEmpty)
    }
}

@Suite("What a pre-flight tells of maps without a table, and of those in a report")
struct PreflightMapsTests {
    @Test("maps alone are compared: files, a folder, a pattern and the volumes of one image")
    func withoutTable() throws {
        let cohort = try PreflightTests.Cohort { k, values in if k == 5 { values = values.map { -$0 } } }
        let expected = try cohort.page()
        let files = (1...14).map { "\(cohort.folder)/sub-\($0)_map.nii.gz" }
        var pattern = PreflightQuestion(data: .init(table: nil))
        pattern.data.mapPattern = cohort.folder + "/*.nii.gz"
        for question in [
            try PreflightQuestion(files: files), try PreflightQuestion(files: [cohort.folder]), pattern,
        ] {
            let page = try Preflight(question).page
            #expect(page.problems.isEmpty && page.extraFiles.isEmpty && page.takingPart.count == 14)
            let odd = page.subjects.filter { !$0.suspicions.isEmpty }
            #expect(odd.map(\.identifier) == ["sub-5"] && odd[0].suspicions[0].contains("sign flipped?"))
            for subject in page.subjects {
                let same = try #require(expected.subjects.first { $0.identifier == subject.identifier })
                #expect(
                    abs((subject.comparison?.correlation ?? 9) - (same.comparison?.correlation ?? 0)) < 1e-12)
            }
        }
        #expect(throws: PlanError.noMapsIn("/")) { try PreflightQuestion(files: ["/"]) }
        #expect(throws: PlanError.noMaps) { try Preflight(PreflightQuestion(data: .init(table: nil))) }
    }

    @Test("files are told apart by sub-XX, else by the last part of their paths that differs")
    func names() {
        #expect(PreflightQuestion.names(of: ["a/sub-01_x.nii", "a/sub-02_x.nii"]) == ["sub-01", "sub-02"])
        #expect(PreflightQuestion.names(of: ["s1/con_0001.nii", "s2/con_0001.nii"]) == ["s1", "s2"])
        #expect(PreflightQuestion.names(of: ["a/x.nii.gz", "b/y.IMG"]) == ["x", "y"])
        #expect(PreflightQuestion.names(of: ["a/b/x.nii", "c/b/x.nii", "a/d/x.nii"]).count == 3)
    }

    @Test("a report tells of each map what the pre-flight tells, and who should be looked at")
    func report() throws {
        let cohort = try PreflightTests.Cohort { k, values in
            if k == 5 { values = values.map { -$0 } }
            if k == 9 { values = values.map { 100 * $0 } }
        }
        let page = try cohort.page()
        let analysis = try NoCommonVoxelTests.plan(cohort.table).run()
        let content = try AnalysisReport(analysis).content
        let rows = try #require(content.mapComparison).rows
        #expect(rows.count == 14)
        for (row, subject) in zip(rows, page.subjects) {
            let comparison = try #require(subject.comparison)
            #expect(row.cells[0] == subject.identifier)
            #expect(row.cells[3] == minus(fixed(try #require(comparison.correlation), decimals: 3)))
            #expect(row.cells[6] == minus(fixed(try #require(comparison.levelScore), decimals: 1)))
        }
        #expect(
            content.looks
                == page.subjects.flatMap { s in s.suspicions.map { "\(s.identifier): \($0)" } })
        #expect(content.looks?.count == 2)
        let html = try AnalysisReport(analysis).html
        #expect(html.contains("Each map among the others") && html.contains("sign flipped?"))
    }

    @Test("what maps lack is counted before they are smoothed")
    func losses() throws {
        let cohort = try PreflightTests.Cohort { k, values in
            if k == 4 { for i in 0..<50 { values[i] = .nan } }
            if k == 6 { for i in 40..<60 { values[i] = .nan } }
        }
        var plan = NoCommonVoxelTests.plan(cohort.table)
        plan.smoothing = .init(fwhmMillimeters: [4, 4, 4])
        for variant in [nil, AnalysisPlan.StatisticVariant.missingData(minimumSubjects: 12)] {
            plan.variant = variant
            let losses = try plan.run().reading.losses
            #expect(losses[3].lostShare == 50 / 384.0 && losses[3].soleLossCount == 40)
            #expect(losses[5].lostCount == 20 && losses[5].soleLossCount == 10 && losses[0].lostCount == 0)
        }
    }

    @Test("the terms and citations of a public data set stand in the methods and among the notes")
    func dataSet() throws {
        let cohort = try PreflightTests.Cohort()
        let card = """
            {"Name": "A set <b>", "Contrast": "x > y", "ContrastLabel": "XY", "License": "CC0 (public domain).",
             "ReferencesAndLinks": ["Somebody (2001). Something."], "SourceDatasetURL": "https://example.org",
             "Cautions": ["subjects have several maps"]}
            """
        try writeFile(Array(card.utf8), to: DataSetCard.path(besideTable: cohort.table))
        let analysis = try NoCommonVoxelTests.plan(cohort.table).run()
        #expect(analysis.notes.contains(.warning("subjects have several maps")))
        let report = try AnalysisReport(analysis)
        let methods = report.content.methods
        #expect(methods.paragraphs[0].contains("A set <b>") && methods.paragraphs[0].contains("CC0"))
        #expect(methods.references.contains("Somebody (2001). Something."))
        #expect(report.html.contains("A set &lt;b&gt;") && !report.html.contains("A set <b>"))
    }
}
