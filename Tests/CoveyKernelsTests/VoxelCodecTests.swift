import CoveyTestSupport
import Testing

@testable import CoveyKernels

@Suite("Stored voxels")
struct VoxelCodecTests {
    func check<Word: FixedWidthInteger>(_ datatype: Int, _ words: [Word], _ value: (Word) -> Double) {
        let size = Word.bitWidth / 8
        for swaps in [false, true] {
            // One byte before the voxels: no alignment is asked for.
            var stored: [UInt8] = [0xEE]
            for word in words {
                let little = (0..<size).map { UInt8(truncatingIfNeeded: word >> Word(8 * $0)) }
                stored += swaps ? little.reversed() : little
            }
            for scaling in [nil, (slope: 0.1, intercept: -3.7)] {
                var decoded = [Double](repeating: .nan, count: words.count)
                VoxelCodec.decode(
                    stored, from: 1, datatype: datatype, bytesPerVoxel: size, swapsBytes: swaps,
                    scaling: scaling, into: &decoded)
                let expected = words.map { word in
                    // The product is rounded before the sum, as two statements of numpy's would.
                    let product = (scaling?.slope ?? 1) * value(word)
                    return scaling.map { product + $0.intercept } ?? value(word)
                }
                #expect(decoded.map(\.bitPattern) == expected.map(\.bitPattern), "datatype \(datatype)")
            }
        }
    }

    @Test("every real scalar datatype decodes to the bit, in both byte orders, scaled or not")
    func datatypes() {
        var numbers = TestNumbers(3)
        let words: [UInt64] =
            (0..<67).map { _ in UInt64(numbers.below(1 << 30)) &* 0x9E37_79B9_7F4A_7C15 }
            + [0, .max, 1 << 63, (1 << 53) + 1]
        check(2, words.map { UInt8(truncatingIfNeeded: $0) }) { Double($0) }
        check(256, words.map { UInt8(truncatingIfNeeded: $0) }) { Double(Int8(bitPattern: $0)) }
        check(4, words.map { UInt16(truncatingIfNeeded: $0) }) { Double(Int16(bitPattern: $0)) }
        check(512, words.map { UInt16(truncatingIfNeeded: $0) }) { Double($0) }
        check(8, words.map { UInt32(truncatingIfNeeded: $0) }) { Double(Int32(bitPattern: $0)) }
        check(768, words.map { UInt32(truncatingIfNeeded: $0) }) { Double($0) }
        check(1024, words) { Double(Int64(bitPattern: $0)) }
        check(1280, words) { Double($0) }
        let normals = numbers.normals(40) + [0, -0.0, .infinity, -.infinity, 1e-45, 0x1p-1030]
        check(16, normals.map { Float($0).bitPattern }) { Double(Float(bitPattern: $0)) }
        check(64, normals.map(\.bitPattern)) { Double(bitPattern: $0) }
    }
}
