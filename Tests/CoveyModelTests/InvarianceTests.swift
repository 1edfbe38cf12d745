import CoveyCore
import CoveyFormats
import CoveyImaging
import CoveyTestSupport
import Testing

@testable import CoveyModel

/// What must not change t, because it does not change the question.
@Suite("Invariance of t")
struct InvarianceTests {
    private let n = 18
    private let voxels = 70

    private func cohort(_ rows: [[Double]]) -> Cohort {
        let grid = Grid(shape: [rows[0].count, 1, 1], affine: Affine([1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0]))
        return Cohort(identifiers: rows.indices.map { "\($0)" }, mask: Mask(grid: grid) { _ in true }) {
            rows[$0]
        }
    }

    private func maps(_ seed: UInt64) -> [[Double]] {
        var numbers = TestNumbers(seed)
        return (0..<n).map { _ in numbers.normals(voxels).map { $0 + 3 } }
    }

    private func t(_ columns: [[Double]], _ weights: [Double], _ maps: [[Double]]) throws -> [Double] {
        let model = try LinearModel(matrix: Matrix(columns: columns))
        let partition = try ContrastPartition(
            model, weights: Matrix(rows: [weights]), isF: false, name: "c")
        return Fit(model, cohort(maps), threads: 1).t(partition).values
    }

    private func expectEqual(_ a: [Double], _ b: [Double], _ tolerance: Double, _ what: String) {
        #expect(a.count == voxels && b.count == voxels && a.allSatisfy(\.isFinite), "\(what)")
        for (x, y) in zip(a, b) { #expect(abs(x - y) <= tolerance * max(1, abs(x)), "\(what)") }
    }

    private var one: [Double] { [Double](repeating: 1, count: n) }

    @Test("t of a regressor does not change with its unit or origin, and changes sign with its sign")
    func regressorScale() throws {
        var numbers = TestNumbers(1)
        let (x, age, y) = (numbers.normals(n), numbers.normals(n), maps(2))
        let expected = try t([one, x, age], [0, 1, 0], y)
        for scale in [0x1p-30, 0.3, 1e6] {
            let scaled = try t([one, x.map { $0 * scale }, age], [0, 1, 0], y)
            expectEqual(scaled, expected, 1e-12, "scaled by \(scale)")
        }
        // A shift of 10^4 standard deviations costs four of the sixteen digits.
        for (shift, tolerance) in [(0.5, 1e-12), (1e4, 1e-10)] {
            let shifted = try t([one, x.map { $0 + shift }, age.map { $0 - shift }], [0, 1, 0], y)
            expectEqual(shifted, expected, tolerance, "shifted by \(shift)")
        }
        let negated = try t([one, x.map { -$0 }, age], [0, 1, 0], y)
        expectEqual(negated.map { -$0 }, expected, 1e-12, "negated")
        // Without a constant a shift is another question, so that the test above can fail.
        let moved = try t([x.map { $0 + 0.5 }], [1], y)
        #expect(try t([x], [1], y) != moved)
    }

    @Test("t does not change with the length of the contrast's weights, and F not with its basis")
    func contrastScale() throws {
        var numbers = TestNumbers(3)
        let (columns, y) = ([one, numbers.normals(n), numbers.normals(n)], maps(4))
        let expected = try t(columns, [0, 1, -0.5], y)
        for scale in [1e-8, 7, 1e8] {
            expectEqual(
                try t(columns, [0, scale, -0.5 * scale], y), expected, 1e-12, "weights times \(scale)")
        }
        expectEqual(
            try t(columns, [0, -3, 1.5], y).map { -$0 }, expected, 1e-12, "weights of the other sign")
        let model = try LinearModel(matrix: Matrix(columns: columns))
        let fit = Fit(model, cohort(y), threads: 1)
        func f(_ rows: [[Double]]) throws -> [Double] {
            fit.f(try ContrastPartition(model, weights: Matrix(rows: rows), isF: true, name: "F")).values
        }
        let both = try f([[0, 1, 0], [0, 0, 1]])
        expectEqual(try f([[0, 1, 1], [0, 1, -2], [0, 100, 0]]), both, 1e-12, "another basis")
        expectEqual(try f([[0, 1, -0.5]]), expected.map { $0 * $0 }, 1e-12, "F of one row")
    }

    @Test("t does not change with the order of the subjects", arguments: 0..<4 as Range<UInt64>)
    func subjectOrder(seed: UInt64) throws {
        var numbers = TestNumbers(seed)
        let (x, y) = (numbers.normals(n), maps(seed + 10))
        var order = Array(0..<n)
        for k in (1..<n).reversed() { order.swapAt(k, numbers.below(k + 1)) }
        #expect(order != Array(0..<n))
        let expected = try t([one, x], [0, 1], y)
        expectEqual(
            try t([one, order.map { x[$0] }], [0, 1], order.map { y[$0] }), expected, 1e-12, "reordered")
        // Rows of the design alone are another question.
        #expect(abs(try t([one, order.map { x[$0] }], [0, 1], y)[0] - expected[0]) > 1e-3)
    }

    // A cohort refuses values that are not finite; voxels without variance are where NaN arises in a fit.
    @Test("a voxel without variance has no t and changes no bit of any other's")
    func isolation() throws {
        var numbers = TestNumbers(5)
        let (x, clean) = (numbers.normals(n), maps(6))
        let expected = try t([one, x], [0, 1], clean)
        // In the first, an inner and the last place of panels, and of the cohort.
        for place in [0, 13, 63, 64, voxels - 1] {
            var y = clean
            for k in 0..<n { y[k][place] = 3 }
            let found = try t([one, x], [0, 1], y)
            #expect(found[place].isNaN, "voxel \(place)")
            for v in 0..<voxels where v != place {
                #expect(found[v].bitPattern == expected[v].bitPattern, "voxel \(v) beside \(place)")
            }
        }
    }

    @Test("two groups give the same t in every coding")
    func codings() throws {
        let y = maps(7)
        let b = (0..<n).map { $0 % 3 == 0 ? 1.0 : 0 }
        let a = b.map { 1 - $0 }
        var numbers = TestNumbers(8)
        for age in [[], [numbers.normals(n)]] {
            let rest = [Double](repeating: 0, count: age.count)
            let expected = try t([a, b] + age, [-1, 1] + rest, y)
            let codings: [(String, [[Double]], [Double])] = [
                ("treatment", [one, b], [0, 1]), ("treatment, the other reference", [one, a], [0, -1]),
                ("plus and minus 1", [one, zip(b, a).map { $0 - $1 }], [0, 1]),
                ("plus and minus a half", [one, zip(b, a).map { 0.5 * ($0 - $1) }], [0, 1]),
                ("overparametrised", [one, a, b], [0, -1, 1]),
            ]
            for (name, columns, weights) in codings {
                expectEqual(try t(columns + age, weights + rest, y), expected, 1e-12, name)
            }
        }
        // Student's formula for two samples, voxel by voxel.
        let (first, second) = ((0..<n).filter { a[$0] == 1 }, (0..<n).filter { b[$0] == 1 })
        let found = try t([a, b], [-1, 1], y)
        for v in 0..<voxels {
            func moments(_ rows: [Int]) -> (mean: Double, squares: Double) {
                let mean = rows.reduce(0) { $0 + y[$1][v] } / Double(rows.count)
                return (mean, rows.reduce(0) { $0 + (y[$1][v] - mean) * (y[$1][v] - mean) })
            }
            let (p, q) = (moments(first), moments(second))
            let variance = (p.squares + q.squares) / Double(n - 2)
            let student =
                (q.mean - p.mean)
                / (variance * (1 / Double(first.count) + 1 / Double(second.count))).squareRoot()
            #expect(abs(found[v] - student) < 1e-12 * max(1, abs(student)))
        }
    }

    @Test("a formula's codings of two groups give the same t")
    func formulaCodings() throws {
        let rows = (0..<n).map { ["S\($0)", $0 % 3 == 0 ? "b" : "a"] }
        let subjects = try Subjects(
            Table(source: "t", columns: ["participant_id", "group"], rows: rows))
        let y = maps(9)
        func t(_ formula: String, _ contrast: String) throws -> [Double] {
            let design = try Design(subjects, formula: try Formula(formula))
            let model = try LinearModel(design)
            let partition = try Contrast(contrast).weights(in: design).partition(of: model)
            return Fit(model, cohort(y), threads: 1).t(partition).values
        }
        let expected = try t("~ 0 + group", "group[b] - group[a]")
        expectEqual(try t("~ group", "group[b] - group[a]"), expected, 1e-12, "treatment")
        expectEqual(try t("~ C(group, sum)", "group[b] - group[a]"), expected, 1e-12, "sum")
    }
}
