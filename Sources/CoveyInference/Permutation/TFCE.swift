/// Threshold-free cluster enhancement (Smith and Nichols 2009, NeuroImage 44:83-98):
///
///     TFCE(v) = integral over h from 0 to the height of v of extent(v, h)^E h^H dh
///
/// where `extent(v, h)` is the number of voxels of the component that holds `v` among the voxels at least as
/// high as `h`.
public struct TFCE: Sendable, Hashable, Codable {
    /// `E`, the power of the extent.
    public var extentExponent: Double
    /// `H`, the power of the height.
    public var heightExponent: Double
    /// How the integral is computed.
    public var integration: Integration

    /// The greatest exponent of either kind: above it enhanced values would tell nothing but the peak, or overflow.
    public static let greatestExponent = 10.0

    /// Whether both exponents are above 0 and at most ``greatestExponent``, as one that was read from a file may not be.
    public var isUsable: Bool {
        [extentExponent, heightExponent].allSatisfy { $0 > 0 && $0 <= Self.greatestExponent }
    }

    /// How the integral is computed.
    public enum Integration: Sendable, Hashable, Codable {
        /// In closed form between the heights at which a component changes.
        case exact
        /// A sum over the heights `step, 2 step, ...`, not multiplied by the step, as MRtrix3 does (0.1 there).
        case stepped(Double)
        /// A sum with a hundredth of the unshuffled map's greatest value as the step of every map, not
        /// multiplied by it, as FSL does; the outermost planes of the image have none, as there.
        case steppedAsFSL
    }

    /// TFCE with the given exponents: E = 0.5 and H = 2 for volumes, by random-field theory (the defaults of
    /// every program); 1 and 2 for skeletons and surfaces.
    ///
    /// - Precondition: both are positive and at most ``greatestExponent``.
    public init(
        extentExponent: Double = 0.5, heightExponent: Double = 2, integration: Integration = .exact
    ) {
        self.extentExponent = extentExponent
        self.heightExponent = heightExponent
        self.integration = integration
        precondition(isUsable, "exponents \(extentExponent), \(heightExponent)")
    }
}

/// The two functions that turn a component tree into TFCE: powers of extents, and the integral of the power of
/// the height.
struct EnhancementTables: Sendable {
    /// `extent^E` for every extent up to the number of voxels.
    let weights: [Double]
    private let exponent: Double
    /// The step, or 0 for the exact integral.
    private let step: Double
    /// With a step: the heights that are summed, 0 first, and the sums of their powers up to each.
    private let heights: [Double]
    private let sums: [Double]

    /// Greater heights count as this, so that no power of one overflows.
    private let greatestHeight: Double
    /// Greatest number of steps that are summed: a statistic of a million steps is far off every scale.
    private static let stepLimit = 1 << 20

    /// - Parameter greatestObserved: the greatest height of the unshuffled map.
    init(_ tfce: TFCE, voxels: Int, greatestObserved: Double) {
        weights = (0...voxels).map { extent in
            tfce.extentExponent == 0.5
                ? Double(extent).squareRoot()
                : tfce.extentExponent == 1
                    ? Double(extent) : power(Double(extent), tfce.extentExponent)
        }
        exponent = tfce.heightExponent
        greatestHeight = exponent <= 2 ? 1e90 : power(1e200, 1 / (exponent + 1))
        let addsSinglePrecision: Bool
        switch tfce.integration {
        case .exact: (step, addsSinglePrecision) = (0, false)
        case .stepped(let given): (step, addsSinglePrecision) = (given, false)
        case .steppedAsFSL:
            let hundredth = Float(greatestObserved) / 100
            (step, addsSinglePrecision) = (hundredth > 0 ? Double(hundredth) : 0.1, true)
        }
        var heights = [0.0]
        var sums = [0.0]
        if step > 0 {
            let count = min(Self.stepLimit, max(1024, Int(min(16 * greatestObserved / step, 1e6))))
            var single: Float = 0
            for i in 1...count {
                // FSL adds its steps up in single precision; which voxels reach the last one depends on it.
                single += Float(step)
                heights.append(addsSinglePrecision ? Double(single) : Double(i) * step)
                sums.append(sums[i - 1] + power(heights[i], tfce.heightExponent))
            }
        }
        self.heights = heights
        self.sums = sums
    }

    /// The integrals of `h^H` from 0 to each of the heights, into the first entries of `terms`.
    func fill(_ terms: inout [Double], upTo heights: ArraySlice<Double>) {
        if step > 0 {
            for (k, height) in heights.enumerated() { terms[k] = sum(upTo: height) }
        } else if exponent == 2 {
            for (k, height) in heights.enumerated() {
                let h = min(height, greatestHeight)
                terms[k] = h * h * h / 3
            }
        } else {
            for (k, height) in heights.enumerated() {
                let h = min(height, greatestHeight)
                terms[k] = exponent == 1 ? h * h / 2 : power(h, exponent + 1) / (exponent + 1)
            }
        }
    }

    /// The sum of `h^H` over the steps up to a height.
    private func sum(upTo height: Double) -> Double {
        var place = min(Int(min(height / step, 1e9)) + 1, sums.count - 1)
        while place > 0, heights[place] > height { place -= 1 }
        return sums[place]
    }
}
