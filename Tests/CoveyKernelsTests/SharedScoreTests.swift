import CoveyCore
import CoveyKernels
import Testing

@Suite("Scores of contrasts that share rows")
struct SharedScoreTests {
    /// Rows of random orthonormal columns, and contrasts of one and two tested columns.
    struct Problem {
        let rows: SharedRows
        let data: SharedData
        let contrasts: [SharedContrast]
        let columns: ShuffledRows
        let plain: [Double]

        init(_ c: RowScreenTests.Case) {
            let (values, shuffled) = RowScreenTests.problem(c)
            let (moved, n) = (c.tested, c.subjects)
            // The tested columns before the shuffle: those of one shuffle.
            columns = {
                var columns = ShuffledRows(count: moved, subjects: n, tested: 1, nuisance: 0)
                for i in 0..<moved { for k in 0..<n { columns[i, 0, k] = shuffled[0, i, k] } }
                columns.closeLastTile()
                return columns
            }()
            rows = SharedRows(
                shuffled, columns: (0..<moved).flatMap { i in (0..<n).map { shuffled[0, i, $0] } })
            func axis(_ place: Int) -> [Double] { (0..<moved).map { $0 == place ? 1 : 0 } }
            let oblique = (0..<moved).map { _ in 1 / Double(moved).squareRoot() }
            contrasts = [
                SharedContrast(weights: axis(0), tested: 1, twoSided: c.twoSided),
                SharedContrast(weights: oblique.map { -$0 }, tested: 1, twoSided: c.twoSided),
                SharedContrast(weights: axis(0) + axis(1), tested: 2, twoSided: false),
            ]
            plain = values
            data = SharedData(values, panels: c.panels, columns: columns, contrasts: contrasts)
        }
    }

    static let cases: [RowScreenTests.Case] = [
        .init(tested: 2, nuisance: 0), .init(tested: 2, nuisance: 3, twoSided: true),
        .init(subjects: 89, panels: 16, shuffles: 200, tested: 4, nuisance: 1),
        .init(subjects: 7, panels: 1, shuffles: 9, tested: 3, nuisance: 3, twoSided: true),
        .init(subjects: 40, panels: 5, tested: 3, nuisance: 30),
        .init(subjects: 30, panels: 4, tested: 2, nuisance: 1, spread: 1e-8),
    ]

    /// What is scored: residuals on the other contrasts' columns, projected on the rows one after the other.
    @Test("are those of each contrast's own residuals", arguments: cases)
    func scores(_ c: RowScreenTests.Case) {
        let problem = Problem(c)
        let n = c.subjects
        let scores = ScoreKernel.scores(problem.data, rows: problem.rows, contrasts: problem.contrasts)
        let shuffled = problem.rows.rows
        var compared = 0
        for (k, contrast) in problem.contrasts.enumerated() {
            for voxel in stride(from: 0, to: c.panels * Panel.width, by: 7) {
                let start = voxel / Panel.width * n * Panel.width + voxel % Panel.width
                let y = (0..<n).map { problem.plain[start + $0 * Panel.width] }
                func dot(_ a: [Double], _ b: [Double]) -> Double { zip(a, b).reduce(0) { $0 + $1.0 * $1.1 } }
                let columns = (0..<c.tested).map { i in (0..<n).map { problem.columns[i, 0, $0] } }
                let projections = columns.map { dot($0, y) }
                let tested = (0..<contrast.tested).map { t in
                    Array(contrast.weights[t * c.tested..<(t + 1) * c.tested])
                }
                var others = projections
                for row in tested {
                    let mine = dot(row, projections)
                    for i in others.indices { others[i] -= row[i] * mine }
                }
                var e = y
                for i in others.indices { for s in 0..<n { e[s] -= others[i] * columns[i][s] } }
                for shuffle in stride(from: 0, to: c.shuffles, by: 5) {
                    let parts = (0..<c.tested + c.nuisance).map { row in
                        dot((0..<n).map { shuffled[shuffle, row, $0] }, e)
                    }
                    let found = tested.map { dot($0, Array(parts[..<c.tested])) }
                    let explained = dot(found, found)
                    let left = dot(e, e) - (dot(parts, parts) - explained)
                    // Where next to nothing is left the quotient has no digits.
                    guard left > 1e-6 else { continue }
                    compared += 1
                    let expected =
                        contrast.tested == 1 && !contrast.twoSided
                        ? found[0] * abs(found[0]) / left : explained / left
                    let score = scores[k][shuffle * c.panels * Panel.width + voxel]
                    #expect(abs(score - expected) <= 1e-12 * max(1, 1 / left), "contrast \(k)")
                }
            }
        }
        #expect(compared > 10)
    }

    @Test("screened in single precision count, raise and keep the same bits", arguments: cases)
    func sameBits(_ c: RowScreenTests.Case) throws {
        let problem = Problem(c)
        let screen = try #require(SharedScreen(problem.rows, contrasts: problem.contrasts))
        let (columns, count) = (c.panels * Panel.width, problem.contrasts.count)
        for level in RowScreenTests.levels {
            let scores = ScoreKernel.scores(
                problem.data, rows: problem.rows, contrasts: problem.contrasts, level: level)
            // Thresholds that many shuffles tie with or miss by little.
            let thresholds = scores.flatMap { scores in
                (0..<columns).map { v in
                    let score = scores[v % c.shuffles * columns + v]
                    return v % 3 == 0 ? score : v % 3 == 1 ? score.nextUp : score * (1 + 1e-7)
                }
            }
            let least = scores.map { $0.map(abs).sorted()[$0.count * 49 / 50] }
            func result(_ screen: SharedScreen?) -> SharedTally {
                var tally = SharedTally(
                    shuffles: c.shuffles, contrasts: count,
                    keeping: screen == nil
                        ? [] : least.map { KeptScores(least: $0, panels: c.panels, shuffles: c.shuffles) })
                tally.thresholds = thresholds
                tally.counts = [Int64](repeating: 5, count: thresholds.count)
                ScoreKernel.score(
                    problem.data, rows: problem.rows, contrasts: problem.contrasts, screen: screen,
                    into: &tally, level: level)
                return tally
            }
            let (plain, screened) = (result(nil), result(screen))
            #expect(plain.counts == screened.counts, "level \(level)")
            #expect(plain.maxima.count == screened.maxima.count)
            for k in 0..<count {
                let length = plain.maxima.count / count
                func maxima(_ tally: SharedTally) -> [UInt64] {
                    ScoreKernel.maxima(
                        of: Array(tally.maxima[k * length..<(k + 1) * length]), count: c.shuffles
                    ).map(\.bitPattern)
                }
                #expect(maxima(plain) == maxima(screened), "level \(level), contrast \(k)")
                let kept = screened.kept[k]
                let places = (0..<kept.count).filter { kept.shuffles[$0] < c.shuffles }.map {
                    (Int(kept.shuffles[$0]) * columns + Int(kept.columns[$0]), kept.scores[$0])
                }
                let takesSizes = problem.contrasts[k].twoSided
                let expected = scores[k].indices.filter {
                    (takesSizes ? abs(scores[k][$0]) : scores[k][$0]) >= least[k]
                }
                #expect(places.map(\.0).sorted() == expected, "level \(level), contrast \(k)")
                for (place, score) in places { #expect(abs(score) == abs(scores[k][place])) }
            }
        }
    }
}
