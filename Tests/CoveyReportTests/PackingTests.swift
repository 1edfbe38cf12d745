import CoveyTestSupport
import Testing

@testable import Covey
@testable import CoveyReport

@Suite("Numbers in a page")
struct PackingTests {
    /// What the page's script does with `Packing.differences`.
    static func unfold(_ bytes: [UInt8]) -> [Int16] {
        let count = bytes.count / 2
        var value: Int16 = 0
        return (0..<count).map { i in
            let folded = UInt16(bytes[i]) | UInt16(bytes[count + i]) << 8
            value = value &+ (Int16(bitPattern: folded >> 1) ^ -Int16(folded & 1))
            return value
        }
    }

    @Test("differences give back every 16-bit number, also across the whole range")
    func differences() {
        var numbers = TestNumbers(1)
        let values =
            [Int16.min, .max, 0, -1, .min] + (0..<999).map { _ in Int16(numbers.below(65_535) - 32_767) }
        #expect(Self.unfold(Packing.differences(values)) == values)
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
        let grid = Grid(shape: [9, 8, 7], affine: Affine([3, 0, 0, 0, 0, 3, 0, 0, 0, 0, 3, 0]))
        let mask = Mask(grid: grid, where: { $0 % 3 != 0 })
        let rows = (0..<5).map { _ in numbers.normals(mask.count) }
        let cohort = Cohort(identifiers: (0..<5).map { "s\($0)" }, mask: mask) { rows[$0] }
        let block = try #require(SubjectBlock(cohort, scale: 1, byteLimit: 100_000))
        #expect(block.step == 1.0 / 64)
        let values = Self.unfold(try Deflate.gunzip(block.bytes, limit: 1 << 20).bytes)
        for subject in 0..<5 {
            for voxel in 0..<mask.count {
                let back = Double(values[subject * mask.count + voxel]) * block.step
                #expect(abs(back - rows[subject][voxel]) <= block.step / 2 * (1 + 1e-12))
            }
        }
        let coarser = try #require(SubjectBlock(cohort, scale: 1, byteLimit: block.bytes.count - 200))
        #expect(coarser.step > block.step && coarser.bytes.count < block.bytes.count)
        #expect(SubjectBlock(cohort, scale: 1, byteLimit: 500) == nil)
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
