public import CoveyCore
import CoveyFormats

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// The dataset level of a BIDS Stats Model: which variables explain the subjects' maps, and what is tested.
///
/// Only nodes of level `Dataset` are read; those of runs and subjects describe what was done before the maps that
/// Covey reads. BIDS Stats Models 1.0.0-rc, bids-standard.github.io/stats-models.
public struct StatsModel: Sendable, Hashable {
    /// The version of the format that is written.
    public static let version = "1.0.0"

    /// The model's name.
    public var name: String
    /// The nodes of the dataset level, in order.
    public var nodes: [Node]

    /// A model.
    public init(name: String, nodes: [Node]) { (self.name, self.nodes) = (name, nodes) }

    /// A regression over subjects.
    public struct Node: Sendable, Hashable {
        /// The node's name.
        public var name: String
        /// One model is fitted for each combination of these; `contrast` stands for the contrasts of the subjects.
        public var groupBy: [String] = ["contrast"]
        /// The contrasts of the subjects that reach the node, where an edge names them.
        public var incomingContrasts: [String] = []
        /// `Model.X`: names of variables, possibly with `*` and `?`; the intercept is `1`.
        public var predictors: [String]
        /// `Model.Formula`, in Wilkinson's notation.
        public var formula: String?
        /// What is tested, `DummyContrasts` included.
        public var contrasts: [Contrast] = []
        /// `DummyContrasts` without a list: every predictor is tested so.
        public var testsEveryPredictor: Test?
        /// `Model.Software`: by program, what the format has no words for.
        public var software: [String: JSONValue] = [:]

        /// A node.
        public init(name: String, predictors: [String]) { (self.name, self.predictors) = (name, predictors) }
    }

    /// A weighted sum of predictors, or several.
    public struct Contrast: Sendable, Hashable {
        /// Its name.
        public var name: String
        /// The predictors; `1` is the intercept.
        public var conditions: [String]
        /// Rows of weights, each as long as ``conditions``.
        public var weights: [[Double]]
        /// The test.
        public var test: Test

        /// A contrast.
        public init(name: String, conditions: [String], weights: [[Double]], test: Test) {
            (self.name, self.conditions, self.weights, self.test) = (name, conditions, weights, test)
        }
    }

    /// A test of a contrast.
    public enum Test: String, Sendable, Hashable {
        /// One row.
        case t
        /// One row or several together.
        case f = "F"
    }

    /// The node of a name, or the only one.
    ///
    /// - Throws: ``StatsModelError`` where the name is unknown, or is needed and was not given.
    public func node(named name: String?) throws(StatsModelError) -> Node {
        guard let name else {
            guard nodes.count == 1 else { throw .severalNodes(nodes.map(\.name)) }
            return nodes[0]
        }
        guard let node = nodes.first(where: { $0.name == name }) else {
            throw .unknownNode(name, nodes: nodes.map(\.name))
        }
        return node
    }

    /// The model as JSON, keys sorted.
    public func json() -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        guard let data = try? encoder.encode(document) else {
            preconditionFailure("JSON that cannot be written")
        }
        return String(decoding: data, as: UTF8.self) + "\n"
    }

    private var document: JSONValue {
        func variables(_ names: [String]) -> JSONValue {
            .array(names.map { $0 == "1" ? .number(1) : .string($0) })
        }
        let nodes = nodes.map { node -> JSONValue in
            var model: [String: JSONValue] = ["Type": .string("glm"), "X": variables(node.predictors)]
            if let formula = node.formula { model["Formula"] = .string(formula) }
            if !node.software.isEmpty { model["Software"] = .object(node.software) }
            let contrasts = node.contrasts.map { contrast -> JSONValue in
                let rows = contrast.weights.map { JSONValue.array($0.map { .number($0) }) }
                return .object([
                    "Name": .string(contrast.name), "ConditionList": variables(contrast.conditions),
                    "Weights": rows.count == 1 ? rows[0] : .array(rows),
                    "Test": .string(contrast.test.rawValue),
                ])
            }
            var fields: [String: JSONValue] = [
                "Level": .string("Dataset"), "Name": .string(node.name), "Model": .object(model),
                "GroupBy": .array(node.groupBy.map { .string($0) }),
            ]
            if !contrasts.isEmpty { fields["Contrasts"] = .array(contrasts) }
            if let test = node.testsEveryPredictor {
                fields["DummyContrasts"] = .object(["Test": .string(test.rawValue)])
            }
            return .object(fields)
        }
        return .object([
            "Name": .string(name), "BIDSModelVersion": .string(Self.version), "Input": .object([:]),
            "Nodes": .array(nodes),
        ])
    }
}

/// Why a BIDS Stats Model cannot be used.
public enum StatsModelError: ExplainedError, Equatable {
    /// The file is no JSON.
    case notJSON(String)
    /// A part is missing or of the wrong kind; where it stands, and what is expected.
    case badPart(String, place: String, expected: String)
    /// The format allows it and Covey does not do it.
    case unsupported(String, place: String, reason: String)
    /// No node of the dataset level; the levels that are there.
    case noDatasetNode(String, levels: [String])
    /// Several nodes of the dataset level.
    case severalNodes([String])
    /// No such node.
    case unknownNode(String, nodes: [String])
    /// A wild card of `X` that matches no column of the table.
    case nothingMatches(String, columns: [String])
    /// Nothing is tested.
    case noContrasts(node: String)

    /// What is wrong.
    public var description: String {
        switch self {
        case .notJSON(let file): "\(quoted(file)) is no JSON"
        case .badPart(let file, let place, let expected):
            "\(quoted(file)), \(printable(place)): expected \(expected)"
        case .unsupported(let file, let place, let reason): "\(quoted(file)), \(printable(place)): \(reason)"
        case .noDatasetNode(let file, let levels):
            "\(quoted(file)) has no node of level Dataset; levels: \(levels.isEmpty ? "none" : listed(levels, limit: 8))"
        case .severalNodes(let names): "several nodes of the dataset level: \(listed(names, limit: 8))"
        case .unknownNode(let name, let nodes):
            "no node of the dataset level is called \(quoted(name)); there are \(listed(nodes, limit: 8))"
        case .nothingMatches(let pattern, let columns):
            "X: no column of the table matches \(quoted(pattern)); columns: \(listed(columns, limit: 12))"
        case .noContrasts(let node): "node \(quoted(node)) tests nothing: it has no contrasts of test t or F"
        }
    }

    /// What to do.
    public var remedy: String {
        switch self {
        case .notJSON, .badPart: "the format is described at bids-standard.github.io/stats-models"
        case .unsupported(_, _, let reason):
            reason.contains("transform")
                ? "add the transformed variables to the table, and drop the instruction" : ""
        case .noDatasetNode: "add a node with Level: Dataset"
        case .severalNodes: "choose one with --node"
        case .unknownNode: ""
        case .nothingMatches: "check the table"
        case .noContrasts: "add Contrasts or DummyContrasts"
        }
    }
}
