import CCoveyKernels

/// Voxels as a file stores them, as Double.
public enum VoxelCodec {
    /// Decodes voxels of a NIfTI datatype.
    ///
    /// With a scaling, `value = slope * stored + intercept`, each operation rounded to Double on its own.
    ///
    /// - Parameters:
    ///   - bytes: the stored voxels.
    ///   - start: where the first one begins; any alignment.
    ///   - datatype: the NIfTI code of a real scalar type.
    ///   - bytesPerVoxel: its size.
    ///   - swapsBytes: whether the byte order is not this machine's.
    ///   - values: one per voxel, out.
    public static func decode(
        _ bytes: [UInt8], from start: Int, datatype: Int, bytesPerVoxel: Int, swapsBytes: Bool,
        scaling: (slope: Double, intercept: Double)?, into values: inout [Double]
    ) {
        precondition(start >= 0 && start + values.count * bytesPerVoxel <= bytes.count)
        let count = values.count
        let known = unsafe bytes.withUnsafeBufferPointer { source in
            unsafe values.withUnsafeMutableBufferPointer { target in
                guard let base = source.baseAddress, let out = target.baseAddress else { return Int32(1) }
                return unsafe covey_decode_voxels(
                    Int32(datatype), swapsBytes ? 1 : 0, base + start, count, scaling == nil ? 0 : 1,
                    scaling?.slope ?? 1, scaling?.intercept ?? 0, out)
            }
        }
        precondition(known == 1, "datatype \(datatype) is not a real scalar")
    }
}
