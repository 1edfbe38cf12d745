internal import CoveyKernels

/// The PNG file format (ISO/IEC 15948), as far as opaque pictures of 8 bits a component need it.
enum PNG {
    /// A file of the pixels that cairo holds in its RGB24 format: four bytes each in the machine's order,
    /// the highest unused, rows of `stride` bytes.
    static func encode(
        _ bytes: UnsafeRawBufferPointer, width: Int, height: Int, stride: Int, pixelsPerInch: Double
    ) -> [UInt8] {
        var file: [UInt8] = [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]
        // 8 bits, truecolour, deflate, adaptive filters, not interlaced.
        chunk("IHDR", bigEndian(width) + bigEndian(height) + [8, 2, 0, 0, 0], onto: &file)
        let pixelsPerMetre = bigEndian(Int((pixelsPerInch / 0.0254).rounded()))
        chunk("pHYs", pixelsPerMetre + pixelsPerMetre + [1], onto: &file)
        chunk("sRGB", [0], onto: &file)
        let rows = unsafe filtered(bytes, width: width, height: height, stride: stride)
        chunk("IDAT", Deflate.zlib(rows, level: 5), onto: &file)
        chunk("IEND", [], onto: &file)
        return file
    }

    /// The rows as red, green, blue, each preceded by its filter: the difference from the left or from
    /// above, whichever is smaller in sum.
    private static func filtered(
        _ bytes: UnsafeRawBufferPointer, width: Int, height: Int, stride: Int
    ) -> [UInt8] {
        let rowCount = 3 * width
        // Three zeros stand left of each row, so that the first pixel is filtered like the others.
        var rows = [UInt8](repeating: 0, count: 2 * (rowCount + 3))
        return unsafe rows.withUnsafeMutableBufferPointer { rows in
            var row = unsafe UnsafeMutableBufferPointer(rebasing: rows[3..<(rowCount + 3)])
            var above = unsafe UnsafeMutableBufferPointer(rebasing: rows[(rowCount + 6)...])
            return unsafe [UInt8](unsafeUninitializedCapacity: (rowCount + 1) * height) { output, count in
                for y in 0..<height {
                    for x in 0..<width {
                        let pixel = unsafe bytes.load(fromByteOffset: y * stride + 4 * x, as: UInt32.self)
                        unsafe row[3 * x] = UInt8(truncatingIfNeeded: pixel >> 16)
                        unsafe row[3 * x + 1] = UInt8(truncatingIfNeeded: pixel >> 8)
                        unsafe row[3 * x + 2] = UInt8(truncatingIfNeeded: pixel)
                    }
                    let here = row.baseAddress!
                    let left = unsafe here - 3
                    let up = above.baseAddress!
                    var (sumLeft, sumAbove): (UInt32, UInt32) = (0, 0)
                    for i in 0..<rowCount {
                        sumLeft &+= unsafe UInt32(Int8(bitPattern: here[i] &- left[i]).magnitude)
                        sumAbove &+= unsafe UInt32(Int8(bitPattern: here[i] &- up[i]).magnitude)
                    }
                    let target = unsafe output.baseAddress! + y * (rowCount + 1)
                    unsafe target[0] = sumAbove <= sumLeft ? 2 : 1
                    let predicted = unsafe sumAbove <= sumLeft ? up : left
                    for i in 0..<rowCount { unsafe target[1 + i] = here[i] &- predicted[i] }
                    unsafe swap(&row, &above)
                }
                count = (rowCount + 1) * height
            }
        }
    }

    private static func chunk(_ name: String, _ content: [UInt8], onto file: inout [UInt8]) {
        let named = Array(name.utf8) + content
        file += bigEndian(content.count) + named + bigEndian(Int(Deflate.crc32(named)))
    }

    private static func bigEndian(_ value: Int) -> [UInt8] {
        [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: value >> $0) }
    }
}
