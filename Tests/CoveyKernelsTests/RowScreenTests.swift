import CoveyCore
import CoveyKernels
import Testing

@Suite("Scores screened in single precision")
struct RowScreenTests {
    struct Case: Sendable, CustomTestStringConvertible {
        var subjects = 20
        var panels = 3
        var shuffles = 50
        var tested = 1
        var nuisance = 0
        var twoSided = false
        /// How far voxels lie from copies of the first one: 1 is unrelated.
        var spread = 1.0

        var testDescription: String {
            "\(subjects) subjects, \(panels) panels, \(shuffles) shuffles, rows \(tested) + \(nuisance), "
                + "\(twoSided ? "two-sided" : "one-sided"), spread \(spread)"
        }
    }

    static let cases: [Case] = [
        Case(), Case(twoSided: true), Case(subjects: 3, panels: 1, shuffles: 7),
        Case(subjects: 89, panels: 16, shuffles: 200, twoSided: true), Case(subjects: 1024, panels: 2),
        Case(spread: 1e-9), Case(twoSided: true, spread: 1e-7), Case(nuisance: 1),
        Case(nuisance: 4, twoSided: true), Case(subjects: 6, nuisance: 4, twoSided: true),
        Case(subjects: 6, panels: 5, nuisance: 5), Case(tested: 3), Case(tested: 3, nuisance: 2),
        Case(subjects: 89, panels: 4, tested: 2, nuisance: 4, spread: 1e-8),
        Case(subjects: 12, panels: 5, nuisance: 3, spread: 1e-9),
    ]

    /// Every voxel and every shuffle of a case at unit length; the rows of a shuffle are orthonormal, so that
    /// what is left of the variance falls to nothing where they span the space.
    static func problem(_ c: Case) -> (data: [Double], rows: ShuffledRows) {
        var stream = PhiloxStream(seed: 7, domain: 0, index: 0)
        let n = c.subjects
        func unit(_ v: [Double]) -> [Double] {
            let length = v.reduce(0) { $0 + $1 * $1 }.squareRoot()
            return v.map { $0 / length }
        }
        let first = (0..<n).map { _ in stream.normal() }
        var data = [Double](repeating: 0, count: c.panels * n * Panel.width)
        for voxel in 0..<(c.panels * Panel.width) {
            let y = unit(first.map { (1 - c.spread) * $0 + c.spread * stream.normal() })
            let start = voxel / Panel.width * n * Panel.width + voxel % Panel.width
            for k in 0..<n { data[start + k * Panel.width] = y[k] }
        }
        var rows = ShuffledRows(count: c.shuffles, subjects: n, tested: c.tested, nuisance: c.nuisance)
        for shuffle in 0..<c.shuffles {
            var basis: [[Double]] = []
            for row in 0..<min(c.tested + c.nuisance, n) {
                var v = (0..<n).map { _ in stream.normal() }
                for _ in 0..<2 {
                    for b in basis {
                        let dot = zip(b, v).reduce(0) { $0 + $1.0 * $1.1 }
                        for k in 0..<n { v[k] -= dot * b[k] }
                    }
                }
                basis.append(unit(v))
                for k in 0..<n { rows[shuffle, row, k] = basis[row][k] }
            }
        }
        rows.closeLastTile()
        return (data, rows)
    }

    static let levels: [InstructionLevel] = [.baseline, .avx2, .avx512].filter {
        $0.rawValue <= InstructionLevel.best.rawValue
    }

    @Test("Counts and maxima are those of double precision to the bit", arguments: cases)
    func sameBits(_ c: Case) throws {
        let (data, rows) = Self.problem(c)
        let screen = try #require(RowScreen(rows))
        for level in Self.levels {
            // Thresholds that many shuffles tie with or miss by little: scores of the shuffles themselves.
            let scores = ScoreKernel.scores(
                data, panels: c.panels, rows: rows, twoSided: c.twoSided, level: level)
            let columns = c.panels * Panel.width
            let thresholds = (0..<columns).map { v in
                let score = scores[v % c.shuffles * columns + v]
                return v % 3 == 0 ? score : v % 3 == 1 ? score.nextUp : score * (1 + 1e-7)
            }
            func result(_ screen: RowScreen?) -> (counts: [Int64], maxima: [UInt64]) {
                var counts = [Int64](repeating: 5, count: columns)
                var running = ScoreKernel.emptyMaxima(shuffles: c.shuffles)
                // In two calls, as blocks come, the second with the maxima of the first.
                let head = max(1, c.panels / 2)
                for part in [0..<head, head..<c.panels] where !part.isEmpty {
                    let voxels = part.lowerBound * Panel.width..<part.upperBound * Panel.width
                    var some = Array(counts[voxels])
                    ScoreKernel.score(
                        Array(data[voxels.lowerBound * c.subjects..<voxels.upperBound * c.subjects]),
                        panels: part.count, rows: rows, screen: screen, twoSided: c.twoSided,
                        thresholds: Array(thresholds[voxels]), counts: &some, maxima: &running, level: level)
                    counts.replaceSubrange(voxels, with: some)
                }
                return (counts, ScoreKernel.maxima(of: running, count: c.shuffles).map(\.bitPattern))
            }
            let (plain, screened) = (result(nil), result(screen))
            #expect(plain.counts == screened.counts, "level \(level)")
            #expect(plain.maxima == screened.maxima, "level \(level)")
            #expect(plain.counts.contains { $0 > 5 })
        }
    }

    @Test(
        "The scores kept are the high ones of double precision, in order, with their signs", arguments: cases)
    func kept(_ c: Case) throws {
        let (data, rows) = Self.problem(c)
        let screen = try #require(RowScreen(rows))
        let columns = c.panels * Panel.width
        for level in Self.levels {
            let scores = ScoreKernel.scores(
                data, panels: c.panels, rows: rows, twoSided: false, level: level)
            func size(_ score: Double) -> Double { c.twoSided && c.tested == 1 ? abs(score) : score }
            let sizes = scores.map(size).sorted()
            for least in [sizes[sizes.count * 49 / 50], sizes[sizes.count / 2].nextUp, sizes.last!, 5] {
                let expected = scores.indices.filter { size(scores[$0]) >= least }
                var room = KeptScores(least: least, panels: c.panels, shuffles: c.shuffles)
                var counts = [Int64](repeating: 0, count: columns)
                var (running, plain) = (
                    ScoreKernel.emptyMaxima(shuffles: c.shuffles),
                    ScoreKernel.emptyMaxima(shuffles: c.shuffles)
                )
                let thresholds = (0..<columns).map { size(scores[$0]) }
                ScoreKernel.score(
                    data, panels: c.panels, rows: rows, screen: screen, twoSided: c.twoSided,
                    thresholds: thresholds, counts: &counts, maxima: &running, keeping: &room, level: level)
                var plainCounts = [Int64](repeating: 0, count: columns)
                ScoreKernel.score(
                    data, panels: c.panels, rows: rows, twoSided: c.twoSided, thresholds: thresholds,
                    counts: &plainCounts, maxima: &plain, level: level)
                #expect(counts == plainCounts)
                #expect(
                    ScoreKernel.maxima(of: running, count: c.shuffles)
                        == ScoreKernel.maxima(of: plain, count: c.shuffles))
                var places: [[Int]] = Array(repeating: [], count: c.shuffles)
                for i in 0..<room.count where room.shuffles[i] < c.shuffles {
                    let place = Int(room.shuffles[i]) * columns + Int(room.columns[i])
                    places[Int(room.shuffles[i])].append(place)
                    #expect(room.scores[i].bitPattern == scores[place].bitPattern)
                }
                #expect(places.flatMap { $0 } == expected, "level \(level), \(least)")
            }
        }
    }

    @Test("Without thresholds only maxima are raised")
    func withoutThresholds() throws {
        for c in [Case(), Case(nuisance: 2)] {
            let (data, rows) = Self.problem(c)
            let screen = try #require(RowScreen(rows))
            func maxima(_ screen: RowScreen?) -> [Double] {
                var counts: [Int64] = []
                var running = ScoreKernel.emptyMaxima(shuffles: c.shuffles)
                ScoreKernel.score(
                    data, panels: c.panels, rows: rows, screen: screen, twoSided: c.twoSided, thresholds: [],
                    counts: &counts, maxima: &running)
                return ScoreKernel.maxima(of: running, count: c.shuffles)
            }
            #expect(maxima(nil) == maxima(screen))
        }
    }

    @Test("So many subjects that floats would settle little are left to double precision")
    func manySubjects() {
        let rows = { ShuffledRows(count: 8, subjects: $0, tested: 1, nuisance: 0) }
        #expect(RowScreen(rows(RowScreen.mostSubjects)) != nil)
        #expect(RowScreen(rows(RowScreen.mostSubjects + 1)) == nil)
    }
}
