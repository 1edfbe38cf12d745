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
        planes(values.map { Float($0).bitPattern }, byteCount: 4)
    }

    /// Numbers of single precision rounded to their upper 24 bits, a relative error of 2^-16 at most: those bits as
    /// differences from their prediction.
    static func relative(_ values: [Double], _ prediction: VoxelPrediction) -> [UInt8] {
        planes(prediction.folded(values.map(upperBits), bits: 24), byteCount: 3)
    }

    /// What ``relative(_:_:)`` leaves of numbers.
    static func relativeValues(_ values: [Double]) -> [Double] {
        values.map { Double(Float(bitPattern: upperBits($0) << 8)) }
    }

    /// The upper 24 bits of a number in single precision, rounded to even.
    private static func upperBits(_ value: Double) -> UInt32 {
        let bits = Float(value).bitPattern
        return (bits &+ 0x7F &+ (bits >> 8 & 1)) >> 8
    }

    /// Whole numbers of 16 bits, `Int16.min` for a missing value, for all voxels once or several times over, as
    /// differences from their prediction.
    static func predicted(_ values: [Int16], _ prediction: VoxelPrediction) -> [UInt8] {
        let count = prediction.count
        let folded = stride(from: 0, to: values.count, by: max(1, count)).flatMap { start in
            prediction.folded(values[start..<start + count].map { UInt32(UInt16(bitPattern: $0)) }, bits: 16)
        }
        return planes(folded, byteCount: 2)
    }

    /// The lowest byte of every number, then the second of every number, and so on.
    private static func planes(_ values: [UInt32], byteCount: Int) -> [UInt8] {
        (0..<byteCount).flatMap { plane in values.map { UInt8(truncatingIfNeeded: $0 >> UInt32(8 * plane)) } }
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
    static func bits(_ mask: Mask) -> [UInt8] { bits(mask.offsets.map { Int($0) }, of: mask.grid.count) }

    /// One bit per place, the lowest bit first: 1 at the places given.
    static func bits(_ places: [Int], of count: Int) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: (count + 7) / 8)
        for place in places { bytes[place >> 3] |= 1 << UInt8(place & 7) }
        return bytes
    }
}
