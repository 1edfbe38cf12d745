import CoveyTestSupport
import Foundation
import Testing

@testable import Covey
@testable import CoveyReport

/// Every number of the page is held against the files of the run, and a changed one is caught.
@Suite("The page is traced to the run")
struct ReportTraceTests {
    let cohort: ReportedCohort

    init() throws { cohort = try ReportedCohort.shared.get() }

    @Test("every number, cell, map, subject and picture of a page has its source in the result folder")
    func whole() throws {
        let trace = try ReportTrace(page: cohort.page, folder: cohort.results)
        #expect(trace.isWhole, "\(trace.text)")
        #expect(trace.numbers > 300 && trace.cells > 200 && trace.pictures >= 10, "\(trace.text)")
        let analysis = cohort.analysis
        let maps = try ReportedCohort.remade.get().content.contrasts.reduce(0) { $0 + $1.maps.count }
        #expect(trace.maps == maps && trace.voxels == maps * analysis.contrasts[0].tested.mask.count)
        #expect(trace.subjectValues > 400 * 22)
        // Each answer stands twice; some figures say whether their threshold is reached.
        #expect(trace.claims >= 2 * analysis.contrasts.count + 2)
        #expect(trace.phrases > 80, "\(trace.text)")
    }

    @Test("of changed digits in sentences 98 in 100 are caught")
    func changes() throws {
        let (root, sources, viewer, content) = try ReportTrace.read(cohort.page, cohort.results)
        var trace = ReportTrace()
        let viewed = try trace.traceViewer(viewer, TraceBlocks(root), sources, content)
        let prose = TraceProse(sources, viewed)
        var (changed, caught) = (0, 0)
        var missed: [String] = []
        for (part, contrast) in ReportTrace.parts(root) {
            for sentence in Set(TraceProse.sentences(in: part).map(\.text)).sorted() {
                let isVerbatim = TraceProse.sentences(in: part).contains {
                    $0.text == sentence && $0.isVerbatim
                }
                let text = sentence.replacingOccurrences(of: "\u{2212}", with: "-")
                // Every second one, for time.
                for (k, number) in PrintedNumber.all(in: text).enumerated()
                where k % 2 == sentence.utf8.count % 2 {
                    // Years of citations are no numbers of the run.
                    guard let digit = number.text.last?.wholeNumberValue,
                        number.text.count < 4 || number.text.contains(".")
                    else { continue }
                    let other = number.text.dropLast() + "\((digit + 3) % 10)"
                    let whole = number.before + number.text + number.after
                    let wrong = text.replacingOccurrences(
                        of: whole, with: number.before + other + number.after)
                    var again = prose
                    if isVerbatim { again.readVerbatim(wrong) }
                    if !isVerbatim || contrast != nil { again.read(wrong, contrast: contrast) }
                    changed += 1
                    if again.findings.isEmpty {
                        missed.append("\(number.before.suffix(20))[\(other)]\(number.after.prefix(12))")
                    } else {
                        caught += 1
                    }
                }
            }
        }
        #expect(changed > 200)
        #expect(Double(caught) > 0.98 * Double(changed), "\(missed)")
    }

    @Test("a changed cell, voxel, point, picture, subject or file is caught")
    func tampering() throws {
        var page = try cohort.page
        func change(_ old: String, _ new: String) throws {
            let range = try #require(page.range(of: old))
            page.replaceSubrange(range, with: new)
        }
        let content = try ReportedCohort.remade.get().content
        // A cell of the first table of clusters: its t.
        let table = content.contrasts[0].tables[0]
        let cell = table.rows[0].cells[try #require(table.columns.firstIndex(of: "t"))]
        let start = try #require(page.range(of: "<tbody><tr><th scope=\"row\"><button"))
        let place = try #require(page.range(of: ">\(cell)<", range: start.upperBound..<page.endIndex))
        page.replaceSubrange(place, with: ">\(cell.dropLast())\(cell.hasSuffix("1") ? 2 : 1)<")
        // Two maps change places, and the subjects with them.
        let (data, blocks) = (try ReportTrace.read(page, cohort.results).viewer, "id=\"block-")
        let maps = data.contrasts[0].maps
        let (first, second) = (try #require(maps[1].block), try #require(maps[2].block))
        try change("\(blocks)\(first)\"", "id=\"other\"")
        try change("\(blocks)\(second)\"", "\(blocks)\(first)\"")
        try change("id=\"other\"", "\(blocks)\(second)\"")
        let value = data.contrasts[0].places[0].values[3]
        try change("\(shortest(value)),", "\(shortest(value + 1)),")
        // The image behind the maps lies 4 mm off.
        let behind = try #require(data.background)
        try change(
            "\"origin\":[\(behind.origin.map { shortest($0) }.joined(separator: ","))]",
            "\"origin\":[\((behind.origin.map { shortest($0 + 4) }).joined(separator: ","))]")
        try change("<circle cx=\"1", "<circle cx=\"2")
        try change("src=\"data:image/svg+xml,%3C?xml", "src=\"data:image/svg+xml,%3C?XML")
        let found = try ReportTrace(page: page, folder: cohort.results).findings.map(\.description)
        for part in [
            "column t of row", "the viewer's map", "the values at the peak", "the plot", "the figure",
            "the image behind the maps",
        ] {
            #expect(found.contains { $0.contains(part) }, "\(part) in \(found)")
        }

        let copy = cohort.folder + "/tampered-\(UUID().uuidString)"
        try FileManager.default.copyItem(atPath: cohort.results, toPath: copy)
        let file = copy + "/summary.json"
        let text = try String(contentsOfFile: file, encoding: .utf8)
        let survivors = try #require(cohort.analysis.contrasts[0].permutation).voxel.survivorCount
        try text.replacingOccurrences(
            of: "\"survivors\" : \(survivors),", with: "\"survivors\" : 1\(survivors),"
        )
        .write(toFile: file, atomically: true, encoding: .utf8)
        let changed = try ReportTrace(page: cohort.page, folder: copy)
        #expect(changed.findings.contains { $0.what == "\(survivors)" }, "\(changed.text)")
    }

    @Test("a smaller page keeps the subjects where something may be, and says so", arguments: [true, false])
    func smaller(hasRoom: Bool) throws {
        let page = try cohort.page
        let subjects = try #require(ReportedCohort.remade.get().images.subjectValues).count * 4 / 3
        // A tenth of what they take, but for the maps of other scales that are left out for them.
        let limit = hasRoom ? page.utf8.count - subjects * 9 / 10 : page.utf8.count / 3
        let report = try AnalysisReport(cohort.analysis, byteLimit: limit)
        #expect(report.html.utf8.count <= limit || !hasRoom, "\(report.html.utf8.count) of \(limit)")
        let values = report.content.subjectValues
        #expect(hasRoom ? values?.level != nil && values?.voxels != nil : values == nil)
        #expect(
            report.content.notes.contains { $0.text.hasPrefix("subjects' values left out of the report") })
        let copy = cohort.folder + "/smaller-\(UUID().uuidString)"
        try FileManager.default.copyItem(atPath: cohort.results, toPath: copy)
        try encoded(StoredReport(content: report.content, grid: report.images.mask.grid))
            .write(toFile: copy + "/report/content.json", atomically: true, encoding: .utf8)
        for (file, bytes) in [
            (values?.file, report.images.subjectValues), (values?.voxels, report.images.subjectVoxels),
        ] {
            if let file, let bytes { try Data(bytes).write(to: URL(filePath: copy + "/" + file)) }
        }
        let trace = try ReportTrace(page: report.html, folder: copy)
        #expect(trace.isWhole, "\(trace.text)")
    }

    @Test("a claim in words that the run does not bear out is caught")
    func claims() throws {
        let page = try cohort.page
        let answer = try ReportedCohort.remade.get().content.contrasts[0].answer
        let start = try #require(answer.range(of: " survive "))
        let denied = "Nothing survives " + answer[start.upperBound...]
        let partly = answer.replacingOccurrences(
            of: "; the strongest", with: ", and nothing by TFCE; the strongest")
        let wrongs: [(String, String)] = [
            (page.replacingOccurrences(of: answer, with: denied), "something survives in summary.json"),
            (page.replacingOccurrences(of: answer, with: partly), "by TFCE something survives"),
        ]
        for (wrong, words) in wrongs {
            #expect(wrong != page)
            let found = try ReportTrace(page: wrong, folder: cohort.results).findings.map(\.description)
            #expect(found.contains { $0.contains(words) }, "\(words) in \(found)")
        }
    }

    @Test("words of another analysis are caught, and works cited or listed alone")
    func words() throws {
        let whole = try cohort.page
        let sources = try ReportTrace.read(whole, cohort.results).sources
        // Without maps, scripts and pictures.
        let main =
            try #require(whole.range(of: "<main"))
            .lowerBound..<#require(whole.range(of: "</main>")).upperBound
        let page = String(whole[main]).replacing(/data:image[^"]*/, with: "")
        let reference = try #require(page.range(of: "<li class=\"reference\">Winkler"))
        let end = try #require(page.range(of: "</li>", range: reference.upperBound..<page.endIndex))
        var unlisted = page
        unlisted.removeSubrange(reference.lowerBound..<end.upperBound)
        func said(_ old: String, _ new: String) -> String { page.replacingOccurrences(of: old, with: new) }
        let wrongs: [(String, String)] = [
            (
                said("residuals of the nuisance regressors", "the data"),
                "“the data shuffled”: it stands there 1"
            ),
            (said("labels permuted", "signs flipped"), "“labels permuted”: it stands there 0"),
            (said(", two-sided t test", ", one-sided t test, less"), "“one-sided t test, less)”"),
            (said("two-sided)", "one-sided (less))"), "“, one-sided (less)”: it stands there"),
            (
                said("subjects were used. Left out:", "subjects were used; none was left out:"),
                "“none was left out”"
            ),
            (said("There was no correction over contrasts.", ""), "“there was no correction over contrasts”"),
            (said(" (Phipson and Smyth, 2010)", ""), "it is listed and not cited"),
            (unlisted, "Winkler, 2014: it is cited and not listed"),
        ]
        for (wrong, words) in wrongs {
            #expect(wrong != page, "\(words)")
            let root = try #require(PageElement.page(wrong))
            var trace = TraceWords(sources)
            for (part, contrast) in ReportTrace.parts(root) { trace.read(part, contrast: contrast) }
            let found = trace.findings.map(\.description)
            #expect(found.contains { $0.contains(words) }, "\(words) in \(found)")
        }
    }

    /// Other tests than those of the shared cohort.
    enum Kind: String, CaseIterable {
        case f, nothing, described, pseudoT, groups, gaps, voxelwise, everything, together
    }

    @Test("pages of every kind of test are traced whole", arguments: Kind.allCases)
    func kinds(kind: Kind) throws {
        var plan = ReportedCohort.plan(cohort.folder)
        plan.smoothing = nil
        plan.thresholds = .init()
        plan.permutation?.count = 19
        plan.permutation?.comparison = nil
        plan.contrasts = ["fluency"]
        switch kind {
        case .f:
            plan.model = .formula(text: "~ fluency + group", coding: .treatment, centring: .none)
            plan.contrasts = ["F:group", "fluency"]
            plan.thresholds.uncorrected = 0.01
        case .nothing:
            plan.permutation = nil
            plan.thresholds.bonferroni = 1e-9
            plan.tail = .greater
        case .described:
            plan.permutation = nil
        case .pseudoT:
            plan.variant = .smoothedVariance(fwhmMillimeters: 10)
        case .groups:
            plan.model = .formula(text: "~ group", coding: .treatment, centring: .none)
            plan.contrasts = ["group[trained]"]
            plan.variant = .varianceGroups(column: "group")
        case .gaps:
            plan.variant = .missingData(minimumSubjects: 18)
        case .everything:
            plan.contrasts = ["fluency", "intercept"]
            plan.thresholds.falseDiscoveryRate = 0.05
            plan.thresholds.bonferroni = 0.05
            plan.randomField = .init(alpha: 0.05)
            plan.permutation?.exchange = .flip
            plan.permutation?.comparison = .init()
            plan.permutation?.comparison?.tfce = TFCE()
            plan.permutation?.comparison?.formingThresholds = [.p(0.001), .p(0.01)]
        case .together:
            plan.contrasts = ["fluency", "-fluency"]
            plan.permutation?.correctsAcrossContrasts = true
            plan.permutation?.comparison = .init()
            plan.permutation?.comparison?.tfce = TFCE()
            plan.permutation?.comparison?.formingThresholds = [.p(0.01)]
        case .voxelwise:
            try Self.addVoxelwiseColumn(&plan, cohort.folder)
        }
        let folder = cohort.folder + "/kind-\(kind.rawValue)"
        try ReportedCohort.write(try plan.run(), to: folder)
        let page = try String(contentsOfFile: folder + "/report.html", encoding: .utf8)
        let trace = try ReportTrace(page: page, folder: folder)
        #expect(trace.isWhole, "\(trace.text)")
        #expect(trace.numbers > 80 && trace.voxels > 0)
        let summary = try JSONDecoder().decode(
            Summary.self, from: Data(contentsOf: URL(fileURLWithPath: folder + "/summary.json")))
        // Placeholders for images have no condition number that means anything.
        #expect((summary.conditionNumber == nil) == (kind == .voxelwise))
        #expect((summary.centredConditionNumber == nil) == (kind == .voxelwise))
    }

    /// A column of images: every subject's own map, from the table's other end.
    private static func addVoxelwiseColumn(_ plan: inout AnalysisPlan, _ root: String) throws {
        let table = try Table.read(root + "/cohort/participants.tsv").table
        let maps = try #require(table.cells(of: "map"))
        let rows = zip(table.rows, maps.reversed()).map { $0 + [$1] }
        let text = ([table.columns + ["grey"]] + rows).map { $0.joined(separator: "\t") + "\n" }.joined()
        try text.write(toFile: root + "/cohort/voxelwise.tsv", atomically: true, encoding: .utf8)
        plan.data.table = root + "/cohort/voxelwise.tsv"
        plan.model = .formula(text: "~ grey", coding: .treatment, centring: .none)
        plan.contrasts = ["grey"]
        plan.variant = .voxelwise(columns: ["grey"])
    }
}

/// The cohort that the project is judged by.
@Suite("The report of the emotion-regulation cohort", .enabled(if: SharedData.isAvailable))
struct RealCohortTraceTests {
    @Test("every number, map, subject and picture of it is traced to the run")
    func traced() throws {
        let root = FileManager.default.temporaryDirectory.path + "/covey-real-\(UUID().uuidString)"
        defer { try? FileManager.default.removeItem(atPath: root) }
        var plan = AnalysisPlan(
            data: .init(table: SharedData.url("data/emotion_regulation/participants.tsv").path),
            model: .formula(text: "~ success", coding: .treatment, centring: .none), contrasts: ["success"],
            tail: .twoSided)
        plan.permutation = AnalysisPlan.PermutationChoice(count: 9, exchange: nil, seed: 0)
        plan.permutation?.comparison = .init()
        plan.permutation?.comparison?.formingThresholds = [.p(0.001)]
        plan.randomField = .init(alpha: 0.05)
        try ReportedCohort.write(try plan.run(), to: root)
        let page = try String(contentsOfFile: root + "/report.html", encoding: .utf8)
        #expect(page.utf8.count < HTMLReport.byteLimit)
        let trace = try ReportTrace(page: page, folder: root)
        #expect(trace.isWhole, "\(trace.text)")
        #expect(trace.numbers > 800 && trace.cells > 1200 && trace.subjectValues > 10_000)
    }
}
