import ArgumentParser
import Covey

/// Which map is read and what it holds.
struct StatisticOptions: ParsableArguments {
    @Argument(help: "Statistic map (t, z or F).")
    var map: String

    @Option(help: "What the map holds, where the file does not say: t, z or F.")
    var statistic: String?

    @Option(
        help: "Degrees of freedom: of t, or numerator,denominator of F.",
        transform: { try Read.positions($0) })
    var dof: [Double] = []

    @Option(help: "Image whose voxels above 0 were tested (default: voxels that are finite and not 0).")
    var mask: String?

    @Option(help: "Which statistics count: greater, less or two-sided (default; F has one tail).")
    var tail: Tail?

    func validate() throws {
        guard let statistic else { return }
        switch (statistic.lowercased(), dof.count) {
        case ("z", 0), ("t", 1), ("f", 2): return
        default: throw ValidationError("'--statistic' must be z, t with '--dof N', or F with '--dof A,B'")
        }
    }

    /// The map, its tail, and its notes said aloud.
    func read() throws -> (map: StatisticMap, tail: Tail) {
        let given: Statistic?
        switch statistic?.lowercased() {
        case "z": given = .z
        case "t": given = .t(degreesOfFreedom: dof[0])
        case "f": given = .f(numerator: dof[0], denominator: dof[1])
        default: given = nil
        }
        let file = try StatisticFile(map, as: given, mask: mask)
        for note in file.notes {
            Terminal.say("covey: \(note.severity == .warning ? "warning: " : "")\(note.text)")
        }
        return (file.map, file.map.statistic.isF ? .greater : tail ?? .twoSided)
    }
}

/// One threshold.
struct ThresholdOptions: ParsableArguments {
    @Option(help: "A value of the statistic.", transform: Read.number)
    var value: Double?

    @Option(help: "Uncorrected p.", transform: Read.probability)
    var uncorrected: Double?

    @Option(help: "Family-wise error by Bonferroni.", transform: Read.probability)
    var bonferroni: Double?

    @Option(help: "False discovery rate (Benjamini-Hochberg).", transform: Read.probability)
    var fdr: Double?

    @Option(
        help: "False discovery rate, adaptive (Benjamini-Krieger-Yekutieli).", transform: Read.probability)
    var fdrAdaptive: Double?

    var rules: [ThresholdRule] {
        [
            value.map { .value($0) }, uncorrected.map { .uncorrected($0) },
            bonferroni.map { .bonferroni($0) },
            fdr.map { .falseDiscoveryRate($0) }, fdrAdaptive.map { .adaptiveFalseDiscoveryRate($0) },
        ].compactMap { $0 }
    }

    func validate() throws {
        guard rules.count == 1 else {
            throw ValidationError(
                "give exactly one of '--value', '--uncorrected', '--bonferroni', '--fdr', '--fdr-adaptive'")
        }
        if let value, value <= 0 { throw ValidationError("'--value' must be above 0, not \(value)") }
    }
}
