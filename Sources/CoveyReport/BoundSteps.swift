internal import CoveyKernels

/// The steps of bounds on true discoveries, packed for the page: small, and exact.
///
/// Steps never fall as values become less extreme, but for values that single precision makes equal. So they are
/// kept in the order of the map's values in single precision, the most extreme first and equal ones by their
/// place, as differences from the one before: the sign folded into the lowest bit, 32 bits each, the lowest byte of
/// every number first, compressed. A step above the number of voxels is never counted; what follows the last one
/// that may be is left out.
public enum BoundSteps {
    /// The packed steps, as gzip data.
    ///
    /// - Parameters:
    ///   - steps: one per voxel; 0 was not tested and is never counted.
    ///   - values: of the contrast's first map, NaN where there is no step.
    ///   - side: which values of that map are extreme.
    public static func packed(_ steps: [Int], values: [Double], side: ReportMap.Side) -> [UInt8] {
        precondition(steps.count == values.count, "\(steps.count) steps for \(values.count) voxels")
        let sizes = values.map { value -> Float in
            switch side {
            case .greater: Float(value)
            case .less: -Float(value)
            case .both: abs(Float(value))
            }
        }
        let tested = steps.indices.filter { !sizes[$0].isNaN }
        var ordered = tested.sorted { (sizes[$1], $0) < (sizes[$0], $1) }.map {
            steps[$0] > 0 ? min(steps[$0], values.count + 1) : values.count + 1
        }
        while let last = ordered.last, last > values.count { ordered.removeLast() }
        var previous = 0
        let folded = ordered.map { step -> UInt32 in
            let difference = Int32(step - previous)
            previous = step
            return UInt32(bitPattern: (difference &<< 1) ^ (difference &>> 31))
        }
        let bytes = (0..<4).flatMap { plane in
            folded.map { UInt8(truncatingIfNeeded: $0 >> UInt32(8 * plane)) }
        }
        return Deflate.gzip(bytes, level: 6)
    }
}
