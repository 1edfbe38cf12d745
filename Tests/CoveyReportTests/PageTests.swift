import Crypto
import Foundation
import Testing

@testable import Covey
@testable import CoveyReport

@Suite("The page")
struct PageTests {
    let cohort: ReportedCohort

    init() throws { cohort = try ReportedCohort.shared.get() }

    private func parts(_ page: String, _ start: String, _ end: String) -> [String] {
        page.components(separatedBy: start).dropFirst().map { $0.components(separatedBy: end)[0] }
    }

    @Test("the report made again from the result folder is the same, byte for byte")
    func again() throws {
        #expect(try AnalysisReport(folder: cohort.results, threads: 1).html == cohort.page)
    }

    @Test("names from users are shown and never run")
    func escaping() throws {
        let page = try cohort.page
        #expect(!page.contains("<script>alert"))
        #expect(page.contains("&lt;/script&gt;&lt;script&gt;alert(&#39;x&#39;)"))
        #expect(escaped("<a href=\"x\">&'\u{1}\u{202E}") == "&lt;a href=&quot;x&quot;&gt;&amp;&#39;")
        // The data stand in a script element: nothing in them may end it.
        let data = parts(page, "id=\"data\">", "</script>")[0]
        #expect(!data.contains("<"))
        #expect(try JSONSerialization.jsonObject(with: Data(data.utf8)) is [String: Any])
    }

    @Test("the policy allows the page's own script and style by their hashes, and no connection")
    func policy() throws {
        let page = try cohort.page
        let policy = parts(page, "Content-Security-Policy\" content=\"", "\"")[0]
        func hash(_ text: String) -> String {
            "sha256-" + Data(SHA256.hash(data: Data(text.utf8))).base64EncodedString()
        }
        #expect(policy.hasPrefix("default-src 'none';"))
        #expect(policy.contains(hash(parts(page, "<style>", "</style>")[0])))
        #expect(policy.contains(hash(parts(page, "<script>", "</script>")[0])))
        #expect(parts(page, "<script>", "</script>").count == 1)
        #expect(!policy.contains("unsafe") && !policy.contains("http"))
        for attribute in [" style=\"", " onclick=", " onload=", "http://", "https://"] {
            // Names of what an SVG file is written in are no connections.
            let without = page.replacing("http://www.w3.org/2000/svg", with: "").replacing(
                "http://www.w3.org/1999/xlink", with: "")
            #expect(!without.contains(attribute), "\(attribute)")
        }
    }

    @Test("every number of the answer is the analysis's")
    func answer() throws {
        let found = cohort.analysis.contrasts[0]
        let content = try ReportedCohort.remade.get().content
        let permutation = try #require(found.permutation)
        let survivors = permutation.voxel.result.familyWiseP.values.count { $0 <= 0.05 }
        #expect(survivors > 0)
        let answer = content.contrasts[0].answer
        #expect(answer.hasPrefix("\(survivors) voxel"))
        #expect(answer.contains("over \(cohort.analysis.fit.testedVoxelCount) voxels"))
        #expect(answer.contains("t(\(cohort.analysis.fit.model.degreesOfFreedom)), two-sided"))
        #expect(answer.contains("by TFCE") && answer.contains("clusters by extent"))
        let clusters = try #require(content.contrasts[0].tables.first { $0.title == "Clusters and peaks" })
        #expect(clusters.rows.count { !$0.isSubordinate } == found.clusters[0].table.clusters.count)
        #expect(content.exclusions.count == 1 && content.exclusions[0].contains("2 subjects"))
        #expect(content.model.identifiers == cohort.analysis.reading.cohort.identifiers)
    }

    @Test("at every mark of the viewer as many voxels are shown as the analysis counted")
    func marks() throws {
        let report = try ReportedCohort.remade.get()
        for (found, contrast) in zip(cohort.analysis.contrasts, report.content.contrasts) {
            let map = contrast.maps[0]
            let shown = try #require(report.images.maps[map.file])
            func count(_ mark: String) throws -> Int {
                let value = try #require(map.marks.first { $0.name.hasPrefix(mark) }).value
                return shown.count { abs($0) >= Double(Float(value)) }
            }
            let permutation = try #require(found.permutation)
            #expect(try count("FWE") == permutation.voxel.survivorCount)
            for finding in found.thresholds where finding.statisticThreshold != nil {
                #expect(
                    try count(finding.correction == .bonferroni ? "Bonf" : "FDR") == finding.survivorCount)
            }
        }
    }

    @Test("methods cite what was used and nothing else")
    func methods() throws {
        let methods = try ReportedCohort.remade.get().content.methods
        let text = methods.paragraphs.joined(separator: " ")
        for name in [
            "Freedman and Lane, 1983", "Smith and Nichols, 2009", "Benjamini and Hochberg, 1995", "seed 1",
            "Rosenblatt et al., 2018", "Goeman et al., 2019", "Hedges, 1981", "Cumming and Finch, 2001",
            "Fisher, 1924", "Schuirmann, 1987", "Lakens, 2017", "Belsley et al., 1980", "Cook, 1977",
        ] {
            #expect(text.contains(name), "\(name)")
        }
        #expect(!text.contains("adaptive"))
        #expect(methods.references.count == 14)
        #expect(methods.references == methods.references.sorted())
    }

    @Test("the page is small enough to be mailed, with the subjects in it")
    func size() throws {
        let page = try cohort.page
        #expect(page.utf8.count < HTMLReport.byteLimit)
        #expect(try ReportedCohort.remade.get().content.subjectValues != nil)
    }

    @Test("what is wrong with a folder is said in one line with the remedy")
    func mistakes() throws {
        func problem(_ folder: String) -> ReportError? {
            do {
                _ = try AnalysisReport(folder: folder)
                return nil
            } catch { return error as? ReportError }
        }
        let copy = cohort.folder + "/changed-\(UUID().uuidString)"
        #expect(problem(copy) == .noFolder(copy))
        try FileManager.default.copyItem(atPath: cohort.results, toPath: copy)
        #expect(problem(copy) == nil)
        let content = copy + "/report/content.json"
        let text = try String(contentsOfFile: content, encoding: .utf8)
        try text.replacingOccurrences(of: "\"version\" : 1", with: "\"version\" : 9")
            .write(toFile: content, atomically: true, encoding: .utf8)
        #expect(problem(copy) == .laterVersion(content, 9))
        try "{}".write(toFile: content, atomically: true, encoding: .utf8)
        #expect(problem(copy) == .unreadable(content))
        try FileManager.default.removeItem(atPath: content)
        #expect(problem(copy) == .noContent(copy))
        #expect(problem(copy)?.remedy.contains("covey run") == true)
        try text.write(toFile: content, atomically: true, encoding: .utf8)
        try "no gzip".write(toFile: copy + "/report/subject-values.gz", atomically: true, encoding: .utf8)
        #expect(problem(copy) == .unreadable(copy + "/report/subject-values.gz"))
        try Volume(
            grid: Grid(shape: [3, 3, 3], affine: Affine([1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0])), repeating: 1
        )
        .write(to: copy + "/mask.nii.gz", ImageContent())
        #expect(problem(copy) == .otherGrid(copy + "/mask.nii.gz"))
    }

    @Test("a wide table shows what is read first, a long one its first clusters, and both keep everything")
    func folding() throws {
        let columns = ["Cluster"] + (1..<20).map { "c\($0)" }
        let rows = (1...30).map { k in
            ReportTable.Row(["\(k)"] + (1..<20).map { "\(k * $0)" }, place: [0, 0, 0])
        }
        let table = ReportTable(
            title: "Clusters", caption: "All", columns: columns, rows: rows, file: "x.tsv",
            chosenColumns: [0, 1, 5])
        let page = try #require(PageElement.page(HTMLReport.placesTable(table, id: "table", 0)))
        #expect(page.all { $0.classes.contains("more") }.count == 17 * 31)
        #expect(page.all { $0.classes.contains("later") }.count == 10)
        #expect(page.all("td").count == 19 * 30)
        let buttons = page.all { $0.classes.contains("fold") }
        #expect(buttons.map(\.text) == ["Show all 20 columns", "Show all 30 clusters"])
        // Without a script nothing is folded and no button stands there.
        #expect(
            buttons.allSatisfy {
                $0.attributes["hidden"] != nil && $0.attributes["aria-controls"] == "table"
            })
        let file = page.all { $0.classes.contains("file") }[0].text
        #expect(file.contains("3 of 20 columns; all are in x.tsv."))
        let narrow = ReportTable(
            title: "Clusters", caption: "All", columns: ["Cluster"],
            rows: rows.prefix(2).map { ReportTable.Row([$0.cells[0]]) })
        #expect(!HTMLReport.placesTable(narrow, id: "table", 0).contains("fold"))
    }

    @Test(
        "however much is asked for, a page shows at most 16 columns first, corrected p and effects among them"
    )
    func columns() {
        let all = [
            "Cluster", "Sign", "Voxels", "mm³", "Mass", "p (extent)", "p (extent, all)", "p (mass)",
            "p (mass, all)",
            "p (RFT cluster)", "q (RFT cluster)", "Active ≥", "% ≥", "x", "y", "z", "Label", "t", "p (unc.)",
            "p (Bonf.)", "q (FDR)", "p (FWE)", "p (FWE, all)", "p (TFCE)", "p (TFCE, all)", "p (RFT peak)",
            "q (RFT peak)", "Effect", "95 % CI", "partial r", "95 % CI of partial r", "Regions",
        ]
        let chosen = (PeakRows.chosen(all) ?? []).map { all[$0] }
        #expect(
            chosen == [
                "Cluster", "Sign", "Voxels", "p (extent)", "p (extent, all)", "x", "y", "z", "Label", "t",
                "p (FWE)",
                "p (FWE, all)", "p (TFCE)", "p (TFCE, all)", "Effect", "95 % CI",
            ])
        // Without shuffles random field theory is no second opinion.
        let field = all.filter { !$0.contains("extent") && !$0.contains("(FWE") && !$0.contains("TFCE") }
        #expect(PeakRows.chosen(field)?.contains(field.firstIndex(of: "p (RFT peak)")!) == true)
        #expect(PeakRows.chosen(Array(all.prefix(16))) == nil)
    }

    @Test("the picture of influence names who carries a peak, and its words say what it shows")
    func influence() throws {
        let model = ReportModel(
            formula: "~ 1", names: ["intercept"], identifiers: ["ann", "bob", "cem"], rowNoun: "subjects",
            matrix: Matrix(rows: [[1], [1], [1]]), varianceInflation: [nil],
            leverage: [1 / 3, 1 / 3, 1 / 3], leverageLimit: 0.999, correlatedNames: [],
            correlations: Matrix(rows: 0, columns: 0), remarks: [])
        let influence = ReportInfluence(
            cooksDistance: [0.1, nil, 0.5],
            peaks: [
                .init(name: "cluster 1", statistic: -5, without: [-6, nil, -3], threshold: 4),
                .init(name: "cluster 2", statistic: 4.5, without: [4.2, 4.6, 5], threshold: 4),
            ], sentences: [], file: "influence.tsv")
        let peaks = try #require(PageElement.page(InfluencePictures.peaks(influence, model))).all("svg")[0]
        #expect(
            peaks.attributes["aria-label"]
                == "t without each subject. Cluster 1: t = −5 with all, −3 without cem; below the threshold 4 "
                + "without cem. Cluster 2: t = 4.5 with all, 4.2 without ann.")
        let points = peaks.all("circle")
        // Nobody without whom the contrast cannot be tested has a point.
        #expect(points.count == 5 && points.count { $0.classes.contains("strong") } == 1)
        let x = points.compactMap { Double($0.attributes["cx"] ?? "") }
        #expect(x == x.sorted() && Set(x).count == 5)
        let cook = try #require(PageElement.page(InfluencePictures.cooksDistance(influence, model)))
            .all("svg")[0]
        #expect(cook.all("circle").count == 2)
        #expect(cook.attributes["aria-label"]?.hasSuffix("The greatest: cem 0.5, ann 0.1.") == true)
    }

    @Test("a summary from before bounds, influence and smoothness is still read")
    func oldSummary() throws {
        let text = """
            {"version":"0.1.0","subjects":3,"identifiers":["a","b","c"],"voxels":8,"testedVoxels":8,"voxelVolume":8,
            "design":["intercept"],"rank":1,"degreesOfFreedom":2,"conditionNumber":1,"varianceInflation":{},
            "contrasts":[{"contrast":"intercept","label":"Intercept","test":"t","degreesOfFreedom":[2],
            "tail":"greater","thresholds":[],"clusters":[]}],"notes":[],"seconds":{},"peakBytes":1,"threads":1}
            """
        let summary = try JSONDecoder().decode(Summary.self, from: Data(text.utf8))
        #expect(summary.contrasts[0].trueDiscoveries.isEmpty && summary.contrasts[0].influence == nil)
        #expect(summary.conditionNumber == 1 && summary.centredConditionNumber == nil)
    }
}
