import CoveyCore
import Testing

@testable import CoveyLayouts

@Suite("BIDS Stats Models")
struct StatsModelTests {
    /// Three levels, as models of real data sets have them.
    static let text = """
        {"Name": "stopsignal", "BIDSModelVersion": "1.0.0", "Input": {"task": ["stopsignal"]},
         "Nodes": [
          {"Level": "Run", "Name": "run", "GroupBy": ["run", "subject"],
           "Transformations": {"Transformer": "pybids-transforms-v1", "Instructions": [{"Name": "Factor"}]},
           "Model": {"X": [1, "trial_type.go"], "Type": "glm", "HRF": {"Variables": ["x"], "Model": "spm"}},
           "DummyContrasts": {"Test": "t"}},
          {"Level": "Subject", "Name": "subject", "GroupBy": ["subject", "contrast"],
           "Model": {"X": [1], "Type": "meta"}, "DummyContrasts": {"Test": "t"}},
          {"Level": "Dataset", "Name": "group", "GroupBy": ["contrast"],
           "Model": {"X": [1, "age", "iq"], "Type": "glm", "Software": {"SPM": {"InclusiveMaskingThreshold": 0}}},
           "Contrasts": [
            {"Name": "age_vs_iq", "ConditionList": ["age", "iq"], "Weights": ["1/3", -1], "Test": "t"},
            {"Name": "any", "ConditionList": ["age", "iq"], "Weights": [[1, 0], [0, 1]], "Test": "F"},
            {"Name": "on", "ConditionList": ["age"], "Weights": [1], "Test": "pass"}],
           "DummyContrasts": {"Contrasts": [1, "age"], "Test": "t"}}],
         "Edges": [
          {"Source": "run", "Destination": "subject"},
          {"Source": "subject", "Destination": "group", "Filter": {"contrast": ["go", "stop"]}}]}
        """

    @Test("the dataset level is read whole: predictors, contrasts, fractions, dummies, edges")
    func reading() throws {
        let (model, notes) = try StatsModel.parse(Self.text, source: "m.json")
        let node = try model.node(named: nil)
        #expect(model.name == "stopsignal" && model.nodes.count == 1)
        #expect(node.predictors == ["1", "age", "iq"] && node.groupBy == ["contrast"])
        #expect(node.incomingContrasts == ["go", "stop"] && node.software.keys.sorted() == ["SPM"])
        #expect(node.contrasts.map(\.name) == ["age_vs_iq", "any", "intercept", "age"])
        #expect(node.contrasts[0].weights == [[1.0 / 3, -1]] && node.contrasts[0].test == .t)
        #expect(node.contrasts[1].weights == [[1, 0], [0, 1]] && node.contrasts[1].test == .f)
        #expect(node.contrasts[2].conditions == ["1"])
        let words = notes.map(\.text).joined(separator: "; ")
        #expect(words.contains("2 nodes of other levels") && words.contains("'on' is passed on"))
    }

    @Test("what is written reads back to the same model")
    func roundTrip() throws {
        var model = try StatsModel.parse(Self.text, source: "m.json").model
        model.nodes[0].incomingContrasts = []
        model.nodes[0].formula = "~ 1 + age * iq"
        model.nodes[0].testsEveryPredictor = .f
        let (back, notes) = try StatsModel.parse(model.json(), source: "n.json")
        #expect(back == model && notes.isEmpty)
    }

    @Test(
        "what is wrong or beyond a linear model over subjects is told with its place",
        arguments: [
            ("{", "no JSON"), ("{}", "Nodes"), (node(#""Model": {"X": [1]}"#), "Model.Type"),
            (node(#""Model": {"Type": "meta", "X": [1]}"#), "'meta' is no general linear model"),
            (node(#""Model": {"Type": "glm"}"#), "Model.X"),
            (node(#""Model": {"Type": "glm", "X": [2]}"#), "1 for the intercept"),
            (node(#""Model": {"Type": "glm", "X": [1], "HRF": {}}"#), "haemodynamic"),
            (
                node(
                    #""Model": {"Type": "glm", "X": [1]}, "Transformations": {"Instructions": [{"Name": "Scale"}]}"#
                ),
                "1 instructions to transform"
            ),
            (contrast(#""Test": "t""#), "ConditionList"),
            (contrast(#""Test": "q", "ConditionList": ["a"], "Weights": [1]"#), "t, F or pass"),
            (contrast(#""Test": "t", "ConditionList": ["a"], "Weights": [1, 2]"#), "1 numbers a row"),
            (contrast(#""Test": "t", "ConditionList": ["a"], "Weights": [[1], [2]]"#), "one row for Test t"),
            (contrast(#""Test": "t", "ConditionList": ["a"], "Weights": ["1/0"]"#), "'1/0'"),
            (contrast(#""Test": "t", "ConditionList": ["a"], "Weights": [true]"#), "fractions"),
        ])
    func faults(text: String, word: String) {
        let error = #expect(throws: StatsModelError.self) { try StatsModel.parse(text, source: "m.json") }
        #expect(error?.description.contains(word) == true, "\(error?.description ?? "")")
    }

    static func node(_ fields: String) -> String {
        #"{"Nodes": [{"Level": "Dataset", "Name": "g", \#(fields)}]}"#
    }

    static func contrast(_ fields: String) -> String {
        node(#""Model": {"Type": "glm", "X": [1, "a"]}, "Contrasts": [{"Name": "c", \#(fields)}]"#)
    }

    @Test("a node must be there and be named where there are several; unknown parts are said")
    func nodes() throws {
        let subject = #"{"Nodes": [{"Level": "Subject", "Name": "s", "Model": {"Type": "glm", "X": [1]}}]}"#
        #expect(throws: StatsModelError.noDatasetNode("m", levels: ["Subject"])) {
            try StatsModel.parse(subject, source: "m")
        }
        let one =
            #"{"Level": "Dataset", "Name": "NAME", "Model": {"Type": "glm", "X": [1], "Variance": 1, "Options": {"Mask": {}}}, "Why": 2}"#
        let text = "{\"Nodes\": [\(one), \(one.split(separator: "NAME").joined(separator: "b"))]}"
        let (model, notes) = try StatsModel.parse(text, source: "m")
        #expect(throws: StatsModelError.severalNodes(["NAME", "b"])) { try model.node(named: nil) }
        #expect(throws: StatsModelError.unknownNode("c", nodes: ["NAME", "b"])) { try model.node(named: "c") }
        #expect(try model.node(named: "b").predictors == ["1"])
        let words = notes.map(\.text).joined(separator: "; ")
        #expect(words.contains("Why, Model.Variance") && words.contains("Options (Mask)"))
    }
}
