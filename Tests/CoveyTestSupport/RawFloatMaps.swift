import Foundation

/// Reads the voxels of a plain little-endian float32 `.nii` file with a 352-byte header: enough for the
/// exact examples, and independent of Covey's own reader.
public func rawFloatMaps(_ url: URL, voxels: Int) throws -> [[Double]] {
    let bytes = [UInt8](try Data(contentsOf: url)).dropFirst(352)
    let values = stride(from: bytes.startIndex, to: bytes.endIndex - 3, by: 4).map { at -> Double in
        let word = (0..<4).reduce(UInt32(0)) { $0 | UInt32(bytes[at + $1]) << UInt32(8 * $1) }
        return Double(Float(bitPattern: word))
    }
    return stride(from: 0, to: values.count, by: voxels).map { Array(values[$0..<$0 + voxels]) }
}
