import ArgumentParser
import Covey

/// A statistic other than plain t or F: flags that `analyze` and `permute` share.
struct VariantOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            """
            Estimate a variance for each group of subjects: a column of the table, or auto (subjects that the \
            shuffles exchange). Tests Aspin and Welch's v, or G, on the scale of z.
            """, valueName: "column"))
    var varianceGroups: String?

    @Option(
        help: ArgumentHelp(
            "Smooth the variance with a Gaussian of this FWHM and test pseudo-t, by shuffles only.",
            valueName: "mm"),
        transform: Read.positive)
    var varianceSmoothing: Double?

    @Option(
        help: ArgumentHelp(
            """
            A column of the table that holds image paths, and of the model: another regressor at every voxel; \
            repeatable.
            """, valueName: "column"))
    var voxelwise: [String] = []

    @Option(
        help: ArgumentHelp(
            "Test voxels where some maps have no value with the subjects present, at least this many.",
            valueName: "count"),
        transform: Read.minimumSubjects)
    var minSubjects: Int?

    /// The variant that is asked for; `nil`: none.
    func variant() throws -> AnalysisPlan.StatisticVariant? {
        let asked: [(flag: String, variant: AnalysisPlan.StatisticVariant)] =
            [
                varianceGroups.map {
                    ("--variance-groups", .varianceGroups(column: $0 == "auto" ? nil : $0))
                },
                varianceSmoothing.map { ("--variance-smoothing", .smoothedVariance(fwhmMillimeters: $0)) },
                voxelwise.isEmpty ? nil : ("--voxelwise", .voxelwise(columns: voxelwise)),
                minSubjects.map { ("--min-subjects", .missingData(minimumSubjects: $0)) },
            ].compactMap { $0 }
        guard asked.count < 2 else {
            throw ValidationError(
                "'\(asked[0].flag)' and '\(asked[1].flag)' cannot be combined: each is a statistic of its own"
            )
        }
        return asked.first?.variant
    }
}

extension Read {
    /// At least this many subjects.
    static func minimumSubjects(_ text: String) throws -> Int {
        guard let count = Int(text), count >= 2 else {
            throw ValidationError("a whole number of subjects, 2 or more")
        }
        return count
    }
}
