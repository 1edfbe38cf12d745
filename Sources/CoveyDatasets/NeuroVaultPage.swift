#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// A page of the list of a collection's images, as NeuroVault serves it.
struct NeuroVaultPage: Decodable {
    /// How many images the whole list has.
    let count: Int
    let images: [NeuroVaultImage]
    /// Whether another page follows.
    let isLast: Bool

    private enum CodingKeys: String, CodingKey {
        case count, next
        case images = "results"
    }

    init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: CodingKeys.self)
        count = try values.decode(Int.self, forKey: .count)
        images = try values.decode([NeuroVaultImage].self, forKey: .images)
        isLast = try values.decodeNil(forKey: .next)
    }

    init(_ bytes: [UInt8]) throws(FetchProblem) {
        do {
            self = try JSONDecoder().decode(NeuroVaultPage.self, from: Data(bytes))
        } catch {
            throw .damaged("it is no page of a NeuroVault collection's images")
        }
        guard images.count <= Self.size, isLast || !images.isEmpty else {
            throw .damaged("the page has \(images.count) images where \(Self.size) were asked for")
        }
    }

    /// How many images are asked for at a time.
    static let size = 100
    /// No more pages are asked for.
    static let maximumCount = 300
    /// No more bytes of pages are taken.
    static let maximumByteCount = 256 << 20
}

/// What a collection says of itself.
struct NeuroVaultRecord {
    let name: String
    let authors: String?
    let doi: String?

    init(_ bytes: [UInt8]) throws(FetchProblem) {
        guard let fields = try? JSONDecoder().decode([String: MetadataValue].self, from: Data(bytes)),
            let name = fields["name"]?.text
        else { throw .damaged("it is no description of a NeuroVault collection") }
        self.name = name
        authors = fields["authors"]?.text
        doi = fields["DOI"]?.text
    }
}

/// An image of a collection: what is told of it.
struct NeuroVaultImage: Decodable {
    let number: Int
    /// What is told, without what is empty; custom fields stand beside NeuroVault's own.
    let fields: [String: String]

    init(from decoder: any Decoder) throws {
        let values = try decoder.singleValueContainer().decode([String: MetadataValue].self)
        guard let number = values["id"]?.whole, number > 0 else {
            throw DecodingError.dataCorrupted(
                .init(codingPath: decoder.codingPath, debugDescription: "no number of the image"))
        }
        self.number = number
        var fields: [String: String] = [:]
        for (name, value) in values.sorted(by: { $0.key < $1.key }) {
            // Two names that are the same in one line are one column: the first is kept.
            guard let text = value.text, let name = MetadataValue.cell(name), fields[name] == nil else {
                continue
            }
            fields[name] = text
        }
        self.fields = fields
    }

    var contrast: String? { fields["contrast_definition"] }

    /// Why the image is no map of one subject; `nil` where it is one or may be one.
    var reasonAgainst: String? {
        if let type = fields["image_type"], type != "statistic_map" { return "no statistic maps" }
        if fields["is_thresholded"] == "true" { return "thresholded" }
        if path == nil { return "under no address of NeuroVault, or no .nii.gz" }
        let level = fields["analysis_level"]?.lowercased() ?? ""
        if level == "s" || level.hasPrefix("single") { return nil }
        if !level.isEmpty { return "maps of groups" }
        if let count = fields["number_of_subjects"].flatMap({ Double($0) }), count > 1 {
            return "maps of groups"
        }
        return nil
    }

    /// The path of the file on NeuroVault's server: of the address that is told only this is used, and only where it
    /// is plain, so that no answer can lead elsewhere.
    var path: String? {
        guard let file = fields["file"] else { return nil }
        let starts = ["https://neurovault.org/", "http://neurovault.org/"].filter { file.hasPrefix($0) }
        guard let start = starts.first else { return nil }
        let path = "/" + file.dropFirst(start.count)
        let isPlain = path.utf8.allSatisfy { byte in
            (48...57).contains(byte) || (65...90).contains(byte) || (97...122).contains(byte)
                || "/-_.~%+,()!'@=:".utf8.contains(byte)
        }
        let parts = path.dropFirst().split(separator: "/", omittingEmptySubsequences: false)
        guard isPlain, path.utf8.count <= 1000, path.hasPrefix("/media/images/"),
            path.lowercased().hasSuffix(".nii.gz"),
            parts.allSatisfy({
                !$0.isEmpty && !$0.allSatisfy { $0 == "." } && !$0.lowercased().contains("%2e")
            }),
            !path.lowercased().contains("%2f"), !path.lowercased().contains("%5c")
        else { return nil }
        return path
    }
}

/// A value of metadata: a text, a number or a truth value; lists and objects have no text.
struct MetadataValue: Decodable {
    /// What a cell of a table says: one line without what would break one; `nil` for nothing.
    let text: String?
    /// The value, where it is a whole number.
    let whole: Int?

    init(from decoder: any Decoder) throws {
        let value = try decoder.singleValueContainer()
        if let truth = try? value.decode(Bool.self) {
            (text, whole) = (truth ? "true" : "false", nil)
        } else if let number = try? value.decode(Double.self) {
            whole = Int(exactly: number)
            text = whole.map { "\($0)" } ?? "\(number)"
        } else if let words = try? value.decode(String.self) {
            (text, whole) = (Self.cell(words), nil)
        } else {
            (text, whole) = (nil, nil)
        }
    }

    /// Text in one line: control characters become blanks, which are trimmed at the ends; at most 500 characters.
    static func cell(_ words: String) -> String? {
        var result = ""
        for scalar in words.unicodeScalars.prefix(500) {
            let isPlain = scalar.value >= 0x20 && !(0x7F...0x9F).contains(scalar.value)
            result.unicodeScalars.append(
                isPlain && scalar.properties.generalCategory != .format ? scalar : " ")
        }
        while result.last == " " { result.removeLast() }
        result = String(result.drop { $0 == " " })
        return ["", "none", "null", "n/a", "none / other"].contains(result.lowercased()) ? nil : result
    }
}
