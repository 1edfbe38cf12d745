public import CoveyCore
import CoveyFormats
import CoveyImaging
import CoveyReport

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// Every number, picture and map of a report's page, held against the files of the run.
///
/// The page is read as a browser reads it, and nothing that wrote it is trusted: not the report's own
/// `content.json`, and not the code that renders. A number is traced where a file of the result folder, or
/// arithmetic on the design written out a second time, gives a value that rounds to what is printed and is of the
/// kind its words call for: a count of voxels is looked for among counts of voxels, a p among levels and p-values.
///
/// - A table of clusters equals the file it names, cell by cell.
/// - A map of the viewer equals its NIfTI file at every voxel, to the precision that `docs/report.md` states.
/// - The subjects' values at a peak, fitted to `design.tsv`, give the t and the effect of the maps there; so do,
///   to their rounding, those under the cursor.
/// - The image behind the maps is the template, or the one that was given, on one grey scale.
/// - A picture has words, whose numbers are traced too; a figure is drawn again from the maps, a plot's points
///   stand where their values are.
///
/// - What an answer or a figure claims in words, that something survives or nothing does, is what the run found.
/// - Phrases that depend on the run, what was shuffled, compared, corrected, left out, smoothed, stand where its files
///   call for them and nowhere else (``TraceWords``); works cited are those listed.
///
/// Words that are the same on every page are not traced, nor are digits of names (`sub-18`) and of works cited.
public struct ReportTrace: Sendable {
    /// A number or picture of the page that the run does not bear out.
    public struct Finding: Sendable, Hashable, CustomStringConvertible {
        /// What stands there: the number, or what was looked at.
        public let what: String
        /// The words around it, or why it is no match.
        public let context: String

        /// What stands there and the words around it, on one line.
        public var description: String { "\(what): \(context)" }
    }

    /// Numbers that have a source.
    public internal(set) var numbers = 0
    /// Cells of tables that equal their file.
    public internal(set) var cells = 0
    /// Voxels of the viewer's maps that equal their NIfTI files.
    public internal(set) var voxels = 0
    /// Maps of the viewer.
    public internal(set) var maps = 0
    /// Subjects' values that, fitted again, give the maps.
    public internal(set) var subjectValues = 0
    /// Pictures with words that were looked at.
    public internal(set) var pictures = 0
    /// Claims in words that the run bears out: that something survives or nothing does, is reached or is not.
    public internal(set) var claims = 0
    /// Phrases without a number that stand exactly where the run calls for them.
    public internal(set) var phrases = 0
    /// What has no source.
    public internal(set) var findings: [Finding] = []

    /// Whether everything has a source.
    public var isWhole: Bool { findings.isEmpty }

    /// Traces a page to the result folder it was made in.
    ///
    /// - Parameters:
    ///   - page: the text of `report.html`.
    ///   - folder: the result folder.
    /// - Throws: ``ReportError`` where the page or the folder is not whole; `FormatError` where a map cannot be read.
    public init(page: String, folder: String, threads: Int = availableThreads()) throws {
        let (root, sources, viewer, content) = try Self.read(page, folder)
        let report = try AnalysisReport(folder: folder, threads: threads)
        let blocks = TraceBlocks(root)
        let viewed = try traceViewer(viewer, blocks, sources, content)
        traceBackground(viewer, blocks, try AnalysisReport.background(content.background))
        var prose = TraceProse(sources, viewed)
        var words = TraceWords(sources)
        for (part, contrast) in Self.parts(root) {
            prose.read(part, contrast: contrast)
            traceTables(part, contrast: contrast, sources, viewer, &prose)
            tracePictures(part, contrast: contrast, report, sources, viewer)
            if let contrast { traceClaims(part, contrast: contrast, report, sources, viewed[contrast]) }
            words.read(part, contrast: contrast)
        }
        phrases += words.held
        findings += words.findings
        numbers += prose.traced
        findings += prose.findings
    }

    /// Nothing traced yet.
    init() {}

    /// A page and the folder it is traced to.
    static func read(
        _ page: String, _ folder: String
    ) throws -> (root: PageElement, sources: TraceSources, viewer: TraceViewer, content: ReportContent) {
        let file = folder + "/" + AnalysisReport.contentFile
        guard let root = PageElement.page(page), root.first(id: "main") != nil,
            let data = root.first(id: "data")?.text,
            let viewer = try? JSONDecoder().decode(TraceViewer.self, from: Data(data.utf8))
        else { throw ReportError.unreadable(folder + "/report.html") }
        // Of the content nothing but the names of files is taken.
        guard let text = try? readText(file),
            let stored = try? JSONDecoder().decode(StoredReport.self, from: Data(text.utf8)),
            stored.content.contrasts.map(\.maps.count) == viewer.contrasts.map(\.maps.count)
        else { throw ReportError.unreadable(file) }
        return (root, try TraceSources(folder: folder), viewer, stored.content)
    }

    /// The parts of a page that say something, and which contrast they are about.
    static func parts(_ root: PageElement) -> [(part: PageElement, contrast: Int?)] {
        let sections = root.first(id: "main")?.children ?? []
        return root.all("header").map { ($0, nil) }
            + sections.flatMap { section -> [(part: PageElement, contrast: Int?)] in
                let id = section.attributes["id"] ?? ""
                guard id == "answers" else {
                    return [(section, id.hasPrefix("contrast-") ? Int(id.dropFirst(9)) : nil)]
                }
                // Each answer is one contrast's.
                let answers = section.all { $0.classes.contains("answers") }.flatMap { $0.all("li") }
                var rest = section
                rest.content.removeAll {
                    if case .element(let child) = $0 { child.classes.contains("answers") } else { false }
                }
                return answers.enumerated().map { ($1, $0) } + [(rest, nil)]
            }
    }

    mutating func fail(_ what: String, _ context: String) {
        findings.append(Finding(what: what, context: context))
    }

    /// What was traced, in lines, and what was not.
    public var text: String {
        let lines =
            [
                "numbers of the text traced to the run: \(numbers)",
                "cells of tables equal to their files: \(cells)",
                "voxels of the viewer equal to their maps: \(voxels), in \(maps) maps",
                "subjects' values that give the maps again: \(subjectValues)",
                "pictures with words and points that agree: \(pictures)",
                "answers and figures whose claims in words hold: \(claims)",
                "phrases that stand exactly where the run calls for them: \(phrases)",
            ] + findings.prefix(50).map { "NO SOURCE \($0)" }
        return lines.joined(separator: "\n") + "\n"
    }
}
