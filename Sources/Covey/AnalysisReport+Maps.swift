import CoveyCore
import CoveyImaging
import CoveyReport

/// The pre-flight's part of a report: how each map that was analysed compares with the others.
struct MapsReport {
    let table: ReportTable
    let looks: [String]
    /// The numbers of the table in full, as tab-separated text.
    let text: String

    /// `nil` where maps cannot be compared.
    init?(_ analysis: Analysis) {
        let qualities = analysis.reading.qualities(threads: analysis.options.threads)
        guard !qualities.isEmpty else { return nil }
        func score(_ value: Double?) -> String { value.map { minus(fixed($0, decimals: 1)) } ?? "" }
        table = ReportTable(
            title: "Each map among the others",
            caption:
                "r is the correlation with the mean of the other maps over the voxels that all have, as analysed; z are "
                + "robust, among the maps. Lost: the share of the voxels that at least half of the maps have (or of a "
                + "given mask) without a value in this map; alone: voxels that only this map lacks.",
            columns: ["Map", "Lost, %", "Alone", "r", "z of r", "Mean", "z", "SD", "z of SD"],
            rows: qualities.map { quality in
                ReportTable.Row([
                    printable(quality.name, limit: 80), fixed(quality.lostShare * 100, decimals: 2),
                    "\(quality.soleLossCount)",
                    quality.correlation.map { minus(fixed($0, decimals: 3)) } ?? "",
                    score(quality.correlationScore), minus(significant(quality.level, digits: 4)),
                    score(quality.levelScore), significant(quality.spread, digits: 4),
                    score(quality.spreadScore),
                ])
            })
        func full(_ value: Double?) -> String { value.map { shortest($0) } ?? "n/a" }
        let names = [
            "map", "lost_share", "alone", "correlation", "correlation_score", "mean", "mean_score", "sd",
            "sd_score",
        ]
        text =
            ([names]
            + qualities.map { quality in
                [
                    printable(quality.name, limit: 80), full(quality.lostShare), "\(quality.soleLossCount)",
                    full(quality.correlation), full(quality.correlationScore), full(quality.level),
                    full(quality.levelScore), full(quality.spread), full(quality.spreadScore),
                ]
            }).map { $0.joined(separator: "\t") + "\n" }.joined()
        looks = qualities.flatMap { quality in
            quality.suspicions.map { "\(printable(quality.name, limit: 80)): \($0.description)" }
        }
    }
}
