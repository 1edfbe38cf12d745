import CoveyTestSupport
import Testing

@testable import CoveyKernels

@Suite("gzip")
struct DeflateTests {
    /// Bytes that compress badly, or well.
    func bytes(_ count: Int, alphabet: Int = 256) -> [UInt8] {
        var numbers = TestNumbers(UInt64(count + alphabet))
        return (0..<count).map { _ in UInt8(numbers.below(alphabet)) }
    }

    @Test(
        "what is compressed inflates to itself, and the same bytes come out twice", arguments: [0, 1, 4, 12])
    func roundTrip(level: Int32) throws {
        for count in [0, 1, 65_536, 200_001] {
            let original = bytes(count, alphabet: 7)
            let zipped = Deflate.gzip(original, level: level)
            #expect(zipped == Deflate.gzip(original, level: level))
            #expect(zipped[4..<8].allSatisfy { $0 == 0 }, "no time of writing")
            let result = try Deflate.gunzip(zipped, limit: count)
            #expect(result.bytes == original && !result.isCut && result.trailingByteCount == 0)
        }
    }

    @Test(
        "a limit gives the beginning of the data, also where they are stored uncompressed",
        arguments: [0, 1, 6])
    func limit(level: Int32) throws {
        for alphabet in [2, 256] {
            let original = bytes(300_000, alphabet: alphabet)
            let zipped = Deflate.gzip(original, level: level)
            for limit in [0, 1, 544, 65_535, 65_536, 131_071, 299_999] {
                let result = try Deflate.gunzip(zipped, limit: limit)
                #expect(result.isCut && result.bytes == Array(original.prefix(limit)))
            }
        }
    }

    @Test("members are joined, empty ones and zero padding are passed over, other bytes are counted")
    func members() throws {
        let (first, second) = (bytes(1000), bytes(70_000, alphabet: 3))
        let joined = Deflate.gzip(first) + Deflate.gzip([]) + Deflate.gzip(second)
        #expect(try Deflate.gunzip(joined, limit: 71_000).bytes == first + second)
        let padded = try Deflate.gunzip(joined + [0, 0, 0], limit: 71_000)
        #expect(padded.bytes == first + second && padded.trailingByteCount == 0)
        #expect(try Deflate.gunzip(joined + [0, 5, 6], limit: 71_000).trailingByteCount == 2)
        let cut = try Deflate.gunzip(joined, limit: 1500)
        #expect(cut.isCut && cut.bytes == first + second.prefix(500))
    }

    @Test("a changed checksum, a changed length and a missing end are damage")
    func damage() {
        let zipped = Deflate.gzip(bytes(5000, alphabet: 9))
        for place in [zipped.count - 8, zipped.count - 4] {
            var changed = zipped
            changed[place] ^= 1
            #expect(throws: Deflate.Problem.damaged(member: 0)) { try Deflate.gunzip(changed, limit: 5000) }
        }
        for count in [3, 10, 100, zipped.count - 1] {
            #expect(throws: Deflate.Problem.damaged(member: 0)) {
                try Deflate.gunzip(Array(zipped.prefix(count)), limit: 5000)
            }
        }
        #expect(throws: Deflate.Problem.notGzip) { try Deflate.gunzip([1, 2, 3], limit: 5) }
        #expect(throws: Deflate.Problem.unknownMethod(7)) {
            try Deflate.gunzip([0x1F, 0x8B, 7, 0], limit: 5)
        }
    }

    @Test("CRC-32 of the usual check string")
    func checksum() {
        #expect(Deflate.crc32(Array("123456789".utf8)) == 0xCBF4_3926)
    }
}
