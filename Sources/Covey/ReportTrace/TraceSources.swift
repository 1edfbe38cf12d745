import CoveyCore
import CoveyFormats
import CoveyImaging
import CoveyInference

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// Any JSON document.
enum TraceDocument: Decodable {
    case number(Double)
    case text(String)
    case list([TraceDocument])
    case object([String: TraceDocument])
    case other

    init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if let value = try? container.decode(Double.self) {
            self = .number(value)
        } else if let value = try? container.decode(String.self) {
            self = .text(value)
        } else if let value = try? container.decode([TraceDocument].self) {
            self = .list(value)
        } else if let value = try? container.decode([String: TraceDocument].self) {
            self = .object(value)
        } else {
            self = .other
        }
    }

    /// A document from a file; `nil` where it cannot be read.
    init?(path: String) {
        guard let text = try? readText(path),
            let value = try? JSONDecoder().decode(TraceDocument.self, from: Data(text.utf8))
        else { return nil }
        self = value
    }

    /// Every number with its path and every text, also the ones used as keys.
    func visit(_ path: String = "", _ look: (_ path: String, _ number: Double?, _ text: String?) -> Void) {
        switch self {
        case .number(let value): look(path, value, nil)
        case .text(let text): look(path, nil, text)
        case .list(let values):
            for (k, value) in values.enumerated() { value.visit("\(path)[\(k)]", look) }
        case .object(let members):
            for (key, value) in members { value.visit(path.isEmpty ? key : path + "." + key, look) }
        case .other: break
        }
    }

    subscript(key: String) -> TraceDocument? {
        if case .object(let members) = self { members[key] } else { nil }
    }

    var list: [TraceDocument] { if case .list(let values) = self { values } else { [] } }

    var text: String? { if case .text(let text) = self { text } else { nil } }

    var number: Double? { if case .number(let value) = self { value } else { nil } }
}

/// A number of the run that a page may print.
struct TraceSource {
    /// The file and the place in it: `summary.json contrasts[0].greatest.statistic`.
    let place: String
    /// What it is: the last key of its place.
    let key: String
    /// The number.
    let value: Double

    init(_ place: String, _ key: String? = nil, _ value: Double) {
        self.place = place
        self.key =
            key ?? String((place.split { $0 == "." || $0 == " " }.last ?? "").prefix { $0 != "[" })
        self.value = value
    }
}

/// What the files of a result folder say, for ``ReportTrace``.
struct TraceSources {
    let folder: String
    let summary: TraceDocument
    /// Numbers that belong to no contrast.
    private(set) var common: [TraceSource] = []
    /// Numbers of each contrast.
    private(set) var contrasts: [[TraceSource]] = []
    /// Names that hold digits: subjects, columns, contrasts, paths. Their digits are no numbers of the run.
    private(set) var names: [String] = []
    /// Whole sentences of the run, as ``plain(_:)`` makes them.
    private(set) var sentences: Set<String> = []
    /// World coordinates, in mm, that a contrast's files name.
    private(set) var places: [[[Double]]] = []
    /// Per contrast and cluster: the id and the peak, in mm.
    private(set) var peaks: [[[Double]]] = []
    /// Per contrast: subjects with their mean Cook's distance, the greatest first.
    private(set) var cooksDistances: [[(subject: String, value: Double)]] = []
    let design: TraceDesign
    let mask: Mask

    init(folder: String) throws {
        self.folder = folder
        guard let summary = TraceDocument(path: folder + "/summary.json") else {
            throw ReportError.unreadable(folder + "/summary.json")
        }
        self.summary = summary
        let inside = try ImageFile.readVolume(folder + "/mask.nii.gz")
        mask = Mask(grid: inside.grid, where: { inside.values[$0] > 0 })
        design = try TraceDesign(Table.read(folder + "/design.tsv").table)
        readCommon()
        for (k, found) in (summary["contrasts"]?.list ?? []).enumerated() { read(found, number: k) }
        // The longest first, so that no name is cut by another one within it.
        names = Set(names).filter { $0.contains(where: \.isNumber) && $0.contains(where: \.isLetter) }
            .sorted { ($1.count, $0) < ($0.count, $1) }
    }

    /// The numbers that a part of the page may print.
    func sources(contrast: Int?) -> [TraceSource] {
        contrast.map { common + contrasts[$0] } ?? common + contrasts.flatMap(\.self)
    }

    /// A text whose digits in names are gone.
    func withoutNames(_ text: String) -> String {
        var text = text
        for name in names where text.contains(name) { text = text.replacing(name, with: "…") }
        return text
    }

    /// A sentence without what typography and grammar add to it.
    static func plain(_ text: String) -> String {
        var text = text.replacing("−", with: "-").replacing("≥", with: ">=").lowercased()
        text.trimPrefix { $0 == " " }
        text.trimPrefix("warning: ")
        text.trimPrefix("note: ")
        return text.trimmingSuffix { $0 == "." || $0 == " " }
    }

    private mutating func readCommon() {
        var found: [TraceSource] = []
        var names: [String] = []
        summary.visit { path, number, text in
            guard !path.hasPrefix("contrasts["), !path.hasPrefix("seconds") else { return }
            if let number { found.append(TraceSource("summary.json " + path, nil, number)) }
            if let text {
                path.hasPrefix("notes[") ? Self.take(text, path, &found) : names.append(text)
            }
        }
        for note in summary["notes"]?.list ?? [] {
            if let text = note["text"]?.text { sentences.insert(Self.plain(text)) }
        }
        for file in ["plan.json", "provenance.json"] {
            TraceDocument(path: folder + "/" + file)?.visit { path, number, text in
                if let number { found.append(TraceSource("\(file) \(path)", nil, number)) }
                if let text { names.append(text) }
            }
        }
        if let text = try? readText(folder + "/summary.txt") {
            for line in text.split(separator: "\n") { sentences.insert(Self.plain(String(line))) }
        }
        if let table = try? Table.read(folder + "/maps.tsv").table {
            for row in table.rows {
                for (column, cell) in zip(table.columns, row) {
                    guard let value = decimalNumber(cell) else { continue }
                    found.append(TraceSource("maps.tsv \(row[0])", column, value))
                    found.append(TraceSource("maps.tsv \(row[0])", "percent", 100 * value))
                }
            }
        }
        let sizes = mask.grid.affine.voxelSizes
        let subjects = Double(design.identifiers.count)
        found += sizes.map { TraceSource("mask.nii.gz", "voxelSize", $0) }
        found.append(
            TraceSource("mask.nii.gz", "space", Double(max(mask.grid.sformCode, mask.grid.qformCode))))
        found += design.sources
        // What follows from a number of the run by arithmetic that the page's words imply.
        let volume = mask.grid.voxelVolume
        for source in found {
            switch source.key {
            case "voxels", "testedVoxels":
                found.append(TraceSource(source.place, "mm3", source.value * volume))
            case "voxelVolume": found.append(TraceSource(source.place, "mm3", source.value))
            case "level", "alpha":
                found.append(TraceSource(source.place, "confidence", 100 * (1 - source.value)))
            default: break
            }
        }
        found.append(TraceSource("design.tsv", "subjects", subjects))
        // Subjects who are called by numbers.
        found += design.identifiers.compactMap { name in
            decimalNumber(name).map { TraceSource("design.tsv", "identifier", $0) }
        }
        found.append(
            TraceSource("summary.json", "contrastCount", Double(summary["contrasts"]?.list.count ?? 0)))
        common += found
        self.names += names + design.identifiers + design.columns
    }

    /// The numbers in a text of the run.
    private static func take(_ text: String, _ path: String, _ found: inout [TraceSource]) {
        for number in PrintedNumber.all(in: text) {
            found.append(
                TraceSource(
                    "summary.json \(path)", path.hasSuffix("distinct") ? "distinct" : "said", number.value))
        }
    }

    private mutating func read(_ found: TraceDocument, number: Int) {
        let label = found["label"]?.text ?? ""
        let stem = "contrast-\(label)"
        var sources: [TraceSource] = []
        var places: [[Double]] = []
        var peaks: [[Double]] = []
        found.visit { path, value, text in
            let place = "summary.json contrasts[\(number)].\(path)"
            if let value { sources.append(TraceSource(place, nil, value)) }
            if let text {
                if path == "contrast" || path == "label" {
                    names.append(text)
                } else {
                    Self.take(text, "contrasts[\(number)].\(path)", &sources)
                }
            }
        }
        for extreme in ["greatest", "least"] {
            let point = found[extreme]?["millimeters"]?.list.compactMap(\.number) ?? []
            if point.count == 3 { places.append(point) }
        }
        var distances: [(subject: String, value: Double)] = []
        if let table = try? Table.read("\(folder)/\(stem)_influence.tsv").table {
            for (row, cell) in zip(table.rows, table.cells(of: "mean_cooks_distance") ?? []) {
                if let value = decimalNumber(cell) { distances.append((row[0], value)) }
            }
        }
        sources += distances.map {
            TraceSource("\(stem)_influence.tsv", "mean_cooks_distance", $0.value)
        }
        cooksDistances.append(distances.sorted { $0.value > $1.value })
        let files = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
        for file in files.sorted() where file.hasSuffix(".tsv") {
            let isOfClusters = file.hasPrefix("\(stem)_clusters")
            guard isOfClusters || file.hasPrefix("\(stem)_regions-") else { continue }
            let document = file.dropLast(4) + ".json"
            TraceDocument(path: "\(folder)/\(document)")?.visit { place, value, _ in
                guard let value, !place.hasPrefix("rows[") else { return }
                sources.append(TraceSource("\(document) \(place)", nil, value))
            }
            guard let table = try? Table.read("\(folder)/\(file)").table else { continue }
            for row in table.rows {
                let point = ["X", "Y", "Z"].compactMap { name in
                    table.position(of: name).flatMap { decimalNumber(row[$0]) }
                }
                if point.count == 3 { places.append(point) }
                if let id = decimalNumber(row[0]) {
                    sources.append(TraceSource(file, "id", id))
                    if point.count == 3, isOfClusters { peaks.append(([id] + point)) }
                }
            }
            let alpha = found["permutation"]?["alpha"]?.number ?? 0
            for (name, key) in [("extent", "survivingExtent"), ("mass", "survivingMass")] {
                // Of several tables the columns are numbered.
                for column in table.columns
                where column.hasPrefix("Cluster \(name)") && column.hasSuffix(" p FWE") {
                    let count = table.rows.count {
                        decimalNumber($0[0]) != nil
                            && decimalNumber($0[table.position(of: column)!]).map { $0 <= alpha } == true
                    }
                    sources.append(TraceSource(file, key, Double(count)))
                }
            }
        }
        let volume = mask.grid.voxelVolume
        for source in sources {
            switch source.key {
            case "survivors", "survivorCount", "voxelCount", "largest":
                sources.append(TraceSource(source.place, "cm3", source.value * volume / 1000))
            case "shuffles":
                sources.append(TraceSource(source.place, "shuffles", source.value - 1))
            case "level", "alpha":
                sources.append(TraceSource(source.place, "confidence", 100 * (1 - source.value)))
                sources.append(
                    TraceSource(
                        source.place, "negativeLog10Level",
                        LogProbability.negativeLog10(LogProbability.fromP(source.value))))
            default: break
            }
        }
        for bound in found["trueDiscoveries"]?.list ?? [] {
            guard let whole = bound["wholeMap"], let part = whole["trueDiscoveries"]?.number,
                let count = whole["voxelCount"]?.number, count > 0
            else { continue }
            sources.append(
                TraceSource("summary.json contrasts[\(number)].wholeMap", "percent", 100 * part / count))
        }
        let carried = (found["influence"]?.list ?? []).count { !($0["pivotal"]?.list ?? []).isEmpty }
        sources.append(TraceSource("summary.json influence", "furtherPeaks", Double(carried - 5)))
        contrasts.append(sources)
        self.places.append(places)
        self.peaks.append(peaks)
    }
}

extension TraceSources {
    /// The weights of a contrast, row by row, by its sidecar.
    func weights(_ contrast: Int) -> [[Double]] {
        guard let known = summary["contrasts"]?.list, known.indices.contains(contrast),
            let label = known[contrast]["label"]?.text
        else { return [] }
        let sidecar = TraceDocument(path: "\(folder)/contrast-\(label)_statmap.json")
        return sidecar?["Weights"]?.list.map { $0.list.compactMap(\.number) } ?? []
    }
}

extension StringProtocol {
    /// The text without spaces around it.
    var trimmed: String {
        String(drop { $0 == " " }).trimmingSuffix { $0 == " " || $0 == "." }
    }
}

extension String {
    fileprivate func trimmingSuffix(while condition: (Character) -> Bool) -> String {
        var text = self[...]
        while let last = text.last, condition(last) { text = text.dropLast() }
        return String(text)
    }
}
