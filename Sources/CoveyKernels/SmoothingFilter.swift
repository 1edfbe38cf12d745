import CCoveyKernels

/// A separable symmetric filter on a box of values: one list of weights per axis, applied along x, y and z.
///
/// `out_i = w_0 v_i + w_1 (v_(i-1) + v_(i+1)) + ...` along each axis in turn, each product and each sum
/// rounded, in this order, so that every ``InstructionLevel`` gives the same bits. Beyond an edge the values
/// are reflected about the face of the outermost voxel: `d c b a | a b c d | d c b a`. Values that are not
/// finite count as 0.
public struct SeparableFilter: Sendable {
    /// Number of values along x (stored fastest), y and z.
    public let shape: [Int]
    /// For each axis the weights at distance 0, 1, 2, ... from the centre; `[1]` leaves an axis alone.
    public let halfWeights: [[Double]]

    /// Room for a filter to work in, made once per thread and used again for every box.
    public struct Scratch: Sendable {
        fileprivate var values: [Double]
        fileprivate var offsets: [Int]
    }

    /// A filter for boxes of `shape`.
    ///
    /// - Precondition: three positive lengths, and three lists of at least one weight.
    public init(shape: [Int], halfWeights: [[Double]]) {
        precondition(shape.count == 3 && shape.allSatisfy { $0 > 0 }, "bad shape \(shape)")
        precondition(halfWeights.count == 3 && halfWeights.allSatisfy { !$0.isEmpty })
        self.shape = shape
        self.halfWeights = halfWeights
    }

    /// Number of values in a box.
    public var count: Int { shape[0] * shape[1] * shape[2] }

    /// Room to work in.
    public func makeScratch() -> Scratch {
        unsafe withFilter { filter in
            Scratch(
                values: [Double](repeating: 0, count: unsafe covey_filter_scratch_count(filter)),
                offsets: [Int](repeating: 0, count: unsafe covey_filter_offset_count(filter)))
        }
    }

    /// Filters a box in place.
    ///
    /// - Parameter scratch: from this filter's ``makeScratch()``.
    /// - Precondition: `values.count == count`.
    public func apply(
        to values: inout [Double], scratch: inout Scratch, level: InstructionLevel = .best
    ) {
        precondition(values.count == count, "\(values.count) values for a box of \(shape)")
        unsafe withFilter { filter in
            precondition(unsafe scratch.values.count >= covey_filter_scratch_count(filter))
            precondition(unsafe scratch.offsets.count >= covey_filter_offset_count(filter))
            unsafe covey_filter_apply(
                level.rawValue, filter, &values, &scratch.values, &scratch.offsets)
        }
    }

    private func withFilter<Result>(_ body: (UnsafePointer<covey_filter>) -> Result) -> Result {
        unsafe halfWeights[0].withUnsafeBufferPointer { x in
            unsafe halfWeights[1].withUnsafeBufferPointer { y in
                unsafe halfWeights[2].withUnsafeBufferPointer { z in
                    var filter = covey_filter()
                    filter.shape = (shape[0], shape[1], shape[2])
                    filter.radius = (x.count - 1, y.count - 1, z.count - 1)
                    unsafe filter.weights = (x.baseAddress, y.baseAddress, z.baseAddress)
                    return unsafe withUnsafePointer(to: &filter) { unsafe body($0) }
                }
            }
        }
    }
}
