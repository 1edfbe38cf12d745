import CoveyCore
import CoveyImaging
import CoveyInference

/// The sentences of a page, number by number.
struct TraceProse {
    private let sources: TraceSources
    private let viewed: [TracedContrast]
    private var columns: [Int: Int] = [:]
    private let inContrast: [[TraceSource]]
    private let anywhere: [TraceSource]
    /// Numbers that have a source.
    private(set) var traced = 0
    /// Those that have none.
    private(set) var findings: [ReportTrace.Finding] = []

    init(_ sources: TraceSources, _ viewed: [TracedContrast]) {
        self.sources = sources
        self.viewed = viewed
        for (column, offset) in sources.mask.offsets.enumerated() { columns[Int(offset)] = column }
        inContrast = viewed.indices.map { sources.sources(contrast: $0) + viewed[$0].sources }
        anywhere = sources.sources(contrast: nil) + viewed.flatMap(\.sources)
    }

    /// What stands in a section, sentence by sentence, and whether the run wrote it word for word elsewhere.
    static func sentences(in section: PageElement, isVerbatim: Bool = false) -> [(
        text: String, isVerbatim: Bool
    )] {
        section.children.flatMap { element -> [(text: String, isVerbatim: Bool)] in
            if element.name == "svg" || element.name == "img" {
                return [(element.attributes["aria-label"] ?? element.attributes["alt"] ?? "", false)]
            }
            let isVerbatim = isVerbatim || !element.classes.isDisjoint(with: verbatim)
            if sentences.contains(element.name), !holdsSentences(element) {
                // Works cited, what the viewer needs and where a table is are no statements of the run; buttons that
                // unfold a table are held against it.
                return element.classes.isDisjoint(with: ["waiting", "reference", "file"])
                    && !element.children.contains { $0.classes.contains("fold") }
                    ? [(element.text, isVerbatim && !isComposed(element.text))] : []
            }
            return Self.sentences(in: element, isVerbatim: isVerbatim)
        }
    }

    /// Lists whose lines are in `summary.txt` or among the notes of `summary.json` too.
    private static let verbatim: Set<String> = ["doctor", "remarks", "warnings", "run-notes", "exclusions"]
    /// Whether the page puts a line of these lists together itself.
    private static func isComposed(_ text: String) -> Bool {
        text.hasPrefix("Question: ") || text.hasPrefix("Maps left out of the report for its size")
            || text.hasPrefix("Subjects' values left out of the report for its size")
            || text.contains(" contrasts were tested; ")
    }

    private static let sentences: Set<String> = [
        "p", "li", "h1", "h2", "h3", "caption", "figcaption", "summary",
    ]

    /// Reads what stands in a section: sentences, captions, and the words of pictures.
    mutating func read(_ section: PageElement, contrast: Int?) {
        for (text, isVerbatim) in Self.sentences(in: section) {
            if isVerbatim { readVerbatim(text) }
            // What was found is told in summary.json too; the doctor's lines and notes stand as they are.
            if !isVerbatim || contrast != nil { read(text, contrast: contrast) }
        }
    }

    /// Traces a row of the table of strongest voxels: the statistic and the effect at the place, by the maps; the
    /// rest to any map's value there, or to the p it stands for.
    mutating func readStrongest(_ row: [String], contrast: Int) {
        let printed = row[1...3].map { PrintedNumber.only($0) }
        let found = viewed[contrast]
        let places = found.places.filter { place in zip(printed, place).allSatisfy { $0?.prints($1) ?? false }
        }
        guard let column = places.compactMap({ sources.column(of: $0, columns) }).first else {
            findings.append(ReportTrace.Finding(what: row[0], context: "no voxel lies there"))
            return
        }
        var here = found.maps.values.map { $0[column] }
        for (name, values) in found.maps where name.hasPrefix("stat-log10p") {
            here.append(LogProbability.p(LogProbability.fromNegativeLog10(values[column])))
        }
        here += found.intervals(column, sources.design)
        for number in row.dropFirst(4).flatMap({ PrintedNumber.all(in: $0) }) {
            if here.contains(where: { number.prints($0) }) {
                traced += 1
            } else {
                findings.append(ReportTrace.Finding(what: number.text, context: "no map has it at \(row[0])"))
            }
        }
        traced += 3
    }

    private static func holdsSentences(_ element: PageElement) -> Bool {
        !element.all { sentences.contains($0.name) }.isEmpty
    }

    /// Traces the numbers of a text.
    mutating func read(_ text: String, contrast: Int?) {
        readVersion(text)
        readWeights(text, contrast: contrast)
        readCooksDistances(text, contrast: contrast)
        var text = readInfluence(text, contrast: contrast).replacing(/Covey \d[\w.+-]*\w/, with: "Covey")
        text = Self.withoutCitations(sources.withoutNames(readExtremes(text, contrast: contrast)))
        text = readPlaces(text, contrast: contrast)
        let pool = contrast.map { inContrast[$0] } ?? anywhere
        for number in PrintedNumber.all(in: text) {
            if source(of: number, pool) != nil {
                traced += 1
            } else {
                fail(number.text, "…\(number.before.suffix(40))[\(number.text)]\(number.after.prefix(30))…")
            }
        }
    }

    /// Traces a line that the run wrote elsewhere too: word for word.
    mutating func readVerbatim(_ text: String) {
        let plain = TraceSources.plain(text)
        if sources.sentences.contains(plain) || plain.isEmpty {
            traced += PrintedNumber.all(in: text).count
        } else {
            fail(text, "neither summary.txt nor a note of summary.json says so")
        }
    }

    private mutating func fail(_ what: String, _ context: String) {
        findings.append(ReportTrace.Finding(what: what, context: context))
    }

    /// Where a number comes from, by the kind that the words around it call for.
    func source(of number: PrintedNumber, _ pool: [TraceSource]) -> String? {
        switch NumberKind(number) {
        case .definition(let isRight): isRight ? "a definition" : nil
        case .keys(let keys, let within, let digits):
            pool.first {
                keys.contains($0.key) && (within.isEmpty || $0.place.contains(within))
                    && (number.prints($0.value, significantDigits: digits)
                        || number.prints(-$0.value, significantDigits: digits))
            }?.place
        case .other:
            pool.first {
                number.prints($0.value, significantDigits: 3)
                    || number.prints(-$0.value, significantDigits: 3)
            }?.place
        }
    }

    /// "Covey 0.1.0"
    private mutating func readVersion(_ text: String) {
        for match in text.matches(of: /Covey (\d[\w.+-]*\w)/)
        where String(match.output.1) != sources.summary["version"]?.text {
            fail(String(match.output.1), "it is not the version of summary.json")
        }
    }

    /// "weights [0, 1]": of the contrasts in their order.
    private mutating func readWeights(_ text: String, contrast: Int?) {
        for (k, match) in text.replacing("−", with: "-").matches(of: /weights \[?([-\d.e, ;]+)/).enumerated()
        {
            let printed = match.output.1.split(separator: ";").map { row in
                row.split(separator: ",").compactMap { PrintedNumber.only($0.trimmed) }
            }
            let weights = sources.weights(contrast ?? k)
            if printed.count != weights.count
                || zip(printed, weights).contains(where: { row, known in
                    row.count != known.count
                        || zip(row, known).contains { !$0.prints($1, significantDigits: 3) }
                })
            {
                fail(String(match.output.0), "these are not the weights of contrast \((contrast ?? k) + 1)")
            }
        }
    }

    /// "Cook's distance of 30 subjects, ... The greatest: sub-16 0.366, sub-18 0.165, sub-06 0.151."
    private mutating func readCooksDistances(_ text: String, contrast: Int?) {
        guard let contrast, text.hasPrefix("Cook’s distance of "),
            let listed = text.firstMatch(of: /The greatest: (.*)\./)
        else { return }
        // Names of subjects may hold commas themselves, so what should stand there is looked for.
        var rest = listed.output.1
        for (subject, value) in sources.cooksDistances[contrast].prefix(3) {
            rest = rest.drop { $0 == " " || $0 == "," }
            guard let name = [subject, printable(subject)].first(where: { rest.hasPrefix($0 + " ") }) else {
                return fail(String(rest), "the subject with the next greatest distance is \(subject)")
            }
            rest = rest.dropFirst(name.count + 1)
            let number = rest.prefix { $0 != "," }
            if PrintedNumber.only(String(number))?.prints(value) != true {
                return fail(String(number), "Cook's distance of \(subject) is \(value)")
            }
            rest = rest.dropFirst(number.count)
        }
        if !rest.isEmpty { fail(String(rest), "more than the three greatest distances") }
    }

    /// "The peak of cluster 3 rests on single subjects: without sub-18 it has t = 3.02 (4.87 with all), below the
    /// threshold 3.67; without each of 2 others it falls below it too."
    private mutating func readInfluence(_ text: String, contrast: Int?) -> String {
        let pattern =
            /the peak of (.+?) rests on single subjects: without (.+?) it has t = (-?[\d.]+) \((-?[\d.]+) with all\), below the threshold ([\d.]+\d)(?:; without (?:one other|each of (\d+) others) it falls below it too)?/
        guard let contrast, let match = text.replacing("−", with: "-").firstMatch(of: pattern.ignoresCase())
        else { return text }
        let parts = match.output
        let known = sources.summary["contrasts"]?.list[contrast]["influence"]?.list ?? []
        let others = parts.6.map { Int($0) ?? -1 } ?? (text.contains("one other") ? 1 : 0)
        let agrees = known.contains { entry in
            let values = ["leastStatistic", "statistic", "threshold"].map { entry[$0]?.number ?? .nan }
            let pivotal = entry["pivotal"]?.list.compactMap(\.text) ?? []
            return entry["peak"]?.text == String(parts.1)
                && pivotal.first.map { printable($0) } == String(parts.2)
                && pivotal.count == others + 1
                && zip([parts.3, parts.4, parts.5], values).allSatisfy {
                    PrintedNumber.only(String($0))?.prints($1) ?? false
                }
        }
        if agrees { traced += 3 } else { fail(text, "summary.json has no such influence") }
        return ""
    }

    /// "Cluster 3: t = 4.87 with all, 3.02 without sub-18"
    private mutating func readExtremes(_ text: String, contrast: Int?) -> String {
        guard let contrast else { return text }
        let known = sources.summary["contrasts"]?.list[contrast]["influence"]?.list ?? []
        let pattern = /Cluster (\d+): t = (-?[\d.]*\d) with all, (-?[\d.]*\d) without\b/
        return text.replacing("−", with: "-").replacing(pattern) { match in
            let parts = match.output
            let agrees = known.contains { entry in
                let values = ["statistic", "leastStatistic"].map { entry[$0]?.number ?? .nan }
                return entry["peak"]?.text == "cluster \(parts.1)"
                    && zip([parts.2, parts.3], values).allSatisfy {
                        PrintedNumber.only(String($0))?.prints($1) ?? false
                    }
            }
            if agrees { traced += 2 } else { fail(String(parts.0), "summary.json has no such influence") }
            return "…"
        }
    }

    /// "Winkler et al., 2014", "(Nichols et al. 2017)", "Freedman and Lane, 1983".
    private static func withoutCitations(_ text: String) -> String {
        text.replacing(/(\p{Lu}\p{L}+( and \p{Lu}\p{L}+| et al\.)?,? )(19|20)\d\d\b/) { "\($0.output.1)…" }
    }

    /// Traces "t = 5.22 at (−58, −34, −32) mm, effect 0.692 (95 % CI 0.42 to 0.963), corrected p = 0.328" and "t
    /// 5.21681 at (−58.4, −34.4, −31.5) mm" to one voxel of the maps, and returns the text without them.
    private mutating func readPlaces(_ text: String, contrast: Int?) -> String {
        let pattern =
            /(?:cluster (\d+)[.:] )?(?:([Pp]seudo-t|t|z|F) (?:= )?(-?[\d.]+) at )?\((-?[\d.]+), (-?[\d.]+), (-?[\d.]+)\) mm(?:, effect (-?[\d.e-]*\d))?(?: \(95 % CI (-?[\d.e-]*\d) to (-?[\d.e-]*\d)\))?(?:, corrected p = ([\d.e-]*\d)(?: by (TFCE|cluster extent|cluster mass)(?: formed at ([\d.]*\d))?)?)?/
        let plain = text.replacing("−", with: "-")
        return plain.replacing(pattern) { match in
            let parts = match.output
            let printed = [parts.3, parts.4, parts.5, parts.6, parts.7, parts.8, parts.9, parts.10]
                .map { $0.map { PrintedNumber.only(String($0)) } }
            let id = parts.1.flatMap { Double($0) }
            let candidates = contrast.map { [$0] } ?? Array(viewed.indices)
            let fits = candidates.contains { k in
                // A cluster's peak is the one its table has.
                let places =
                    id.map { id in sources.peaks[k].filter { $0[0] == id }.map { Array($0.dropFirst()) } }
                    ?? viewed[k].places
                return places.contains {
                    agree(
                        printed, at: $0, in: k, letter: parts.2.map(String.init),
                        correctedBy: parts.11.map(String.init), formedAt: parts.12.map(String.init))
                }
            }
            if fits {
                traced += printed.count { $0 != nil }
            } else {
                fail(String(parts.0), "no voxel of the maps has these values")
            }
            return "…"
        }
    }

    /// Whether a place has the coordinates, statistic, effect, interval and p that are printed.
    private func agree(
        _ printed: [PrintedNumber??], at place: [Double], in contrast: Int, letter: String?,
        correctedBy quantity: String?, formedAt height: String?
    ) -> Bool {
        let found = viewed[contrast]
        guard place.count == 3, zip(printed[1...3], place).allSatisfy({ $0??.prints($1) ?? false }),
            let column = sources.column(of: place, columns)
        else { return false }
        func value(_ map: String) -> Double? { found.maps[map]?[column] }
        // What is not said is not wrong; what is said has to be a number, and the right one.
        func holds(_ number: PrintedNumber??, _ value: Double?) -> Bool {
            guard let number else { return true }
            return value.map { number?.prints($0) ?? false } ?? false
        }
        let statistic =
            letter?.lowercased() == "pseudo-t"
            ? value("stat-pseudot") : letter.flatMap { value("stat-\($0)") }
        let effect = value("stat-effect")
        let half = value("stat-se").flatMap { error in found.intervalFactor.map { $0 * error } }
        return holds(printed[0], statistic) && holds(printed[4], effect)
            && holds(printed[5], effect.flatMap { e in half.map { e - $0 } })
            && holds(printed[6], effect.flatMap { e in half.map { e + $0 } })
            && holds(printed[7], correctedP(column, in: contrast, by: quantity, formedAt: height))
    }

    /// The family-wise p of a voxel, of its own statistic or of the quantity that is named.
    ///
    /// - Parameter height: the forming threshold, where there are several.
    private func correctedP(
        _ column: Int, in contrast: Int, by quantity: String?, formedAt height: String?
    ) -> Double? {
        let found = viewed[contrast]
        let map: String
        switch quantity {
        case "TFCE": map = "stat-log10p_desc-tfce"
        case "cluster extent", "cluster mass":
            let kind = quantity == "cluster extent" ? "extent" : "mass"
            let tested =
                sources.summary["contrasts"]?.list[contrast]["permutation"]?["quantities"]?.list ?? []
            let named = tested.first {
                ($0["quantity"]?.text ?? "").hasPrefix(kind)
                    && (height.flatMap(PrintedNumber.only)?.prints($0["formingThreshold"]?.number ?? .nan)
                        ?? true)
            }
            map = "stat-log10p_desc-" + (named?["quantity"]?.text ?? kind)
        default:
            if let p = found.maps["stat-p_desc-fwe"] { return p[column] }
            map = "stat-log10p_desc-"
        }
        return (found.maps[map + "fwe"]?[column]).map {
            LogProbability.p(LogProbability.fromNegativeLog10($0))
        }
    }
}
