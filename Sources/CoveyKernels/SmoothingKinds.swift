import CCoveyKernels

/// What each voxel of an image holds, so that voxels without a value can be left out of a filter and put back.
public enum ValueKind {
    /// A finite value.
    public static let value = UInt8(covey_kind_value.rawValue)
    /// NaN or infinite.
    public static let noNumber = UInt8(covey_kind_no_number.rawValue)
    /// A 0 that stands for the absence of a value.
    public static let zero = UInt8(covey_kind_zero.rawValue)

    /// Notes the kind of each value and sets those that are not finite to 0.
    ///
    /// - Returns: the union of the kinds; ``value`` where every voxel has one.
    /// - Precondition: as many kinds as values.
    public static func classify(
        _ values: inout [Double], zeroIsMissing: Bool, into kinds: inout [UInt8]
    ) -> UInt8 {
        precondition(kinds.count == values.count)
        return UInt8(
            unsafe covey_classify(&values, values.count, Int32(zeroIsMissing ? zero : value), &kinds))
    }

    /// Puts NaN where there was no number, and 0 where a 0 stood for the absence of a value.
    ///
    /// - Precondition: as many kinds as values.
    public static func restore(_ kinds: [UInt8], to values: inout [Double]) {
        precondition(kinds.count == values.count)
        unsafe covey_restore(&values, values.count, kinds)
    }
}
