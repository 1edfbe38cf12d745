import CoveyTestSupport
import Foundation

@testable import Covey

/// The emotion-regulation cohort (30 contrast maps, ANALYZE) and other software's answers on it.
struct EmotionRegulation {
    static let nilearn = "reference/nilearn/b_wager_nosmooth"

    /// The cohort on the voxels of a mask image, every exact 0 taken for a value as the other programs do.
    static func cohort(mask: String, smoothing: Smoothing? = nil) throws -> Cohort {
        let sources = (1...30).map { k -> MapSource in
            let name =
                "data/emotion_regulation/con_0081" + String(repeating: "0", count: k < 10 ? 3 : 2)
                + "\(k).img"
            return MapSource(identifier: "sub-\(k)", path: SharedData.url(name).path)
        }
        var reader = CohortReader()
        let path = SharedData.url(mask).path
        reader.maskRule = .image(try ImageFile.readVolume(path), name: path)
        reader.zeros = .value
        reader.smoothing = smoothing
        return try reader.read(sources).cohort
    }

    /// A model of nilearn's stored design, and the contrast on its second column.
    static func partition() throws -> ContrastPartition {
        let (table, _) = try Table.read(SharedData.url("\(nilearn)/design.tsv").path)
        return try ContrastPartition(
            try LinearModel(try Design(table)), weights: Matrix(rows: [[0, 1]]), isF: false, name: "success")
    }

    /// The values of an image at a cohort's voxels.
    static func values(_ path: String, _ mask: Mask) throws -> [Double] {
        mask.values(of: try ImageFile.readVolume(SharedData.url(path).path))
    }

    /// Rows of a text file of numbers, gzipped or not; `skipping` lines at its head.
    static func rows(_ path: String, skipping: Int = 0, limit: Int) throws -> [[Double]] {
        var bytes = [UInt8](try Data(contentsOf: SharedData.url(path)))
        if Deflate.isGzip(bytes) { bytes = try Deflate.gunzip(bytes, limit: 64 << 20).bytes }
        return String(decoding: bytes, as: UTF8.self).split(separator: "\n").dropFirst(skipping).prefix(limit)
            .map { $0.split(whereSeparator: \.isWhitespace).map { Double($0)! } }
    }

    /// The greatest absolute difference, over values that both sides have.
    static func greatestDifference(_ a: [Double], _ b: [Double]) -> Double {
        zip(a, b).reduce(0) { $1.0.isFinite && $1.1.isFinite ? max($0, abs($1.0 - $1.1)) : $0 }
    }
}
