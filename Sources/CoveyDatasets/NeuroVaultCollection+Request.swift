import CoveyCore
import CoveyFormats

extension NeuroVaultCollection {
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
        } else if !dataSet.contrasts.isEmpty, choice.conditions.isEmpty, !choice.isRepeated {
            throw .noContrast(dataSet: dataSet.name, known: dataSet.contrasts.map { $0.names[0] })
        } else if contrasts.count == 1, let only = contrasts[0].name {
            contrast = DataSet.Contrast(label: only, names: [only])
        } else if !conditions.isEmpty {
            let words = conditions.sorted { $0.key < $1.key }.map { $0.key + "=" + $0.value }.joined(
                separator: ", ")
            contrast = DataSet.Contrast(label: words, names: [words])
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
            notes: notes, cautions: cautions, severalMapsBy: isUnique ? nil : field.map(Self.column))
    }

    private func request(
        _ chosen: [NeuroVaultImage], identifiers: [String], _ contrast: DataSet.Contrast, _ subjects: String?,
        notes: [Note], cautions: [String], severalMapsBy: String?
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
            let name = Self.column(field)
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
            cautions: cautions, severalMapsBy: severalMapsBy)
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

    /// The column of a field: the table's own columns keep their names.
    private static func column(_ field: String) -> String {
        ["participant_id", "map", "image_number"].contains(field) ? "neurovault_" + field : field
    }

    static func folder(_ dataSet: DataSet, _ number: Int) -> String {
        dataSet.folder + "/collection_\(number)"
    }
}
