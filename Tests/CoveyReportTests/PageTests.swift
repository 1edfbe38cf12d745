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
            let without = page.replacingOccurrences(of: "http://www.w3.org/2000/svg", with: "")
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
        #expect(
            content.contrasts[0].tables[0].rows.filter { !$0.isSubordinate }.count
                == found.clusters[0].table.clusters.count)
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
}
