import CDeflate

/// gzip and zlib through libdeflate.
public enum Deflate {
    /// Why gzip data cannot be read.
    public enum Problem: Error, Hashable, Sendable {
        /// The data do not begin with a gzip header.
        case notGzip
        /// A compression method other than deflate.
        case unknownMethod(Int)
        /// Flag bits that the format reserves.
        case reservedFlags
        /// The data end early, contradict themselves, or fail their checksum.
        case damaged(member: Int)
    }

    /// What a call of ``gunzip(_:limit:)`` gave.
    public struct Result: Sendable {
        /// The inflated bytes, at most `limit` of them.
        public let bytes: [UInt8]
        /// Whether the data go on past the limit; their checksum was then not reached.
        public let isCut: Bool
        /// Bytes after the last member that are not zero padding.
        public let trailingByteCount: Int
    }

    /// Whether data begin like a gzip file.
    public static func isGzip(_ data: [UInt8]) -> Bool {
        data.count >= 2 && data[0] == 0x1F && data[1] == 0x8B
    }

    /// Inflates all members of gzip data, up to `limit` bytes.
    ///
    /// No more memory is taken than the limit and a small margin, whatever the data claim. Every member that
    /// ends within the limit has had its checksum and length verified.
    public static func gunzip(_ data: [UInt8], limit: Int) throws(Problem) -> Result {
        guard isGzip(data) else { throw .notGzip }
        // libdeflate stops before a match or a stored block that would cross the end of the buffer: with a margin
        // of more than the longest stored block (65,535) everything up to the limit is written before it stops.
        let margin = 65_536 + 1024
        var output = [UInt8](repeating: 0, count: limit + margin)
        var (position, written, member) = (0, 0, 0)
        var isCut = false
        let decompressor = unsafe libdeflate_alloc_decompressor()
        defer { unsafe libdeflate_free_decompressor(decompressor) }
        while position < data.count, isGzip(at: position, data) {
            guard position + 3 < data.count else { throw .damaged(member: member) }
            guard data[position + 2] == 8 else { throw .unknownMethod(Int(data[position + 2])) }
            guard data[position + 3] & 0xE0 == 0 else { throw .reservedFlags }
            var (used, made) = (0, 0)
            let status = unsafe data.withUnsafeBufferPointer { input in
                unsafe output.withUnsafeMutableBufferPointer { output in
                    unsafe libdeflate_gzip_decompress_ex(
                        decompressor, input.baseAddress! + position, data.count - position,
                        output.baseAddress! + written, output.count - written, &used, &made)
                }
            }
            if status == LIBDEFLATE_INSUFFICIENT_SPACE {
                isCut = true
                break
            }
            guard status == LIBDEFLATE_SUCCESS else { throw .damaged(member: member) }
            position += used
            written += made
            member += 1
            if written > limit {
                isCut = true
                break
            }
        }
        let trailing = isCut ? 0 : data[position...].drop { $0 == 0 }.count
        output.removeLast(output.count - (isCut ? limit : written))
        return Result(bytes: output, isCut: isCut, trailingByteCount: trailing)
    }

    /// gzip data of one member, without a name or a time: the same bytes for the same input.
    public static func gzip(_ bytes: [UInt8], level: Int32 = 4) -> [UInt8] {
        unsafe compress(bytes, level, libdeflate_gzip_compress_bound, libdeflate_gzip_compress)
    }

    /// A zlib stream, as PNG files hold it.
    public static func zlib(_ bytes: [UInt8], level: Int32 = 6) -> [UInt8] {
        unsafe compress(bytes, level, libdeflate_zlib_compress_bound, libdeflate_zlib_compress)
    }

    /// CRC-32 of bytes.
    public static func crc32(_ bytes: [UInt8]) -> UInt32 {
        unsafe libdeflate_crc32(0, bytes, bytes.count)
    }

    private static func isGzip(at position: Int, _ data: [UInt8]) -> Bool {
        position + 1 < data.count && data[position] == 0x1F && data[position + 1] == 0x8B
    }

    private static func compress(
        _ bytes: [UInt8], _ level: Int32, _ bound: (OpaquePointer?, Int) -> Int,
        _ run: (OpaquePointer?, UnsafeRawPointer?, Int, UnsafeMutableRawPointer?, Int) -> Int
    ) -> [UInt8] {
        let compressor = unsafe libdeflate_alloc_compressor(level)
        defer { unsafe libdeflate_free_compressor(compressor) }
        var output = unsafe [UInt8](repeating: 0, count: bound(compressor, bytes.count))
        let size = unsafe bytes.withUnsafeBytes { input in
            unsafe output.withUnsafeMutableBytes { output in
                unsafe run(compressor, input.baseAddress, input.count, output.baseAddress, output.count)
            }
        }
        precondition(size > 0, "the bound of libdeflate was too small")
        output.removeLast(output.count - size)
        return output
    }
}
