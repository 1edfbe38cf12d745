public import CoveyCore

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// Where a table's maps come from, on what terms they may be used and what to cite: the file `NAME.json` beside
/// `NAME.tsv`.
public struct DataSetCard: Sendable, Hashable, Codable {
    /// The data set's name.
    public let name: String
    /// The contrast, by the name people use and the data set's own.
    public let contrast: String
    /// The data set's own name of the contrast.
    public let contrastLabel: String
    /// The terms of use.
    public let licence: String
    /// What to cite.
    public let citations: [String]
    /// A page about the data set.
    public let page: String
    /// What an analysis of the table must heed; `nil` for nothing.
    public let cautions: [String]?
    /// The column that names subjects who have several maps; `nil` where each has one.
    public let severalMapsBy: String?

    init(_ request: FetchRequest) {
        name = request.dataSet.title
        contrast = request.contrast.names[0]
        contrastLabel = request.contrast.label
        licence = request.dataSet.licence
        citations = request.dataSet.citations
        page = request.dataSet.page
        cautions = request.cautions.isEmpty ? nil : request.cautions
        severalMapsBy = request.severalMapsBy
    }

    /// Keys as BIDS writes them in a data set's description.
    private enum CodingKeys: String, CodingKey {
        case name = "Name"
        case contrast = "Contrast"
        case contrastLabel = "ContrastLabel"
        case licence = "License"
        case citations = "ReferencesAndLinks"
        case page = "SourceDatasetURL"
        case cautions = "Cautions"
        case severalMapsBy = "SeveralMapsBy"
    }

    /// The name of the card of a table.
    public static func path(besideTable table: String) -> String {
        (table.lowercased().hasSuffix(".tsv") ? String(table.dropLast(4)) : table) + ".json"
    }

    /// The card beside a table; `nil` where there is none.
    public init?(besideTable table: String) {
        guard let data = try? Data(contentsOf: URL(fileURLWithPath: Self.path(besideTable: table))),
            let card = try? JSONDecoder().decode(DataSetCard.self, from: data)
        else { return nil }
        self = card
    }

    /// The terms, what to cite and what to heed, for the results of an analysis of the table.
    ///
    /// - Parameter repeated: the column that the analysis takes for subjects who recur.
    public func notes(repeated: String?) -> [Note] {
        [
            .information(
                "data: \(printable(name)), \(printable(contrast)) (\(printable(page))); licence: "
                    + printable(licence, limit: 400)),
            .information("cite: " + citations.map { printable($0, limit: 400) }.joined(separator: "; ")),
        ] + cautions(repeated: repeated)
    }

    /// What to heed, as warnings.
    func cautions(repeated: String?) -> [Note] {
        var notes = (cautions ?? []).map { Note.warning(printable($0, limit: 400)) }
        if let severalMapsBy, severalMapsBy != repeated {
            notes.append(
                .warning(
                    "subjects have several maps: without '--repeated \(printable(severalMapsBy))' they are taken for "
                        + "different people, and p are too small"))
        }
        return notes
    }

    /// The card as JSON.
    public func json() -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        guard let data = try? encoder.encode(self) else { preconditionFailure("texts encode as JSON") }
        return String(decoding: data, as: UTF8.self) + "\n"
    }
}
