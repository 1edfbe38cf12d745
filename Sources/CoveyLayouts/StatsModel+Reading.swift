public import CoveyCore
import CoveyFormats

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

extension StatsModel {
    /// Reads the dataset level of a BIDS Stats Model.
    ///
    /// - Returns: the model, and what of the file was not used.
    /// - Throws: `FormatError` where the file cannot be read, ``StatsModelError`` naming the part that is wrong, or
    ///   that asks for something else than a general linear model over subjects.
    public static func read(_ path: String) throws -> (model: StatsModel, notes: [Note]) {
        try parse(readText(path), source: path)
    }

    /// Reads the text of a model; see ``read(_:)``.
    public static func parse(
        _ text: String, source: String
    ) throws(StatsModelError) -> (model: StatsModel, notes: [Note]) {
        guard let document = try? JSONDecoder().decode(JSONValue.self, from: Data(text.utf8)) else {
            throw .notJSON(source)
        }
        var reader = StatsModelReader(source: source, document: document)
        return (try reader.model(), reader.notes)
    }
}

/// Takes the JSON of a model apart and says where it fails.
private struct StatsModelReader {
    let source: String
    let document: JSONValue
    var notes: [Note] = []

    mutating func model() throws(StatsModelError) -> StatsModel {
        guard let entries = document["Nodes"]?.list else { throw fault("Nodes", "a list of nodes") }
        var nodes: [StatsModel.Node] = []
        var levels: [String] = []
        for (place, entry) in entries.enumerated() {
            let here = "Nodes[\(place)]"
            guard let level = entry["Level"]?.text else { throw fault(here + ".Level", "a level") }
            levels.append(level)
            if level.lowercased() == "dataset" { nodes.append(try node(entry, here)) }
        }
        guard !nodes.isEmpty else { throw .noDatasetNode(source, levels: levels) }
        if levels.count > nodes.count {
            notes.append(
                .information(
                    "\(levels.count - nodes.count) nodes of other levels describe how the maps were made; not used"
                ))
        }
        for edge in document["Edges"]?.list ?? [] {
            guard let name = edge["Destination"]?.text, let at = nodes.firstIndex(where: { $0.name == name })
            else {
                continue
            }
            nodes[at].incomingContrasts += (edge["Filter"]?["contrast"]?.list ?? []).compactMap(\.text)
        }
        return StatsModel(name: document["Name"]?.text ?? "model", nodes: nodes)
    }

    private mutating func node(_ entry: JSONValue, _ here: String) throws(StatsModelError) -> StatsModel.Node
    {
        guard let name = entry["Name"]?.text else { throw fault(here + ".Name", "a name") }
        guard let model = entry["Model"] else { throw fault(here + ".Model", "a model") }
        guard let kind = model["Type"]?.text else { throw fault(here + ".Model.Type", "glm") }
        guard kind.lowercased() == "glm" else {
            throw .unsupported(
                source, place: here + ".Model.Type",
                reason: "\(quoted(kind)) is no general linear model (glm)")
        }
        if let instructions = entry["Transformations"]?["Instructions"]?.list, !instructions.isEmpty {
            throw .unsupported(
                source, place: here + ".Transformations",
                reason: "\(instructions.count) instructions to transform variables are not carried out")
        }
        if model["HRF"] != nil {
            throw .unsupported(
                source, place: here + ".Model.HRF", reason: "subjects have no haemodynamic response")
        }
        guard let x = model["X"] else { throw fault(here + ".Model.X", "a list of variables") }
        var node = StatsModel.Node(name: name, predictors: try variables(x, here + ".Model.X"))
        node.formula = model["Formula"]?.text
        if let groups = entry["GroupBy"]?.list { node.groupBy = groups.compactMap(\.text) }
        if case .object(let software)? = model["Software"] { node.software = software }
        if let options = model["Options"], !options.names.isEmpty {
            notes.append(
                .warning(
                    "\(here).Model.Options (\(options.names.joined(separator: ", "))) is not used: name a mask with --mask"
                ))
        }
        let known: Set = [
            "Level", "Name", "Description", "GroupBy", "Transformations", "Model", "Contrasts",
            "DummyContrasts",
        ]
        let knownInModel: Set = ["Type", "X", "Formula", "HRF", "Options", "Software", "Description"]
        let odd =
            entry.names.filter { !known.contains($0) }
            + model.names.filter { !knownInModel.contains($0) }.map { "Model." + $0 }
        if !odd.isEmpty {
            notes.append(
                .warning(
                    "\(here): not known and not used: \(odd.map { printable($0) }.joined(separator: ", "))"))
        }
        for (place, contrast) in (entry["Contrasts"]?.list ?? []).enumerated() {
            if let read = try self.contrast(contrast, "\(here).Contrasts[\(place)]") {
                node.contrasts.append(read)
            }
        }
        try addDummies(entry["DummyContrasts"], to: &node, here + ".DummyContrasts")
        return node
    }

    private mutating func addDummies(
        _ entry: JSONValue?, to node: inout StatsModel.Node, _ here: String
    ) throws(StatsModelError) {
        guard let entry, let test = try test(entry, here, name: "DummyContrasts") else { return }
        guard let list = entry["Contrasts"] else {
            node.testsEveryPredictor = test
            return
        }
        for variable in try variables(list, here + ".Contrasts") {
            guard !node.contrasts.contains(where: { $0.name == variable }) else {
                throw fault(here, "names that are not among Contrasts; \(quoted(variable)) is")
            }
            node.contrasts.append(
                .init(
                    name: variable == "1" ? "intercept" : variable, conditions: [variable], weights: [[1]],
                    test: test))
        }
    }

    private mutating func contrast(
        _ entry: JSONValue, _ here: String
    ) throws(StatsModelError) -> StatsModel.Contrast? {
        guard let name = entry["Name"]?.text, !name.isEmpty else { throw fault(here + ".Name", "a name") }
        guard let test = try test(entry, here, name: name) else { return nil }
        guard let list = entry["ConditionList"] else {
            throw fault(here + ".ConditionList", "a list of variables")
        }
        let conditions = try variables(list, here + ".ConditionList")
        let place = here + ".Weights"
        guard let weights = entry["Weights"]?.list, !weights.isEmpty else {
            throw fault(place, "a list of numbers")
        }
        var rows: [[Double]] = []
        if weights.allSatisfy({ $0.list != nil }) {
            for row in weights { rows.append(try numbers(row.list!, place)) }
        } else {
            rows = [try numbers(weights, place)]
        }
        guard rows.allSatisfy({ $0.count == conditions.count }) else {
            throw fault(place, "\(conditions.count) numbers a row, one for each of ConditionList")
        }
        guard test == .f || rows.count == 1 else { throw fault(place, "one row for Test t") }
        return .init(name: name, conditions: conditions, weights: rows, test: test)
    }

    private mutating func test(
        _ entry: JSONValue, _ here: String, name: String
    ) throws(StatsModelError) -> StatsModel.Test? {
        switch entry["Test"]?.text {
        case "t"?: return .t
        case "F"?: return .f
        case "pass"?:
            notes.append(.information("\(quoted(name)) is passed on without a test (Test: pass); not used"))
            return nil
        default: throw fault(here + ".Test", "t, F or pass")
        }
    }

    private func variables(_ value: JSONValue, _ place: String) throws(StatsModelError) -> [String] {
        guard let list = value.list, !list.isEmpty else { throw fault(place, "a list of variables") }
        var names: [String] = []
        for entry in list {
            switch entry {
            case .number(1): names.append("1")
            case .string(let name) where !name.isEmpty: names.append(name)
            default: throw fault(place, "names of variables, and 1 for the intercept")
            }
        }
        return names
    }

    private func numbers(_ list: [JSONValue], _ place: String) throws(StatsModelError) -> [Double] {
        var numbers: [Double] = []
        for entry in list {
            switch entry {
            case .number(let value): numbers.append(value)
            case .string(let text):
                let parts = text.split(separator: "/", omittingEmptySubsequences: false).map {
                    decimalNumber($0)
                }
                guard (1...2).contains(parts.count), let top = parts[0],
                    let bottom = parts.count == 2 ? parts[1] : 1,
                    bottom != 0
                else { throw fault(place, "numbers or fractions such as \"1/3\", not \(quoted(text))") }
                numbers.append(top / bottom)
            default: throw fault(place, "numbers or fractions such as \"1/3\"")
            }
        }
        return numbers
    }

    private func fault(_ place: String, _ expected: String) -> StatsModelError {
        .badPart(source, place: place, expected: expected)
    }
}
