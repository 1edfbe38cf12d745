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
        let block: Int?
        let derivation: Derivation?
        let threshold: Double
        let marks: [Mark]
        let least: Double
        let greatest: Double
    }

    struct Derivation: Decodable {
        let formula: String
        let maps: [Int]
        let constant: Double
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
        let voxels: Int?
        let level: Double?
    }

    struct Background: Decodable {
        let shape: [Int]
        let origin: [Double]
        let step: [Double]
        let block: Int
    }

    let shape: [Int]
    let affine: [Double]
    let voxelVolume: Double
    let mask: Int
    let background: Background?
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

    /// Numbers of single precision less their last 8 bits.
    func relatives(_ number: Int, _ near: TraceNeighbours) -> [Double] {
        unfolded(number, near, bytesEach: 3).map { Double(Float(bitPattern: $0 << 8)) }
    }

    /// Whole numbers, so many sets of them one after the other; the least one means that there is none.
    func multiples(_ number: Int, _ near: TraceNeighbours, sets: Int = 1) -> [Int16] {
        unfolded(number, near, bytesEach: 2, sets: sets).map { Int16(truncatingIfNeeded: $0) }
    }

    /// Numbers that are kept as differences from what their neighbours foretell.
    private func unfolded(
        _ number: Int, _ near: TraceNeighbours, bytesEach: Int, sets: Int = 1
    ) -> [UInt32] {
        let total = near.count * sets
        let bytes = bytes(number, count: bytesEach * total)
        guard !bytes.isEmpty else { return [] }
        let mask = UInt32(1) << UInt32(8 * bytesEach) - 1
        var result = [UInt32](repeating: 0, count: total)
        for k in 0..<total {
            let folded = (0..<bytesEach).reduce(UInt32(0)) {
                $0 | UInt32(bytes[$1 * total + k]) << UInt32(8 * $1)
            }
            let start = k / near.count * near.count
            let box = near.boxes[k - start]
            func value(_ corner: Int) -> UInt32 { result[start + box[corner]] }
            let guess =
                box.isEmpty
                ? (k > start ? result[k - 1] : 0)
                : value(0) &+ value(1) &+ value(2) &- value(3) &- value(4) &- value(5) &+ value(6)
            result[k] = (guess &+ ((folded >> 1) ^ (0 &- (folded & 1)))) & mask
        }
        return result
    }

    /// The values of a contrast's map; none where they are damaged.
    func values(
        _ number: Int, of contrast: TraceViewer.Contrast, _ near: TraceNeighbours
    ) -> [Double] {
        guard contrast.maps.indices.contains(number) else { return [] }
        let map = contrast.maps[number]
        if let block = map.block {
            switch map.precision {
            case "exact": return floats(block, count: near.count)
            case "relative": return relatives(block, near)
            default:
                return multiples(block, near).map { $0 == .min ? .nan : Double($0) * map.step }
            }
        }
        guard let derivation = map.derivation, let first = derivation.maps.first,
            // What it follows from is kept itself.
            derivation.maps.allSatisfy({
                contrast.maps.indices.contains($0) && contrast.maps[$0].block != nil
            })
        else { return [] }
        let t = values(first, of: contrast, near)
        let s = derivation.maps.count > 1 ? values(derivation.maps[1], of: contrast, near) : t
        guard t.count == near.count, s.count == near.count else { return [] }
        let c = derivation.constant
        return t.indices.map { k in
            switch derivation.formula {
            case "product": t[k] * s[k]
            case "multiple": c * t[k]
            case "correlation": t[k] / (t[k] * t[k] + c).squareRoot()
            case "bound": abs(t[k] * s[k]) + c * s[k]
            default: .nan
            }
        }
    }
}

/// The seven neighbours of each voxel towards the origin of the grid, along x, y, z, xy, xz, yz and xyz.
struct TraceNeighbours {
    /// How many voxels there are.
    let count: Int
    /// By their places among the voxels; empty where one is missing.
    let boxes: [[Int]]

    init(_ shape: [Int], _ offsets: [Int]) {
        count = offsets.count
        var places: [Int: Int] = [:]
        for (place, offset) in offsets.enumerated() { places[offset] = place }
        let steps = [1, shape[0], shape[0] * shape[1]]
        boxes = offsets.map { offset in
            let (x, y, z) = (offset % shape[0], offset / shape[0] % shape[1], offset / steps[2])
            guard x > 0, y > 0, z > 0 else { return [] }
            let box = [[0], [1], [2], [0, 1], [0, 2], [1, 2], [0, 1, 2]].compactMap { axes in
                places[offset - axes.reduce(0) { $0 + steps[$1] }]
            }
            return box.count == 7 ? box : []
        }
    }
}
