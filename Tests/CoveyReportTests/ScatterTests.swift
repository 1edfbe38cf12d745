import CoveyTestSupport
import Testing

@testable import Covey
@testable import CoveyReport

@Suite("The scatter of subjects")
struct ScatterTests {
    /// Least-squares slope through points.
    static func slope(_ x: [Double], _ y: [Double]) -> Double {
        let (mx, my) = (x.reduce(0, +) / Double(x.count), y.reduce(0, +) / Double(y.count))
        let (xy, xx) = zip(x, y).reduce((0.0, 0.0)) {
            ($0.0 + ($1.0 - mx) * ($1.1 - my), $0.1 + ($1.0 - mx) * ($1.0 - mx))
        }
        return xy / xx
    }

    static func contrast(_ text: String, on design: Design, _ rows: [[Double]]) throws -> (
        ContrastAnalysis, Fit
    ) {
        let grid = Grid(
            shape: [rows[0].count, 1, 1], affine: Affine([1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0]))
        let cohort = Cohort(
            identifiers: rows.indices.map { "s\($0)" }, mask: Mask(grid: grid, where: { _ in true })
        ) { rows[$0] }
        let model = try LinearModel(design)
        let fit = Fit(model, cohort)
        let weights = try Contrast(text).weights(in: design)
        let plan = AnalysisPlan(
            data: .init(), model: .designTable(path: "design"), contrasts: [text], tail: .twoSided)
        let found = ContrastAnalysis(
            weights, label: "C", comparesMeans: false, try weights.partition(of: model), fit, variant: nil,
            plan: plan,
            permutation: nil, threads: 1, clock: StageClock())
        return (found, fit)
    }

    @Test(
        "the line through the adjusted points has the slope of the effect, whatever is tested",
        arguments: ["age", "group", "intercept", "age - group", "0.5*age + 2*group", "-1*age"])
    func effect(text: String) throws {
        var numbers = TestNumbers(4)
        let n = 17
        let age = numbers.normals(n).map { 40 + 9 * $0 }
        let group = (0..<n).map { Double($0 % 3 == 0 ? 1 : 0) }
        let design = Design(
            names: ["intercept", "age", "group"],
            matrix: Matrix(columns: [[Double](repeating: 1, count: n), age, group]))
        let rows = (0..<n).map { i in (0..<6).map { _ in numbers.normal() + 0.1 * age[i] - group[i] } }
        let (found, fit) = try Self.contrast(text, on: design, rows)
        let scatter = ReportScatter(found, design)
        let effects = fit.effect(found.partition).values
        for voxel in 0..<6 {
            let y = rows.map { $0[voxel] }
            let plot = scatter.plot(y)
            #expect(abs(plot.slope - effects[voxel]) < 1e-9 * max(1, abs(effects[voxel])))
            // Through the origin of the tested regressor where the constant is tested, else about the mean.
            let fitted =
                scatter.addsMean
                ? Self.slope(plot.x, plot.y)
                : zip(plot.x, plot.y).reduce(0) { $0 + $1.0 * $1.1 } / plot.x.reduce(0) { $0 + $1 * $1 }
            #expect(abs(fitted - effects[voxel]) < 1e-9 * max(1, abs(effects[voxel])))
        }
        #expect(scatter.isAdjusted)
    }

    @Test("with one covariate the plot shows the data and the covariate as they are")
    func raw() throws {
        var numbers = TestNumbers(5)
        let score = numbers.normals(11).map { 30 + 4 * $0 }
        let design = Design(
            names: ["intercept", "score"],
            matrix: Matrix(columns: [[Double](repeating: 1, count: 11), score]))
        let rows = (0..<11).map { _ in [numbers.normal()] }
        let (found, _) = try Self.contrast("score", on: design, rows)
        let scatter = ReportScatter(found, design)
        let plot = scatter.plot(rows.map { $0[0] })
        #expect(zip(plot.x, score).allSatisfy { abs($0 - $1) < 1e-9 })
        #expect(zip(plot.y, rows).allSatisfy { abs($0 - $1[0]) < 1e-12 })
        #expect(!scatter.isAdjusted && scatter.xName == "score")
    }

    @Test("a mean has its subjects at one place and a level line at the mean")
    func mean() throws {
        let design = Design(
            names: ["intercept"], matrix: Matrix(columns: [[Double](repeating: 1, count: 4)]))
        let rows = [[1.0], [2], [4], [9]]
        let (found, _) = try Self.contrast("intercept", on: design, rows)
        let plot = ReportScatter(found, design).plot(rows.map { $0[0] })
        #expect(plot.x.allSatisfy { $0 == plot.x[0] })
        #expect(plot.slope == 0 && abs(plot.level - 4) < 1e-12)
        #expect(zip(plot.y, [1.0, 2, 4, 9]).allSatisfy { abs($0 - $1) < 1e-12 })
    }
}
