public import CoveyCore
import CoveyFormats
public import CoveyLayouts
import CoveyModel

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

extension AnalysisPlan {
    /// The name under which Covey leaves, in `Model.Software`, what BIDS Stats Models have no words for.
    static let softwareName = "Covey"

    /// The plan of a dataset-level node of a BIDS Stats Model.
    ///
    /// `X` (or `Formula`) becomes the formula, `Contrasts` and `DummyContrasts` the contrasts. What the format has
    /// no words for (tail, permutation, mask, smoothing, thresholds) is taken from `Software.Covey` where a plan was
    /// written there, else it has the defaults of ``AnalysisPlan``, and a note says so.
    ///
    /// - Parameters:
    ///   - node: the name of the node; `nil`: the only one.
    ///   - table: the table of subjects and maps; `nil`: the one under `Software.Covey`.
    /// - Returns: the plan, and what should be known of it.
    /// - Throws: `StatsModelError`, `FormatError` where the table cannot be read, ``PlanError/noMaps`` where there
    ///   is no table.
    public static func reading(
        _ model: StatsModel, node name: String? = nil, table path: String? = nil
    ) throws -> (plan: AnalysisPlan, notes: [Note]) {
        let node = try model.node(named: name)
        var notes: [Note] = []
        let saved = node.software[softwareName]?["Plan"]
        var data = try saved?["data"].map { try $0.decoded(as: DataSource.self) } ?? DataSource()
        if let path { data.table = path }
        guard let file = data.table else { throw PlanError.noMaps }
        let table = try Table.read(file).table
        let predictors = try Self.expanded(
            node.predictors, columns: table.columns.map { data.renamed[$0] ?? $0 })

        var plan = AnalysisPlan(
            data: data,
            model: .formula(
                text: Self.formula(node, predictors), coding: .treatment, centring: .none),
            contrasts: [], tail: .twoSided)
        if let saved {
            plan = try Self.merged(plan, saved)
        } else {
            notes.append(
                .information(
                    "a BIDS Stats Model does not say the tail, the mask, the smoothing or what is exchanged: two-sided, "
                        + "the voxels with a value in every map, no smoothing, no permutation"))
        }
        var questions = node.contrasts
        if let test = node.testsEveryPredictor {
            questions += predictors.map {
                .init(name: $0 == "1" ? "intercept" : $0, conditions: [$0], weights: [[1]], test: test)
            }
        }
        guard !questions.isEmpty else { throw StatsModelError.noContrasts(node: node.name) }
        plan.contrasts = questions.map(Self.expression)
        if node.groupBy.contains("contrast") {
            let names = node.incomingContrasts.map { quoted($0) }.joined(separator: ", ")
            notes.append(
                .information(
                    "the model is fitted to one contrast of the subjects at a time"
                        + (names.isEmpty ? "" : " (\(names))") + ": the table must hold the maps of one"))
        }
        let others = node.groupBy.filter { $0 != "contrast" }
        if !others.isEmpty {
            notes.append(
                .warning(
                    "GroupBy \(others.joined(separator: ", ")): one model for each is asked for; one is fitted to the whole table"
                ))
        }
        let foreign = node.software.keys.filter { $0 != softwareName }.sorted()
        if !foreign.isEmpty {
            notes.append(.information("settings of \(foreign.joined(separator: ", ")) are not used"))
        }
        return (plan, notes)
    }

    /// The plan's model as the dataset level of a BIDS Stats Model.
    ///
    /// What the format has no words for goes under `Software.Covey`, from where ``reading(_:node:table:)`` takes it
    /// back; the notes say what that is. The table is read, for the design's columns; no map is.
    public func statsModel(named name: String = "covey") throws -> (model: StatsModel, notes: [Note]) {
        let design = try AnalysisInput(self).design
        var node = StatsModel.Node(name: "dataset", predictors: [])
        var notes: [Note] = []
        if case .formula(let text, _, _) = model {
            let formula = try Formula(text)
            node.predictors =
                (formula.hasIntercept ? ["1"] : []) + formula.columns.map { data.renamed[$0] ?? $0 }
            if node.predictors.map({ $0 == "1" ? "intercept" : $0 }) != design.names {
                let body = text.drop { $0 != "~" }.dropFirst()
                node.formula =
                    (formula.hasIntercept ? "~ 1 + " : "~ ") + trimmed(body.isEmpty ? text[...] : body)
                notes.append(
                    .information(
                        "the columns of the design (\(design.names.map { printable($0) }.joined(separator: ", "))) are made "
                            + "from the formula; contrasts name them, which other programs may not understand"
                    ))
            }
        } else {
            node.predictors = design.names.map { $0.lowercased() == "intercept" ? "1" : $0 }
        }
        node.contrasts = try contrasts.map { text in
            let weights = try Contrast(text).weights(in: design)
            let used = design.names.indices.filter { weights.weightedColumns.contains(design.names[$0]) }
            return StatsModel.Contrast(
                name: weights.name,
                conditions: used.map {
                    design.names[$0] == "intercept" && node.predictors.contains("1") ? "1" : design.names[$0]
                },
                weights: (0..<weights.weights.rows).map { row in used.map { weights.weights[row, $0] } },
                test: weights.isF ? .f : .t)
        }
        var saved = try JSONValue(encoding: self)
        if case .object(var fields) = saved {
            fields["contrasts"] = nil
            saved = .object(fields)
        }
        // The model stands in X or Formula, but for how factors are coded and covariates centred.
        let kept = saved.names.filter { !["version", "model"].contains($0) } + ["coding", "centring"]
        notes.append(
            .information(
                "a BIDS Stats Model has no words for these parts of a plan; they are under "
                    + "Software.\(Self.softwareName): \(kept.joined(separator: ", "))"))
        node.software[Self.softwareName] = .object(["Version": .string(coveyVersion), "Plan": saved])
        return (StatsModel(name: name, nodes: [node]), notes)
    }

    /// `X` with its wild cards replaced by the columns they match.
    private static func expanded(_ predictors: [String], columns: [String]) throws(StatsModelError)
        -> [String]
    {
        var names: [String] = []
        for predictor in predictors {
            guard predictor.contains("*") || predictor.contains("?"), !columns.contains(predictor) else {
                if !names.contains(predictor) { names.append(predictor) }
                continue
            }
            let found = columns.filter { matches(Array($0)[...], Array(predictor)[...]) }
            guard !found.isEmpty else { throw .nothingMatches(predictor, columns: columns) }
            names += found.filter { !names.contains($0) }
        }
        return names
    }

    private static func formula(_ node: StatsModel.Node, _ predictors: [String]) -> String {
        if let formula = node.formula { return formula.contains("~") ? formula : "~ " + formula }
        let terms = predictors.filter { $0 != "1" }.map(inBackquotes)
        return "~ " + ([predictors.contains("1") ? "1" : "0"] + terms).joined(separator: " + ")
    }

    /// A contrast in Covey's words: `Name = 1*age - 0.5*iq`, `Name = F: ...; ...`.
    private static func expression(_ contrast: StatsModel.Contrast) -> String {
        let rows = contrast.weights.map { row in
            let terms = zip(row, contrast.conditions).filter { $0.0 != 0 }.map { pair -> String in
                let (weight, condition) = pair
                let sign = weight < 0 ? "- " : "+ "
                let factor = abs(weight) == 1 ? "" : shortest(abs(weight)) + "*"
                return sign + factor + inBackquotes(condition == "1" ? "intercept" : condition)
            }
            let text = terms.joined(separator: " ")
            return text.hasPrefix("+ ") ? String(text.dropFirst(2)) : text.isEmpty ? "0" : text
        }
        let body = (contrast.test == .f ? "F: " : "") + rows.joined(separator: "; ")
        let name = String(contrast.name.map { $0 == "=" || $0 == "`" ? "-" : $0 })
        return name == body ? body : "\(name) = \(body)"
    }

    /// A name as formulas and contrasts take it.
    private static func inBackquotes(_ name: String) -> String {
        let isPlain = name.allSatisfy { $0.isLetter || $0.isNumber || $0 == "_" || $0 == "." }
        return isPlain && name.first?.isLetter == true ? name : "`\(name)`"
    }

    /// A plan whose model text and contrasts are those of a Stats Model, and everything else as it was saved.
    private static func merged(_ fresh: AnalysisPlan, _ saved: JSONValue) throws -> AnalysisPlan {
        guard case .object(var fields) = saved else { return fresh }
        fields["contrasts"] = .array([])
        guard var plan = try? JSONValue.object(fields).decoded(as: AnalysisPlan.self) else {
            throw PlanError.unreadable(
                "Software.\(softwareName).Plan", reason: "it is no plan of this version")
        }
        guard plan.version <= currentVersion else { throw PlanError.laterVersion(plan.version) }
        plan.data = fresh.data
        if case .formula(_, let coding, let centring) = plan.model,
            case .formula(let text, _, _) = fresh.model
        {
            plan.model = .formula(text: text, coding: coding, centring: centring)
        }
        return plan
    }

    private func trimmed(_ text: Substring) -> String {
        var text = text
        while text.first == " " { text.removeFirst() }
        while text.last == " " { text.removeLast() }
        return String(text)
    }
}
