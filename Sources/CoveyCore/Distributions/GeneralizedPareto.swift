#if canImport(Darwin)
    import Darwin
#elseif canImport(Musl)
    import Musl
#else
    import Glibc
#endif

/// The generalised Pareto distribution of an exceedance `x >= 0`: `P(X >= x) = (1 + shape x / scale)^(-1 / shape)`.
///
/// A positive shape has a heavy tail, 0 is the exponential distribution, and a negative one ends at
/// ``upperEnd``. Hosking and Wallis (1987, Technometrics 29:339-349) write `k = -shape`.
public struct GeneralizedPareto: Sendable, Hashable, Codable {
    /// The shape, often written xi.
    public let shape: Double
    /// The scale, in the units of the exceedance.
    public let scale: Double

    /// The distribution of a shape and a scale.
    ///
    /// - Precondition: the shape is finite, the scale positive and finite.
    public init(shape: Double, scale: Double) {
        precondition(shape.isFinite && scale > 0 && scale.isFinite, "shape \(shape), scale \(scale)")
        self.shape = shape
        self.scale = scale
    }

    /// The greatest possible exceedance: `-scale / shape` for a negative shape, else infinite.
    public var upperEnd: Double { shape < 0 ? -scale / shape : .infinity }

    /// `ln P(X >= x)`: 0 at and below x = 0, -infinity at and beyond ``upperEnd``.
    public func logSurvival(_ x: Double) -> Double {
        guard !x.isNaN else { return .nan }
        guard x > 0 else { return 0 }
        guard x < upperEnd else { return -.infinity }
        let reduced = x / scale
        // ln(1 + s r) / s = r - s r^2 / 2 + ...: below this the second term is under half a unit of rounding.
        guard abs(shape) * reduced > 1e-16 else { return -reduced }
        return -log1p(shape * reduced) / shape
    }
}
