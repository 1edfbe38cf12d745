import CCoveyKernels

/// The instruction set that a kernel runs with.
///
/// ``avx2`` and ``avx512`` give the same bits; ``baseline`` rounds products before adding them on x86-64 and
/// may differ in the last bits. The choice never changes more than that.
public enum InstructionLevel: Int32, Sendable, CaseIterable, Comparable {
    /// What the compiler targets by default (SSE2 on x86-64, NEON on arm64).
    case baseline = 0
    /// x86-64-v3.
    case avx2 = 1
    /// x86-64-v4.
    case avx512 = 2

    /// The best level that this processor runs.
    public static let best = InstructionLevel(rawValue: covey_best_level()) ?? .baseline

    /// The levels that this processor runs, worst first.
    public static var available: [InstructionLevel] { allCases.filter { $0 <= best } }

    /// Orders levels by width.
    public static func < (left: InstructionLevel, right: InstructionLevel) -> Bool {
        left.rawValue < right.rawValue
    }
}
