import CoveyCore
import CoveyImaging
import CoveyKernels

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// The numbers a page's viewer works on, decoded from the page as its script decodes them.
struct TraceViewer: Decodable {
    struct Mark: Decodable {
        let value: Double
        let name: String
    }

    struct Map: Decodable {
        let name: String
        let precision: String
        let step: Double
        let block: Int
        let threshold: Double
        let marks: [Mark]
        let least: Double
        let greatest: Double
    }

    struct Scatter: Decodable {
        let x: [Double]
        let origin: Double
        let weights: [Double]
        let basis: [[Double]]
        let addsMean: Bool
    }

    struct Place: Decodable {
        let name: String
        let place: [Double]
        let values: [Double]
    }

    struct Contrast: Decodable {
        let name: String
        let maps: [Map]
        let start: [Double]
        let scatter: Scatter
        let places: [Place]
    }

    struct Subjects: Decodable {
        let step: Double
        let block: Int
    }

    let shape: [Int]
    let affine: [Double]
    let voxelVolume: Double
    let mask: Int
    let identifiers: [String]
    let subjects: Subjects?
    let contrasts: [Contrast]
}

/// The blocks of a page: gzip data in base64.
struct TraceBlocks {
    private let texts: [Int: String]

    init(_ page: PageElement) {
        var texts: [Int: String] = [:]
        for script in page.all("script") {
            guard let id = script.attributes["id"], id.hasPrefix("block-"), let number = Int(id.dropFirst(6))
            else { continue }
            texts[number] = script.text
        }
        self.texts = texts
    }

    /// The bytes of a block; none where it is damaged or has another number of them.
    func bytes(_ number: Int, count: Int) -> [UInt8] {
        guard let text = texts[number], let data = Data(base64Encoded: text),
            let result = try? Deflate.gunzip([UInt8](data), limit: count), !result.isCut,
            result.bytes.count == count
        else { return [] }
        return result.bytes
    }

    /// Numbers of single precision, byte plane by byte plane.
    func floats(_ number: Int, count: Int) -> [Double] {
        let bytes = bytes(number, count: 4 * count)
        guard !bytes.isEmpty else { return [] }
        return (0..<count).map { k in
            let bits = (0..<4).reduce(UInt32(0)) { $0 | UInt32(bytes[$1 * count + k]) << UInt32(8 * $1) }
            return Double(Float(bitPattern: bits))
        }
    }

    /// Whole numbers kept as folded differences; the least one means that there is none.
    func multiples(_ number: Int, count: Int) -> [Int16] {
        let bytes = bytes(number, count: 2 * count)
        guard !bytes.isEmpty else { return [] }
        var last: UInt16 = 0
        return (0..<count).map { k in
            let folded = UInt16(bytes[k]) | UInt16(bytes[count + k]) << 8
            last = last &+ ((folded >> 1) ^ (0 &- (folded & 1)))
            return Int16(bitPattern: last)
        }
    }
}
