/// Numbers for tests, the same on every run: a linear congruential generator and sums of its output.
public struct TestNumbers: Sendable {
    private var state: UInt64

    /// A sequence that begins at `seed`.
    public init(_ seed: UInt64) { state = seed &* 2_862_933_555_777_941_757 &+ 3_037_000_493 }

    /// Uniform in [0, 1).
    public mutating func uniform() -> Double {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return Double(state >> 11) * 0x1p-53
    }

    /// Near enough normal: twelve uniforms less six.
    public mutating func normal() -> Double { (0..<12).reduce(-6.0) { sum, _ in sum + uniform() } }

    /// A list of near-normal numbers.
    public mutating func normals(_ count: Int) -> [Double] { (0..<count).map { _ in normal() } }

    /// A whole number from 0 to `bound - 1`.
    public mutating func below(_ bound: Int) -> Int { Int(uniform() * Double(bound)) }
}
