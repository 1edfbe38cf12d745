public struct DesignDiagnostics {
    public init(_ d: Design) {}; public var varianceInflation: [Double?] { [] };
    public var conditionNumber: Double { 1 }
}
public struct DesignDoctor: Sendable {
    public init(_ d: Design, _ q: [ContrastWeights], tail: Tail, exchange: ExchangeScheme?, shuffles: Int?) {};
    public var lines: [String] { [] }
}
extension ExchangeScheme {
    public static func recommended(for p: ContrastPartition) -> ExchangeScheme {
        p.constantOnDirections.contains { $0 != 0 } ? .flip : .permute
    }
}
