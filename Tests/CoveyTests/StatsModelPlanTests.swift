import CoveyTestSupport
import Foundation
import Testing

@testable import Covey

@Suite("Plans as BIDS Stats Models")
struct StatsModelPlanTests {
    /// The statistics of every contrast, in order.
    func results(_ plan: AnalysisPlan) throws -> [[Double]] {
        var plan = plan
        plan.figures = nil
        return try plan.run().contrasts.map(\.statistic.values)
    }

    @Test("a plan written as a model and read back gives the same bits")
    func roundTrip() throws {
        let cohort = try TemporaryCohort()
        var plan = cohort.plan
        plan.contrasts = ["Slope = score", "F: score; group[b]", "score - 0.1*intercept"]
        let (model, notes) = try plan.statsModel()
        #expect(
            notes.contains { $0.text.contains("mask, outside, permutation, ") && $0.text.contains("tail") })
        let text = model.json()
        #expect(text.contains("\"Formula\" : \"~ 1 + score + group\""))
        let (again, _) = try StatsModel.parse(text, source: "m.json")
        #expect(again == model)
        let (read, more) = try AnalysisPlan.reading(again)
        #expect(
            read.permutation == plan.permutation && read.thresholds == plan.thresholds
                && read.tail == plan.tail)
        #expect(read.data == plan.data && !more.contains { $0.text.contains("does not say the tail") })
        #expect(try results(read) == results(plan))
    }

    @Test("a model of numbers is X alone, with 1 for the intercept, and no formula")
    func plain() throws {
        let cohort = try TemporaryCohort()
        var plan = cohort.plan
        plan.model = .formula(text: "~ score", coding: .treatment, centring: .none)
        plan.contrasts = ["score", "intercept"]
        let node = try plan.statsModel().model.nodes[0]
        #expect(node.predictors == ["1", "score"] && node.formula == nil)
        #expect(node.contrasts.map(\.conditions) == [["score"], ["1"]])
    }

    @Test("a foreign model is run: X, wild cards, fractions, F, dummies")
    func foreign() throws {
        let cohort = try TemporaryCohort()
        let text = """
            {"Name": "x", "BIDSModelVersion": "1.0.0", "Nodes": [{"Level": "Dataset", "Name": "g",
             "GroupBy": ["contrast"], "Model": {"Type": "glm", "X": [1, "sco*"]},
             "Contrasts": [
              {"Name": "half", "ConditionList": ["score", 1], "Weights": ["1/2", "-1/4"], "Test": "t"},
              {"Name": "both", "ConditionList": ["score", 1], "Weights": [[1, 0], [0, 1]], "Test": "F"}],
             "DummyContrasts": {"Test": "t"}}]}
            """
        let model = try StatsModel.parse(text, source: "m.json").model
        let (plan, notes) = try AnalysisPlan.reading(model, table: cohort.table)
        #expect(plan.model == .formula(text: "~ 1 + score", coding: .treatment, centring: .none))
        #expect(
            plan.contrasts == [
                "half = 0.5*score - 0.25*intercept", "both = F: score; intercept", "intercept", "score",
            ])
        #expect(notes.contains { $0.text.contains("two-sided") })
        var direct = cohort.plan
        direct.model = .formula(text: "~ score", coding: .treatment, centring: .none)
        direct.contrasts = ["2*score - intercept", "F: intercept; score", "intercept", "score"]
        direct.permutation = nil
        let (found, expected) = (try results(plan), try results(direct))
        #expect(found[2...] == expected[2...] && found.count == 4)
        for contrast in 0..<2 {
            // The weights are multiples, or the rows exchanged.
            let distance = zip(found[contrast], expected[contrast]).map { abs($0 - $1) }.max()!
            #expect(distance < 1e-9)
        }
        #expect(throws: StatsModelError.self) {
            try AnalysisPlan.reading(
                StatsModel.parse(text.split(separator: "sco*").joined(separator: "age*"), source: "m").model,
                table: cohort.table)
        }
    }

    @Test("without a table, or without a test, there is no plan")
    func faults() throws {
        let bare = StatsModel(name: "m", nodes: [.init(name: "g", predictors: ["1"])])
        #expect(throws: PlanError.noMaps) { try AnalysisPlan.reading(bare) }
        let cohort = try TemporaryCohort()
        #expect(throws: StatsModelError.noContrasts(node: "g")) {
            try AnalysisPlan.reading(bare, table: cohort.table)
        }
    }
}

@Suite("The model command", .enabled(if: Program.path != nil))
struct StatsModelCommandTests {
    @Test("analyze, write, read, run: the same maps")
    func chain() throws {
        let cohort = try TemporaryCohort()
        func run(_ arguments: String...) throws -> Program { try Program(arguments, in: cohort.folder) }
        #expect(
            try run(
                "analyze", "participants.tsv", "--model", "~ score", "--contrast", "score", "--n-perm", "20",
                "--seed", "4",
                "--no-figures", "--out", "one"
            ).status == 0)
        let written = try run("model", "write", "one/plan.json", "--out", "model.json")
        #expect(written.status == 0 && written.errors.contains("Software.Covey") && written.output.isEmpty)
        #expect(try run("model", "write", "one/plan.json", "--out", "model.json").status == 1)
        let read = try run("model", "read", "model.json", "--out", "plan.json")
        #expect(read.status == 0, "\(read.errors)")
        #expect(try run("run", "plan.json", "--out", "two", "--quiet").status == 0)
        for name in ["contrast-Score_stat-t_statmap.nii.gz", "contrast-Score_desc-fwe_maxima.tsv"] {
            let (one, two) = (
                FileManager.default.contents(atPath: cohort.folder + "/one/" + name),
                FileManager.default.contents(atPath: cohort.folder + "/two/" + name)
            )
            #expect(one != nil && one == two)
        }
        #expect(try run("model", "read", "one/plan.json").status == 1)
    }
}
