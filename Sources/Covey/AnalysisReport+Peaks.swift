import CoveyCore
import CoveyImaging
import CoveyInference
import CoveyModel
import CoveyReport

/// The report's table of clusters and peaks, and the subjects' values there.
struct PeakRows {
    /// The tables: one, of clusters, or of the strongest voxels where nothing survives.
    let tables: [ReportTable]
    /// Subjects' values at the first peaks.
    let places: [ReportPlace]
    /// The strongest voxel of what was found, or of all where nothing was, in mm.
    let start: [Double]

    /// Peaks whose subjects are plotted; those of more the viewer shows.
    private static let placeLimit = 24

    init(_ found: ContrastAnalysis, _ analysis: Analysis) {
        let values = PeakValues(found, analysis.fit)
        let strongest = Self.strongest(found)
        var named: [(name: String, column: Int)] = []
        var tables: [ReportTable] = []
        for regions in found.survivors {
            named += regions.finding.table.clusters.map {
                (
                    "the peak of region \($0.id) by \(regions.quantity == .tfce ? "TFCE" : "voxel")",
                    $0.peak.column
                )
            }
            tables.append(
                Self.table(
                    regions.finding,
                    title: "Regions that survive by \(regions.quantity == .tfce ? "TFCE" : "their voxels")",
                    file: found.regionFile(regions) + ".tsv"))
        }
        var hasClusters = false
        for (place, finding) in found.clusters.enumerated() where !finding.table.clusters.isEmpty {
            if !hasClusters {
                named += finding.table.clusters.map { ("the peak of cluster \($0.id)", $0.peak.column) }
            }
            hasClusters = true
            tables.append(
                Self.table(
                    finding, title: "Clusters and peaks",
                    file: "contrast-\(found.label)_clusters\(found.clusterNumber(place)).tsv"
                ))
        }
        if tables.isEmpty {
            let statistic = Measure(
                "Statistic", heading: found.letter, meaning: "The statistic", style: .decimals(2))
            let shown =
                ([PeakMeasure(statistic, found.tested.values)] + found.parametricMeasures
                + found.permutationMeasures.filter { $0.level == .peak }.flatMap(\.measures)
                + found.effectMeasures(analysis.fit)).filter { $0.measure.heading != nil }
            named = strongest.map { ("the strongest \($0.name) voxel", $0.column) }
            tables.append(
                ReportTable(
                    title: "Strongest voxels",
                    caption:
                        "Nothing survives the forming threshold, so there are no clusters. These voxels have the most "
                        + "extreme statistics of the mask; they are no findings. x, y, z in mm.",
                    columns: ["Voxel", "x", "y", "z"] + shown.compactMap(\.measure.heading),
                    rows: strongest.map { name, column in
                        let place = values.place(column)
                        return ReportTable.Row(
                            [name] + place.map { minus(fixed($0, decimals: 1)) }
                                + shown.map { $0.measure.text($0.value(column)) }, place: place)
                    }))
        }
        self.tables = tables
        let cohort = analysis.reading.cohort
        // A design that differs by voxel has no one regressor to plot against.
        let isOneDesign = analysis.plan.voxelwiseColumns == nil
        var seen: Set<Int> = []
        let distinct = named.filter { seen.insert($0.column).inserted }
        places = distinct.prefix(isOneDesign ? Self.placeLimit : 0).compactMap { name, column in
            found.tested.mask.column(of: column, in: cohort.mask).map {
                ReportPlace(
                    name: name, place: values.place(column), values: cohort.values(at: $0),
                    remark: values.remark(column))
            }
        }
        start =
            (ContrastAnswer.strongestSurvivor(found)?.column ?? strongest.first?.column)
            .map(values.place) ?? [0, 0, 0]
    }

    /// One table: a row per cluster, and a row for each further peak.
    private static func table(_ finding: ClusterFinding, title: String, file: String) -> ReportTable {
        let columns = finding.columns.forReaders
        let headings = columns.compactMap(\.measure.heading)
        return ReportTable(
            title: title, caption: finding.caption,
            columns: headings,
            rows: finding.table.rows.enumerated().map { number, row in
                let place = row.peak.world
                return ReportTable.Row(
                    columns.map { $0.measure.text($0.values[number]) }, place: [place.x, place.y, place.z],
                    isSubordinate: row.subpeak != nil)
            }, file: file, chosenColumns: chosen(headings))
    }

    /// More columns are wider than a page.
    private static let columnLimit = 16

    /// Of a wide table the columns that are read first: size, corrected p, place, statistic and effect.
    ///
    /// What is left to the whole table: measures that follow from those shown, uncorrected p, second opinions beside
    /// shuffles; then, while there are still too many, one after the other what a reader misses least.
    static func chosen(_ headings: [String]) -> [Int]? {
        guard headings.count > columnLimit else { return nil }
        let hasShuffles = headings.contains { ["p (FWE)", "p (extent)", "p (TFCE)"].contains($0) }
        var chosen = Array(headings.indices)
        func leave(_ names: [String]) {
            chosen.removeAll { k in names.contains { headings[k].hasPrefix($0) } }
        }
        leave(["Mass", "p (unc.)", "Active ≥", "95 % CI of"] + (hasShuffles ? ["p (RFT", "q (RFT"] : []))
        let others =
            (hasShuffles ? ["p (Bonf.", "q ("] : [])
            + ["Regions", "partial r", "Hedges", "p (mass", "mm³", "% ≥"]
        for name in others where chosen.count > columnLimit { leave([name]) }
        return chosen
    }

    /// The voxels with the most extreme statistic on every side that counts, the strongest first.
    static func strongest(_ found: ContrastAnalysis) -> [(name: String, column: Int)] {
        let values = found.tested.values
        let tested = values.indices.filter { !values[$0].isNaN }
        var result: [(name: String, column: Int)] = []
        if found.tail != .less, let best = tested.max(by: { (values[$0], $1) < (values[$1], $0) }) {
            result.append((found.partition.isF ? "greatest" : "positive", best))
        }
        if found.tail != .greater, let best = tested.min(by: { (values[$0], $0) < (values[$1], $1) }) {
            result.append(("negative", best))
        }
        return result.sorted { abs(values[$0.column]) > abs(values[$1.column]) }
    }
}

/// Where a voxel of a contrast is, and what was found there, in words.
struct PeakValues {
    private let found: ContrastAnalysis
    private let effect: [Double]?
    private let standardError: [Double]?
    private let factor: Double

    init(_ found: ContrastAnalysis, _ fit: Fit) {
        self.found = found
        effect = found.effect(fit)
        // Intervals belong to ordinary least squares.
        standardError =
            found.partition.isF || found.variant != nil ? nil : fit.standardError(found.partition).values
        factor = intervalFactor(found.partition)
    }

    /// The centre of a voxel, in mm.
    func place(_ column: Int) -> [Double] {
        let point = found.tested.mask.world(of: column)
        return [point.x, point.y, point.z]
    }

    /// The statistic and the effect in words.
    func remark(_ column: Int) -> String {
        let place = place(column).map { minus(fixed($0, decimals: 0)) }.joined(separator: ", ")
        var text =
            "\(found.letter) = \(minus(fixed(found.tested.values[column], decimals: 2))) at (\(place)) mm"
        if let effect { text += ", effect \(minus(significant(effect[column], digits: 3)))" }
        if let interval = interval(column) { text += " (95 % CI \(interval))" }
        return text
    }

    private func interval(_ column: Int) -> String? {
        guard let effect, let standardError else { return nil }
        let (center, half) = (effect[column], factor * standardError[column])
        return [center - half, center + half].map { minus(significant($0, digits: 3)) }
            .joined(separator: " to ")
    }
}
