import CoveyCore
import CoveyInference
import CoveyModel
import Crypto

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// What a tally of shuffles depends on, piece by piece, so that a stranger can be told by what differs.
public struct Fingerprint: Sendable, Hashable, Codable {
    /// The version of Covey.
    public let version: String
    /// SHA-256 of the plan.
    public let plan: String
    /// SHA-256 of the design matrix and the contrasts' weights.
    public let design: String
    /// SHA-256 of the mask: its grid and its voxels.
    public let mask: String
    /// SHA-256 of the cohort's values.
    public let data: String
    /// What the shuffles are: origin and number, for each contrast.
    public let shuffles: [String]

    /// The fingerprint of an analysis that is ready to shuffle.
    public init(_ prepared: PreparedAnalysis) {
        version = coveyVersion
        plan = digest { $0.update(data: Data(prepared.plan.json().utf8)) }
        design = digest { hash in
            hash.update(prepared.design.matrix.elements)
            hash.update(prepared.tests.map { Double($0.tail == .greater ? 1 : $0.tail == .less ? -1 : 0) })
        }
        let mask = prepared.fit.mask
        self.mask = digest { hash in
            hash.update(mask.grid.shape.map(Double.init) + mask.grid.affine.elements)
            hash.update(mask.offsets.map(Double.init))
        }
        data = digest { hash in
            hash.update(prepared.reading.cohort.panels)
            // Images in the design and data outside the common mask show in what is observed.
            for observation in prepared.observations { hash.update(observation.map) }
        }
        shuffles = prepared.tests.map { test in
            let set = test.shuffles
            // A list is known by its shuffles, the others by their plan and their blocks.
            guard case .listed = set.origin else {
                let structure = set.blocks.map(\.structure) ?? "free"
                return "\(set.origin), \(set.count), " + digest { $0.update(data: Data(structure.utf8)) }
            }
            let rows = (0..<set.count).map { set[$0] }
            return digest { hash in
                for row in rows {
                    hash.update(zip(row.source, row.signs).map { Double($0 + 1) * Double($1) })
                }
            }
        }
    }

    /// The pieces that differ from another fingerprint, in words.
    public func differences(from other: Fingerprint) -> [String] {
        [
            version == other.version ? nil : "version",
            plan == other.plan ? nil : "plan",
            design == other.design ? nil : "design",
            mask == other.mask ? nil : "mask",
            data == other.data ? nil : "data",
            shuffles == other.shuffles ? nil : "shuffles",
        ].compactMap { $0 }
    }
}

private func digest(_ feed: (inout SHA256) -> Void) -> String {
    var hash = SHA256()
    feed(&hash)
    let digits = Array("0123456789abcdef")
    return hash.finalize().reduce(into: "") {
        $0.append(digits[Int($1 >> 4)])
        $0.append(digits[Int($1 & 15)])
    }
}

extension SHA256 {
    /// Adds numbers, little-endian, some at a time.
    fileprivate mutating func update(_ values: [Double]) {
        for start in stride(from: 0, to: values.count, by: 1 << 16) {
            var bytes: [UInt8] = []
            bytes.reserveCapacity(1 << 19)
            for value in values[start..<min(start + 1 << 16, values.count)] {
                var bits = value.bitPattern
                for _ in 0..<8 {
                    bytes.append(UInt8(truncatingIfNeeded: bits))
                    bits >>= 8
                }
            }
            update(data: bytes)
        }
    }
}
