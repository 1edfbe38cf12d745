/// Reads numbers of either byte order out of a header's bytes.
struct HeaderFields {
    let bytes: [UInt8]
    let isBigEndian: Bool

    func unsigned(_ offset: Int, _ size: Int) -> UInt64 {
        var value: UInt64 = 0
        for k in 0..<size {
            let byte = bytes[offset + (isBigEndian ? k : size - 1 - k)]
            value = value << 8 | UInt64(byte)
        }
        return value
    }

    func int16(_ offset: Int) -> Int { Int(Int16(truncatingIfNeeded: unsigned(offset, 2))) }
    func int32(_ offset: Int) -> Int { Int(Int32(truncatingIfNeeded: unsigned(offset, 4))) }
    func int64(_ offset: Int) -> Int { Int(Int64(bitPattern: unsigned(offset, 8))) }
    func float(_ offset: Int) -> Double { Double(Float(bitPattern: UInt32(unsigned(offset, 4)))) }
    func double(_ offset: Int) -> Double { Double(bitPattern: unsigned(offset, 8)) }

    /// Text up to the first zero byte; bytes that are not UTF-8 are replaced.
    func text(_ offset: Int, _ size: Int) -> String {
        let raw = bytes[offset..<offset + size].prefix { $0 != 0 }
        return String(decoding: raw, as: UTF8.self)
    }
}
