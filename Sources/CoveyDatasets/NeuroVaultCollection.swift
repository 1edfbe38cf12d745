import CoveyCore
import CoveyFormats

/// A collection of NeuroVault as its pages list it: the maps of single subjects and what is told of each.
public struct NeuroVaultCollection: Sendable {
    /// The collection's number.
    public let number: Int
    /// The collection's title.
    public let title: String
    /// Images that are no maps of a single subject, counted by the reason.
    public let leftOut: [String: Int]
    /// Whether the list was in the cache.
    public let isFromCache: Bool
    let images: [NeuroVaultImage]
    private let record: NeuroVaultRecord
    private let dataSet: DataSet
    private let source: NeuroVaultSource

    /// Which maps are wanted.
    public struct Choice: Sendable, Hashable {
        /// A contrast of the data set, or a `contrast_definition` of the collection; `nil` for any.
        public var contrast: String?
        /// What the metadata must say: values by field.
        public var conditions: [String: String] = [:]
        /// The field that names the subject; `nil` where it is looked for.
        public var subjectField: String?
        /// How many subjects, or which; `nil` for all.
        public var subjects: String?
        /// Whether subjects may have several maps.
        public var isRepeated = false

        /// All maps of a collection that has one of each subject.
        public init() {}
    }

    /// The names under which metadata name subjects, where none is said.
    static let subjectFields = [
        "participant_id", "subjectid", "subject_id", "subject", "participant", "subid",
    ]

    init(
        _ number: Int, _ dataSet: DataSet, _ source: NeuroVaultSource, _ record: NeuroVaultRecord,
        _ images: [NeuroVaultImage], isFromCache: Bool
    ) {
        self.number = number
        self.dataSet = dataSet
        self.source = source
        self.record = record
        self.isFromCache = isFromCache
        title = record.name
        var seen: Set<Int> = []
        let images = images.filter { seen.insert($0.number).inserted }
        var leftOut: [String: Int] = [:]
        for reason in images.compactMap(\.reasonAgainst) { leftOut[reason, default: 0] += 1 }
        self.leftOut = leftOut
        self.images = images.filter { $0.reasonAgainst == nil }.sorted { $0.number < $1.number }
    }

    /// The contrasts of the maps, with how many there are of each; `nil` for maps that tell none.
    public var contrasts: [(name: String?, count: Int)] {
        var counts: [String?: Int] = [:]
        for image in images { counts[image.contrast, default: 0] += 1 }
        return counts.sorted { ($0.key ?? "") < ($1.key ?? "") }.map { ($0.key, $0.value) }
    }

    /// The fields that are told of the maps, without NeuroVault's own bookkeeping, with how many values each has.
    public var fields: [(name: String, valueCount: Int)] {
        var values: [String: Set<String>] = [:]
        for image in images {
            for (name, value) in image.fields where !Self.bookkeeping.contains(name) {
                values[name, default: []].insert(value)
            }
        }
        return values.sorted { $0.key < $1.key }.map { ($0.key, $0.value.count) }
    }

    /// A request for the maps of a choice.
    ///
    /// Identifiers are the subjects' names where the metadata have them and each has one map, else `image-NUMBER`.
    ///
    /// - Throws: `DatasetError.collection` where the choice leaves no maps, or does not say which of several.
    public func request(_ choice: Choice) throws(DatasetError) -> FetchRequest {
        func problem(_ problem: CollectionProblem) -> DatasetError { .collection(number, problem) }
        guard !images.isEmpty else { throw problem(.noMaps(leftOut)) }
        var chosen = images
        var conditions = choice.conditions
        var contrast = DataSet.Contrast(label: "all", names: ["all maps"])
        if let name = choice.contrast {
            if let known = try? dataSet.contrast(named: name) {
                contrast = known
                conditions.merge(source.conditions[known.label] ?? [:]) { own, _ in own }
            } else {
                chosen = chosen.filter { $0.contrast.map(DataSet.plain) == DataSet.plain(name) }
                guard let label = chosen.first?.contrast else {
                    throw problem(
                        .unknownContrast(
                            name,
                            known: dataSet.contrasts.isEmpty
                                ? contrasts.compactMap(\.name) : dataSet.contrasts.map { $0.names[0] }))
                }
                contrast = DataSet.Contrast(label: label, names: [label])
            }
        } else if contrasts.count == 1, let only = contrasts[0].name {
            contrast = DataSet.Contrast(label: only, names: [only])
        }
        let known = fields
        for (field, value) in conditions.sorted(by: { $0.key < $1.key }) {
            guard known.contains(where: { $0.name == field }) else {
                throw problem(.unknownField(field, known: known.map(\.name)))
            }
            let left = chosen.filter { Self.equal($0.fields[field], value) }
            guard !left.isEmpty else {
                throw problem(
                    .noSuchValue(field, value, known: Set(chosen.compactMap { $0.fields[field] }).sorted()))
            }
            chosen = left
        }
        let field = try subjectField(choice)
        var notes: [Note] = []
        var cautions: [String] = []
        if let field {
            let nameless = chosen.filter { $0.fields[field] == nil }
            if !nameless.isEmpty {
                chosen = chosen.filter { $0.fields[field] != nil }
                notes.append(
                    .warning(
                        "\(nameless.count) maps have no \(quoted(field)) and are left out: "
                            + nameless.prefix(10).map { "\($0.number)" }.joined(separator: ", ")))
            }
            guard !chosen.isEmpty else { throw problem(.noMaps(["without \(field)": nameless.count])) }
        }
        let names = chosen.map { image in field.flatMap { image.fields[$0] } ?? "image-\(image.number)" }
        let isUnique = Set(names).count == names.count
        if !isUnique, !choice.isRepeated {
            throw problem(
                .severalMaps(subjects: Set(names).count, maps: names.count, by: telling(chosen, apart: names))
            )
        }
        if field == nil, choice.contrast == nil, conditions.isEmpty, contrasts.count > 1, !choice.isRepeated {
            throw problem(.severalContrasts(contrasts.compactMap(\.name)))
        }
        if !isUnique, let field {
            cautions.append(
                "subjects have several maps: 'covey analyze' needs --repeated \(printable(field)), or its p are wrong"
            )
        }
        if field == nil {
            cautions.append(
                "the collection does not tell whose each map is: each counts as another subject's")
        }
        if chosen.contains(where: { $0.fields["not_mni"] == "true" }) {
            cautions.append("some maps are told not to be in MNI space")
        }
        return try request(
            chosen, identifiers: isUnique ? names : chosen.map { "image-\($0.number)" }, contrast,
            choice.subjects,
            notes: notes, cautions: cautions)
    }

    private func request(
        _ chosen: [NeuroVaultImage], identifiers: [String], _ contrast: DataSet.Contrast, _ subjects: String?,
        notes: [Note], cautions: [String]
    ) throws(DatasetError) -> FetchRequest {
        let reference = record.authors.map { $0 + ". " } ?? ""
        let doi = record.doi.map { " https://doi.org/" + $0 } ?? ""
        let concrete = DataSet(
            name: dataSet.name,
            title: source.collection == nil ? "NeuroVault collection \(number): \(title)" : dataSet.title,
            summary: dataSet.summary, page: "https://neurovault.org/collections/\(number)/",
            licence: dataSet.licence,
            citations: (source.collection == nil ? ["\(reference)\(title).\(doi)"] : []) + dataSet.citations,
            size: dataSet.size, server: dataSet.server, listing: .paths, hosts: dataSet.hosts,
            folder: Self.folder(dataSet, number), subjects: identifiers, contrasts: [contrast], images: [:],
            tables: [], checksums: [:])
        var files: [String: [DataSetFile]] = [:]
        for (image, identifier) in zip(chosen, identifiers) {
            guard let path = image.path else { preconditionFailure("a map without a path was kept") }
            files[identifier] = [
                DataSetFile(
                    remote: path, local: "image_\(image.number).nii.gz", subject: identifier, check: .image)
            ]
        }
        var columns = ["participant_id", "image_number"]
        var shown: [String] = []
        for (field, _) in fields {
            // The table's own columns keep their names.
            let name =
                ["participant_id", "map", "image_number"].contains(field) ? "neurovault_" + field : field
            guard !columns.contains(name) else { continue }
            columns.append(name)
            shown.append(field)
        }
        let table = Table(
            source: "NeuroVault collection \(number)", columns: columns,
            rows: zip(chosen, identifiers).map { image, identifier in
                [identifier, "\(image.number)"] + shown.map { image.fields[$0] ?? "n/a" }
            })
        let wanted =
            try subjects.map { text throws(DatasetError) in try concrete.subjects(text) } ?? identifiers
        return FetchRequest(
            concrete, contrast: contrast, subjects: wanted, files: [.map: files], variables: table,
            notes: notes,
            cautions: cautions)
    }

    /// The field that names subjects: the one said, the data set's, or one of a usual name.
    private func subjectField(_ choice: Choice) throws(DatasetError) -> String? {
        let known = fields.map(\.name)
        if let wanted = choice.subjectField ?? source.subjectField {
            guard known.contains(wanted) else {
                throw .collection(number, .unknownField(wanted, known: known))
            }
            return wanted
        }
        return Self.subjectFields.lazy.compactMap { usual in
            known.first { $0.lowercased() == usual }
        }.first
    }

    /// Fields that differ between maps of one subject.
    private func telling(_ chosen: [NeuroVaultImage], apart names: [String]) -> [String] {
        var first: [String: NeuroVaultImage] = [:]
        var differing: [String: Set<String>] = [:]
        for (image, name) in zip(chosen, names) {
            guard let other = first[name] else {
                first[name] = image
                continue
            }
            for (field, value) in image.fields where other.fields[field] != value {
                guard !Self.bookkeeping.contains(field) else { continue }
                differing[field, default: []].formUnion([value, other.fields[field] ?? "n/a"])
            }
        }
        // A field that differs in every map, such as its name, tells nothing that could be asked for.
        return differing.filter { $0.value.count <= max(2, names.count / 2) }.sorted { $0.key < $1.key }.map {
            $0.key + " (" + $0.value.sorted().prefix(5).joined(separator: ", ")
                + ($0.value.count > 5 ? ", …" : "")
                + ")"
        }
    }

    private static func equal(_ found: String?, _ wanted: String) -> Bool {
        guard let found else { return false }
        if found == wanted { return true }
        guard let one = Double(found), let other = Double(wanted) else { return false }
        return one == other
    }

    static func folder(_ dataSet: DataSet, _ number: Int) -> String {
        dataSet.folder + "/collection_\(number)"
    }

    /// NeuroVault's own fields that tell nothing of a subject.
    static let bookkeeping: Set<String> = [
        "url", "id", "file", "collection", "collection_id", "file_size", "add_date", "modify_date",
        "is_valid",
        "thumbnail", "reduced_representation", "surface_left_file", "surface_right_file", "is_thresholded",
        "figure",
        "image_type", "perc_bad_voxels", "perc_voxels_outside", "brain_coverage", "not_mni",
        "cognitive_paradigm_cogatlas_id", "cognitive_contrast_cogatlas_id", "contrast_definition_cogatlas",
        "reduced_representation_file", "target_template_image", "data_origin", "subject_species",
    ]
}
