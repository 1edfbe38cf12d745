import CoveyImaging
internal import CoveyKernels

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// Arrays of numbers in a page: gzip data in base64, each in an element of its own, which the page's script
/// decodes when it needs it.
struct Blocks {
    private(set) var elements: [String] = []

    /// Adds gzip data and returns the number by which the script finds them.
    mutating func add(gzip bytes: [UInt8]) -> Int {
        let number = elements.count
        elements.append(
            "<script type=\"text/plain\" id=\"block-\(number)\">\(Data(bytes).base64EncodedString())</script>"
        )
        return number
    }

    /// Adds bytes, compressed.
    mutating func add(_ bytes: [UInt8]) -> Int { add(gzip: Deflate.gzip(bytes, level: 6)) }
}

/// How numbers are laid out in bytes so that deflate finds most to save.
enum Packing {
    /// Numbers of single precision: first the lowest byte of every number, then the second, and so on.
    static func floats(_ values: [Double]) -> [UInt8] {
        let bits = values.map { Float($0).bitPattern }
        return (0..<4).flatMap { plane in bits.map { UInt8(truncatingIfNeeded: $0 >> UInt32(8 * plane)) } }
    }

    /// Whole numbers of 16 bits, `Int16.min` for a missing value, as differences from the one before (modulo
    /// 65,536), sign folded into the lowest bit, low bytes first, high bytes after them.
    static func differences(_ values: [Int16]) -> [UInt8] {
        var previous: Int16 = 0
        var low: [UInt8] = []
        var high: [UInt8] = []
        low.reserveCapacity(values.count)
        high.reserveCapacity(values.count)
        for value in values {
            let difference = value &- previous
            previous = value
            let folded = UInt16(bitPattern: (difference &<< 1) ^ (difference &>> 15))
            low.append(UInt8(truncatingIfNeeded: folded))
            high.append(UInt8(truncatingIfNeeded: folded >> 8))
        }
        return low + high
    }

    /// The values as multiples of a step such that the greatest magnitude is 32,767 steps.
    ///
    /// Rounding carries no value across a mark: a magnitude that reaches the threshold `T` becomes at least
    /// `ceil(T / step - 1/2)` steps, one below it fewer, so that the page counts as the analysis did.
    static func rounded(_ values: [Double], marks: [Double] = []) -> (step: Double, multiples: [Int16]) {
        let greatest = values.reduce(0) { $1.isFinite ? max($0, abs($1)) : $0 }
        let step = greatest > 0 ? greatest / 32_767 : 1
        var multiples = multiples(of: step, values)
        for mark in marks.map({ Double(Float($0)) }) where mark <= greatest {
            let least = Int16((mark / step - 0.5).rounded(.up))
            for (place, value) in values.enumerated() where value.isFinite {
                let reaches = abs(value) >= mark
                guard reaches != (abs(Int(multiples[place])) >= Int(least)) else { continue }
                multiples[place] = (reaches ? least : least - 1) * (value < 0 ? -1 : 1)
            }
        }
        return (step, multiples)
    }

    /// The nearest multiples of a step; what has none is `Int16.min`.
    static func multiples(of step: Double, _ values: [Double]) -> [Int16] {
        values.map { value in
            guard value.isFinite else { return .min }
            return Int16(min(max((value / step).rounded(), -32_767), 32_767))
        }
    }

    /// One bit per voxel of the grid, the lowest bit first: 1 in the mask.
    static func bits(_ mask: Mask) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: (mask.grid.count + 7) / 8)
        for offset in mask.offsets { bytes[Int(offset) >> 3] |= 1 << UInt8(offset & 7) }
        return bytes
    }
}
