import CoveyCore
import CoveyImaging
import CoveyTestSupport
import Testing

@testable import CoveyModel

@Suite("Effects, equivalence and influence")
struct EffectTests {
    private func model(_ columns: [[Double]]) throws -> LinearModel {
        try LinearModel(matrix: Matrix(columns: columns))
    }

    private func cohort(_ rows: [[Double]]) -> Cohort {
        let grid = Grid(shape: [rows[0].count, 1, 1], affine: Affine([1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0]))
        return Cohort(identifiers: rows.indices.map { "\($0)" }, mask: Mask(grid: grid) { _ in true }) {
            rows[$0]
        }
    }

    @Test("g covers a true difference in 95 % of samples, and r a true correlation")
    func coverage() throws {
        var numbers = TestNumbers(4)
        let (n, voxels, truth) = (16, 2000, 0.8)
        let group = (0..<n).map { $0 < 6 ? 1.0 : 0 }
        let data = cohort(
            (0..<n).map { k in (0..<voxels).map { _ in numbers.normal() + truth * group[k] } })
        let model = try model([[Double](repeating: 1, count: n), group])
        let partition = try ContrastPartition(
            model, weights: Matrix(rows: [[0, 1]]), isF: false, name: "difference")
        let t = Fit(model, data).t(partition).values
        let correction = try #require(hedgesCorrection(degreesOfFreedom: 14))
        var (covered, sum) = (0, 0.0)
        for value in t {
            let g = try #require(
                StandardisedEffect.hedgesG(t: value, degreesOfFreedom: 14, scale: partition.effectScale))
            // The interval of the corrected estimate is that of d, shrunk with it.
            if g.low <= correction * truth, correction * truth <= g.high { covered += 1 }
            sum += g.value
        }
        // 3.3 standard deviations of 2,000 binomial draws are 1.6 %; of the mean of g, 0.04.
        #expect(abs(Double(covered) / Double(voxels) - 0.95) < 0.016)
        #expect(abs(sum / Double(voxels) - truth) < 0.045)
    }

    @Test("partial r is Pearson's r of one regressor, with Fisher's interval")
    func correlation() throws {
        // r = 0.6 with 30 subjects: z = 0.693147, half = 1.959964 / sqrt(27).
        let t = 0.6 * (28 / (1 - 0.36)).squareRoot()
        let r = try #require(StandardisedEffect.partialR(t: t, degreesOfFreedom: 28))
        #expect(abs(r.value - 0.6) < 1e-14)
        #expect(abs(r.low - 0.305842067808) < 1e-11 && abs(r.high - 0.789590195134) < 1e-11)
        #expect(StandardisedEffect.partialR(t: 1, degreesOfFreedom: 1) == nil)
    }

    @Test(
        "the largest effect not ruled out is the one whose equivalence test has p = alpha",
        arguments: Tail.allCases)
    func duality(tail: Tail) {
        let q = StudentT(degreesOfFreedom: 20).quantile(logSurvival: LogProbability.fromP(0.05))
        for b in [-1.5, -0.2, 0, 0.3, 2] {
            let largest = Equivalence.largestNotRuledOut(
                effect: b, standardError: 0.5, quantile: q, tail: tail)
            let logP = Equivalence.logP(
                effect: b, standardError: 0.5, smallest: largest, degreesOfFreedom: 20, tail: tail)
            if largest > 0 {
                #expect(abs(LogProbability.p(logP) - 0.05) < 1e-10)
            } else {
                // Effects in the direction of the tail are ruled out altogether.
                #expect(LogProbability.p(logP) <= 0.05)
            }
        }
    }

    @Test(
        "leaving a subject out in closed form is fitting without it, to 1e-10",
        arguments: 0..<6 as Range<UInt64>)
    func deletion(seed: UInt64) throws {
        var numbers = TestNumbers(seed)
        let n = 12
        // A mean of 100 to lose digits on, a collinear column, and a contrast of two columns.
        let (a, b) = (numbers.normals(n), numbers.normals(n))
        let columns = [[Double](repeating: 1, count: n), a, b, zip(a, b).map { $0 + $1 }]
        let values = numbers.normals(n).map { $0 + 100 }
        let weights = Matrix(rows: [[0, 1, -0.5, 0.5]])
        func statistic(_ rows: [Int]) throws -> Double {
            let model = try self.model(columns.map { column in rows.map { column[$0] } })
            let partition = try ContrastPartition(model, weights: weights, isF: false, name: "c")
            return Fit(model, cohort(rows.map { [values[$0]] })).t(partition).values[0]
        }
        let model = try model(columns)
        let influence = Influence(try ContrastPartition(model, weights: weights, isF: false, name: "c"))
        let without = influence.statistics(without: values)
        for i in 0..<n {
            let refitted = try statistic((0..<n).filter { $0 != i })
            #expect(abs(try #require(without[i]) - refitted) < 1e-10 * max(1, abs(refitted)))
        }
    }

    @Test("Cook's distances move the fitted values as refitting does, and their mean is that of the voxels")
    func cook() throws {
        var numbers = TestNumbers(9)
        let (n, voxels) = (10, 70)
        let x = numbers.normals(n)
        let rows = (0..<n).map { _ in numbers.normals(voxels) }
        let model = try model([[Double](repeating: 1, count: n), x])
        let partition = try ContrastPartition(model, weights: Matrix(rows: [[0, 1]]), isF: false, name: "x")
        let influence = Influence(partition)
        var sums = [Double](repeating: 0, count: n)
        for voxel in 0..<voxels {
            let y = rows.map { $0[voxel] }
            let found = influence.cooksDistances(y)
            func line(_ keep: [Int]) -> (Double, Double) {
                let m = Double(keep.count)
                let (mx, my) = (keep.reduce(0) { $0 + x[$1] } / m, keep.reduce(0) { $0 + y[$1] } / m)
                let slope =
                    keep.reduce(0) { $0 + (x[$1] - mx) * (y[$1] - my) }
                    / keep.reduce(0) { $0 + (x[$1] - mx) * (x[$1] - mx) }
                return (my - slope * mx, slope)
            }
            let (a, b) = line(Array(0..<n))
            let variance =
                (0..<n).reduce(0) { $0 + (y[$1] - a - b * x[$1]) * (y[$1] - a - b * x[$1]) } / Double(n - 2)
            for i in 0..<n {
                let (c, d) = line((0..<n).filter { $0 != i })
                let moved = (0..<n).reduce(0) { sum, k in
                    sum + (a + b * x[k] - c - d * x[k]) * (a + b * x[k] - c - d * x[k])
                }
                #expect(abs(found[i] - moved / (2 * variance)) < 1e-10)
                sums[i] += found[i] / Double(voxels)
            }
        }
        let data = cohort(rows)
        let means = influence.meanCooksDistances(Fit(model, data), data, threads: 2)
        for i in 0..<n { #expect(abs(means[i] - sums[i]) < 1e-12) }
        #expect(means == influence.meanCooksDistances(Fit(model, data), data, threads: 1))
    }

    @Test("a subject with a parameter of its own cannot be left out where the contrast needs it")
    func ownParameter() throws {
        let own = (0..<8).map { $0 == 3 ? 1.0 : 0 }
        var numbers = TestNumbers(1)
        let (x, y) = (numbers.normals(8), numbers.normals(8))
        let model = try model([[Double](repeating: 1, count: 8), x, own])
        let needed = Influence(
            try ContrastPartition(model, weights: Matrix(rows: [[0, 0, 1]]), isF: false, name: "own"))
        #expect(needed.statistics(without: y)[3] == nil)
        #expect(needed.cooksDistances(y)[3].isNaN)
        let other = try ContrastPartition(model, weights: Matrix(rows: [[0, 1, 0]]), isF: false, name: "x")
        let whole = Fit(model, cohort(y.map { [$0] })).t(other).values[0]
        let left = try #require(Influence(other).statistics(without: y)[3])
        #expect(abs(left - whole) < 1e-10)
    }
}
