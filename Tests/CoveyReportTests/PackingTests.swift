import CoveyTestSupport
import Testing

@testable import Covey
@testable import CoveyReport

@Suite("Numbers in a page")
struct PackingTests {
    /// What the page's script does with `Packing.predicted` and `Packing.relative`.
    static func unfold(_ bytes: [UInt8], width: Int, _ mask: Mask, columns: [Int]? = nil) -> [UInt32] {
        let offsets = (columns ?? Array(0..<mask.count)).map { Int(mask.offsets[$0]) }
        let near = TraceNeighbours(mask.grid.shape, offsets)
        let total = bytes.count / width
        var result = [UInt32](repeating: 0, count: total)
        for i in 0..<total {
            let folded = (0..<width).reduce(UInt32(0)) {
                $0 | UInt32(bytes[$1 * total + i]) << UInt32(8 * $1)
            }
            let (start, box) = (i - i % near.count, near.boxes[i % near.count])
            var guess = i > start ? result[i - 1] : 0
            if !box.isEmpty {
                guess = zip(box, [1, 1, 1, -1, -1, -1, 1] as [Int32]).reduce(0) {
                    $0 &+ UInt32(bitPattern: Int32(bitPattern: result[start + $1.0]) &* $1.1)
                }
            }
            result[i] = (guess &+ ((folded >> 1) ^ (0 &- (folded & 1)))) & (1 << UInt32(8 * width) - 1)
        }
        return result
    }

    static let mask = Mask(
        grid: Grid(shape: [9, 8, 7], affine: Affine([3, 0, 0, 0, 0, 3, 0, 0, 0, 0, 3, 0])),
        where: { $0 % 17 != 3 })

    @Test("predictions give back every 16-bit number, also across the whole range, set after set")
    func predictions() {
        var numbers = TestNumbers(1)
        let count = Self.mask.count
        let values =
            [Int16.min, .max, 0, -1, .min]
            + (5..<3 * count).map { _ in Int16(numbers.below(65_535) - 32_767) }
        let bytes = Packing.predicted(values, VoxelPrediction(Self.mask))
        #expect(Self.unfold(bytes, width: 2, Self.mask).map { Int16(truncatingIfNeeded: $0) } == values)
    }

    @Test("where every function without a term in ijk is exact, nothing but zeros is kept")
    func smooth() {
        let grid = Self.mask.grid
        let values = (0..<grid.count).map { offset -> Int16 in
            let at = grid.index(at: offset)
            return Int16(3 * at.x * at.x + 2 * at.x * at.y - 5 * at.y * at.z + at.z - 40)
        }
        let all = Mask(grid: grid, where: { _ in true })
        let folded = VoxelPrediction(all).folded(values.map { UInt32(UInt16(bitPattern: $0)) }, bits: 16)
        for offset in 0..<grid.count {
            let at = grid.index(at: offset)
            #expect(at.x == 0 || at.y == 0 || at.z == 0 || folded[offset] == 0)
        }
    }

    @Test("24 bits keep a number to a 65,536th of itself, and what is missing")
    func relative() {
        var numbers = TestNumbers(5)
        let values = [0, .nan] + (2..<Self.mask.count).map { _ in numbers.normal() * 1e-3 }
        let single = values.map { Double(Float($0)) }
        let bits = Self.unfold(
            Packing.relative(single, VoxelPrediction(Self.mask)), width: 3, Self.mask)
        for (bits, value) in zip(bits, single) {
            let back = Double(Float(bitPattern: bits << 8))
            #expect(value.isNaN ? back.isNaN : abs(back - value) <= abs(value) / 65_536)
        }
        #expect(
            zip(bits, Packing.relativeValues(single)).allSatisfy {
                let back = Double(Float(bitPattern: $0 << 8))
                return back == $1 || back.isNaN && $1.isNaN
            })
    }

    @Test("maps of effects follow from t and the standard error, and only where every voxel says so")
    func derivations() throws {
        var numbers = TestNumbers(9)
        let count = Self.mask.count
        let t = (0..<count).map { $0 == 7 ? .nan : Double(Float(2 * numbers.normal())) }
        let error = Packing.relativeValues(t.map { $0.isNaN ? .nan : 0.3 + 0.1 * abs(numbers.normal()) })
        func single(_ value: (Int) -> Double) -> [Double] { (0..<count).map { Double(Float(value($0))) } }
        let maps: [(MapDerivation.Formula, Double, [Double])] = [
            (.product, 0, single { t[$0] * error[$0] }),
            (.multiple, 0.2977, single { 0.2977 * t[$0] }),
            (.correlation, 28, single { t[$0] / (t[$0] * t[$0] + 28).squareRoot() }),
            (.bound, 1.7011, single { abs(t[$0] * error[$0]) + 1.7011 * error[$0] }),
        ]
        for (formula, constant, values) in maps {
            let found = try #require(MapDerivation.found(for: values, t: ("t", t), error: ("se", error)))
            #expect(found.formula == formula && found.files == (formula.needsError ? ["t", "se"] : ["t"]))
            #expect(abs(found.constant - constant) <= 1e-4 * constant)
            #expect(
                MapDerivation.found(for: values, t: ("t", t), error: nil) == nil || !formula.needsError)
            // One voxel off by two steps of a rounded map.
            var other = values
            other[100] += 2 * values.filter(\.isFinite).map(abs).max()! / 32_767
            #expect(MapDerivation.found(for: other, t: ("t", t), error: ("se", error)) == nil)
            other[100] = .nan
            #expect(MapDerivation.found(for: other, t: ("t", t), error: ("se", error)) == nil)
        }
    }

    @Test("single precision survives unchanged, missing values included")
    func floats() {
        let values = [0, -0.0, 1.5, -3.25e-20, .nan, .infinity, 7.123456789]
        let bytes = Packing.floats(values)
        let back = values.indices.map { i in
            Float(
                bitPattern: (0..<4).reduce(0) { $0 | UInt32(bytes[$1 * values.count + i]) << UInt32(8 * $1) })
        }
        #expect(zip(back, values).allSatisfy { $0.bitPattern == Float($1).bitPattern })
    }

    @Test("rounding moves no value by more than a step and none across a mark")
    func marks() {
        var numbers = TestNumbers(2)
        // Most values crowd around the mark, some within a fraction of a step of it.
        let mark = 3.1289
        let values =
            (0..<4000).map { k in (k % 2 == 0 ? 1 : -1) * (mark + 2e-4 * numbers.normal()) }
            + [mark, -mark, mark.nextDown, .nan, 8, 0]
        let single = values.map { Double(Float($0)) }
        let (step, multiples) = Packing.rounded(single, marks: [mark])
        let threshold = Double(Float(mark))
        let least = (threshold / step - 0.5).rounded(.up)
        var moved = 0
        for (value, multiple) in zip(single, multiples) {
            guard value.isFinite else {
                #expect(multiple == .min)
                continue
            }
            #expect(abs(Double(multiple) * step - value) <= step)
            #expect((abs(value) >= threshold) == (abs(Double(multiple)) >= least))
            moved += abs(Double(multiple) * step - value) > step / 2 * (1 + 1e-9) ? 1 : 0
        }
        // The crowd is dense enough that plain rounding would have failed.
        #expect(moved > 0)
    }

    @Test("subjects' values come back to half a step, and what does not fit is left out")
    func subjects() throws {
        var numbers = TestNumbers(3)
        let mask = Self.mask
        let rows = (0..<5).map { _ in numbers.normals(mask.count) }
        let cohort = Cohort(identifiers: (0..<5).map { "s\($0)" }, mask: mask) { rows[$0] }
        // All voxels, and every third.
        for columns in [Array(0..<mask.count), Array(stride(from: 1, to: mask.count, by: 3))] {
            let block = try #require(SubjectBlock(cohort, voxels: columns, scale: 1, byteLimit: 100_000))
            #expect(block.step == 1.0 / 64)
            let values = Self.unfold(
                try Deflate.gunzip(block.bytes, limit: 1 << 20).bytes, width: 2, mask, columns: columns)
            for subject in 0..<5 {
                for (place, column) in columns.enumerated() {
                    let multiple = Int16(truncatingIfNeeded: values[subject * columns.count + place])
                    #expect(
                        abs(Double(multiple) * block.step - rows[subject][column])
                            <= block.step / 2 * (1 + 1e-12))
                }
            }
            let coarser = try #require(
                SubjectBlock(cohort, voxels: columns, scale: 1, byteLimit: block.bytes.count - 100))
            #expect(coarser.step > block.step && coarser.bytes.count < block.bytes.count)
            let least = SubjectBlock.leastByteCount(cohort, voxels: columns, scale: 1)
            #expect(least < block.bytes.count)
            #expect(SubjectBlock(cohort, voxels: columns, scale: 1, byteLimit: 300) == nil)
        }
    }

    /// What the page's script does with `BoundSteps.packed`: the steps of all voxels, `none` where none is counted.
    static func steps(_ bytes: [UInt8], _ values: [Double], _ side: ReportMap.Side, none: Int) -> [Int] {
        let length = bytes.count / 4
        let sizes = values.map { side == .both ? abs(Float($0)) : side == .less ? -Float($0) : Float($0) }
        let order = sizes.indices.filter { !sizes[$0].isNaN }
            .sorted { sizes[$0] != sizes[$1] ? sizes[$0] > sizes[$1] : $0 < $1 }
        var steps = sizes.map { $0.isNaN ? 0 : none }
        var step = 0
        for (place, column) in order.prefix(length).enumerated() {
            let folded = (0..<4).reduce(0) { $0 | Int(bytes[$1 * length + place]) << (8 * $1) }
            step += folded & 1 == 1 ? -(folded >> 1) - 1 : folded >> 1
            steps[column] = step
        }
        return steps
    }

    @Test(
        "steps come back exactly, also where single precision makes equal what double tells apart",
        arguments: [ReportMap.Side.both, .greater, .less])
    func boundSteps(side: ReportMap.Side) throws {
        var numbers = TestNumbers(17)
        var values = (0..<3000).map { k in (k < 900 ? 5.0 : 1) * numbers.normal() }
        // Neighbours that differ in double precision alone, and voxels without a statistic.
        for k in stride(from: 0, to: 900, by: 3) {
            values[k + 1] = values[k] * (1 + 1e-13 * Double(k % 7 - 3))
        }
        for k in stride(from: 5, to: 3000, by: 50) { values[k] = .nan }
        let tail: Tail = side == .both ? .twoSided : side == .less ? .less : .greater
        let logP = values.map { Statistic.z.logP($0, tail: tail) }
        let bounds = TrueDiscoveryBounds(allResolutions: logP, alpha: 0.05)
        // Steps that fall between equal values, as rounding may have it.
        var steps = bounds.steps
        for k in stride(from: 0, to: 900, by: 3) where steps[k] > 1 && steps[k] < 2000 && steps[k + 1] > 0 {
            steps[k + 1] = steps[k] + (k % 2 == 0 ? 1 : -1)
        }
        let packed = BoundSteps.packed(steps, values: values, side: side)
        let found = Self.steps(
            try Deflate.gunzip(packed, limit: 1 << 20).bytes, values, side, none: values.count + 1)
        #expect(found == steps.map { min($0, values.count + 1) })
        #expect(
            steps != bounds.steps && found.contains { $0 > 1 && $0 <= values.count } && packed.count < 6000)
    }
}
