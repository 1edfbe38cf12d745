import CoveyCore
import CoveyTestSupport
import Testing

@testable import CoveyImaging

@Suite("Maps among maps")
struct MapComparisonTests {
    /// 9 x 8 x 7 voxels of 2 mm, x from -8 to 8 mm.
    static let grid = Grid(
        shape: [9, 8, 7], affine: Affine([-2, 0, 0, 8, 0, 2, 0, -8, 0, 0, 2, -6]), sformCode: 4)
    static let mask = Mask(grid: grid) { _ in true }

    /// Maps of one pattern, not the same left and right, under noise.
    static func rows(_ count: Int, seed: UInt64 = 5) -> [[Float]] {
        var numbers = TestNumbers(seed)
        let pattern = numbers.normals(grid.count)
        return (0..<count).map { _ in
            let (level, scale) = (0.2 * numbers.normal(), 1 + 0.1 * numbers.uniform())
            return zip(pattern, numbers.normals(grid.count)).map { Float(scale * ($0 + $1) + level) }
        }
    }

    func qualities(_ rows: [[Float]], threads: Int = 2) -> [MapQuality] {
        MapComparison(
            mask: Self.mask, names: rows.indices.map { "m\($0)" }, rows: rows,
            soleLosses: rows.map { _ in 0 }, threads: threads
        ).qualities()
    }

    @Test("a sound cohort raises no suspicion; the numbers are those of the obvious formulas")
    func sound() throws {
        var rows = Self.rows(12)
        rows[3][7] = .nan
        let found = qualities(rows)
        for quality in found { #expect(quality.suspicions.isEmpty, "\(quality.name): \(quality.suspicions)") }
        func moments(_ row: [Float]) -> (mean: Double, sd: Double) {
            let x = row.filter(\.isFinite).map(Double.init)
            let mean = x.reduce(0, +) / Double(x.count)
            return (mean, (x.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(x.count - 1)).squareRoot())
        }
        let standard = rows.map { row in
            let m = moments(row)
            return row.map { (Double($0) - m.mean) / m.sd }
        }
        for map in [0, 3, 11] {
            let others = rows.indices.filter { $0 != map }
            let places = Self.mask.offsets.indices.filter { rows[map][$0].isFinite }
            let means = places.map { place in
                let known = others.map { standard[$0][place] }.filter(\.isFinite)
                return known.reduce(0, +) / Double(known.count)
            }
            let own = places.map { standard[map][$0] }
            func centred(_ x: [Double]) -> [Double] {
                let mean = x.reduce(0, +) / Double(x.count)
                return x.map { $0 - mean }
            }
            let (a, b) = (centred(own), centred(means))
            func dot(_ x: [Double], _ y: [Double]) -> Double { zip(x, y).reduce(0) { $0 + $1.0 * $1.1 } }
            let expected = dot(a, b) / (dot(a, a) * dot(b, b)).squareRoot()
            #expect(abs(try #require(found[map].correlation) - expected) < 1e-12)
            #expect(abs(found[map].level - moments(rows[map]).mean) < 1e-12)
            #expect(abs(found[map].spread - moments(rows[map]).sd) < 1e-12)
        }
        #expect(found[3].lostShare == 1 / 504.0 && found[0].lostShare == 0)
    }

    @Test("each kind of harm is found in the map that suffered it, and in no other")
    func harms() {
        func suspicion(_ harm: (inout [[Float]]) -> Void) -> [MapQuality.Suspicion] {
            var rows = Self.rows(14)
            harm(&rows)
            let found = qualities(rows)
            for quality in found where quality.name != "m4" {
                #expect(quality.suspicions.isEmpty, "\(quality.name): \(quality.suspicions)")
            }
            return found[4].suspicions
        }
        let flipped = suspicion { $0[4] = $0[4].map { -$0 } }
        #expect(flipped.count == 1)
        if case .flippedSign(let r)? = flipped.first { #expect(r < -0.5) } else { Issue.record("\(flipped)") }
        let unscaled = suspicion { $0[4] = $0[4].map { 1000 * $0 } }
        if case .scale(let factor)? = unscaled.first {
            #expect(abs(factor - 1000) < 200)
        } else {
            Issue.record("\(unscaled)")
        }
        let mirrored = suspicion { rows in
            let row = rows[4]
            rows[4] = row.indices.map { offset in
                let v = Self.grid.index(at: offset)
                return row[Self.grid.offset(of: VoxelIndex(8 - v.x, v.y, v.z))]
            }
        }
        if case .leftAndRight(let there, let here)? = mirrored.first {
            #expect(there > here + 0.4)
        } else {
            Issue.record("\(mirrored)")
        }
        let stranger = suspicion { rows in
            var numbers = TestNumbers(99)
            rows[4] = numbers.normals(Self.grid.count).map(Float.init)
        }
        if case .unlikeOthers? = stranger.first {} else { Issue.record("\(stranger)") }
        let holed = suspicion { rows in for place in 0..<60 { rows[4][place] = .nan } }
        #expect(holed == [.holes(share: 60 / 504.0)])
        let copied = suspicion { rows in rows[4] = rows[2].map { 1.05 * $0 + 0.1 } }
        if case .copy(let other, let r)? = copied.first {
            #expect(other == "m2" && r > 0.9999)
        } else {
            Issue.record("\(copied)")
        }
        let shifted = suspicion { $0[4] = $0[4].map { $0 + 30 } }
        if case .level(let score)? = shifted.first { #expect(score > 10) } else { Issue.record("\(shifted)") }
    }

    @Test("threads change nothing; a constant map and a single one have no correlation")
    func edges() {
        let rows = Self.rows(9)
        #expect(qualities(rows, threads: 1) == qualities(rows, threads: 5))
        var constant = rows
        constant[2] = constant[2].map { _ in 3 }
        let found = qualities(constant)
        #expect(found[2].correlation == nil && found[2].spread == 0 && found[2].spreadScore == nil)
        #expect(found[1].correlation != nil)
        #expect(qualities([rows[0]])[0].correlation == nil)
    }

    @Test("robust scores are those of the normal distribution, and one outlier cannot hide")
    func scores() throws {
        var numbers = TestNumbers(3)
        let values = numbers.normals(2000).map { 7 + 3 * $0 }
        let scores = robustScores(values.map { $0 })
        for (value, score) in zip(values, scores).prefix(20) {
            #expect(abs(try #require(score) - (value - 7) / 3) < 0.3)
        }
        #expect(robustScores([1, 2, 3, 4, 1000])[4]! > 600)
        #expect(
            robustScores([1, nil, 2, 3])[1] == nil && robustScores([2, 2, 2, 5]) == [nil, nil, nil, nil])
        #expect(robustScores([1, 2, 3])[1] == 0 && median([]) == nil && median([1, 4]) == 2.5)
    }

    @Test("voxels are counted by how many maps have them")
    func coverage() {
        var tally = SupportTally(grid: Grid(shape: [4, 1, 1], affine: Self.grid.affine))
        tally.add([1, 1, .nan, 0], map: 0, zeroIsMissing: true)
        tally.add([1, .nan, .nan, 2], map: 1, zeroIsMissing: true)
        tally.add([1, 3, .nan, 2], map: 2, zeroIsMissing: true)
        #expect(tally.voxelCounts() == [4, 3, 3, 1])
        #expect(tally.voxelCounts { $0 < 2 } == [2, 2, 2, 1])
        #expect(tally.soleAbsences() == [1: 1, 0: 1] && tally.soleAbsences { $0 == 3 } == [0: 1])
    }
}
