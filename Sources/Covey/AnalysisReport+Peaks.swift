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
    /// The strongest voxel, in mm.
    let start: [Double]

    /// Scatters drawn for print; the viewer shows the others.
    private static let placeLimit = 6

    init(_ found: ContrastAnalysis, _ analysis: Analysis) {
        let values = PeakValues(found, analysis.fit)
        let strongest = Self.strongest(found)
        var named: [(name: String, column: Int)] = []
        var tables: [ReportTable] = []
        for (place, finding) in found.clusters.enumerated() where !finding.table.clusters.isEmpty {
            if named.isEmpty {
                named = finding.table.clusters.map { ("the peak of cluster \($0.id)", $0.peak.column) }
            }
            tables.append(
                Self.table(
                    finding, values, found.afterSelectionColumns(place).filter { $0.reportName != nil },
                    remark: found.afterSelectionCaption(place),
                    file: "contrast-\(found.label)_clusters\(found.clusterNumber(place)).tsv"
                ))
        }
        if tables.isEmpty {
            named = strongest.map { ("the strongest \($0.name) voxel", $0.column) }
            tables.append(
                ReportTable(
                    title: "Strongest voxels",
                    caption:
                        "Nothing survives the forming threshold, so there are no clusters. These voxels have the most "
                        + "extreme statistics of the mask; they are no findings. x, y, z in mm.",
                    columns: ["Voxel"] + PeakValues.places + values.columns,
                    rows: strongest.map {
                        ReportTable.Row([$0.name] + values.cells($0.column), place: values.place($0.column))
                    }))
        }
        self.tables = tables
        let cohort = analysis.reading.cohort
        // A design that differs by voxel has no one regressor to plot against.
        let isOneDesign = analysis.plan.voxelwiseColumns == nil
        places = named.prefix(isOneDesign ? Self.placeLimit : 0).compactMap { name, column in
            found.tested.mask.column(of: column, in: cohort.mask).map {
                ReportPlace(
                    name: name, place: values.place(column), values: cohort.values(at: $0),
                    remark: values.remark(column))
            }
        }
        start = strongest.first.map { values.place($0.column) } ?? [0, 0, 0]
    }

    /// One table: a row per cluster with its p-values, and a row for each further peak.
    private static func table(
        _ finding: ClusterFinding, _ values: PeakValues, _ added: [AfterSelectionColumn], remark: String,
        file: String
    ) -> ReportTable {
        let ofClusters = values.clusterColumns(of: finding.table)
        let rows = finding.table.clusters.enumerated().flatMap { number, cluster -> [ReportTable.Row] in
            func extra(_ row: Int) -> [String] {
                added.map { column in column.values[number][row].map { minus(column.text($0)) } ?? "" }
            }
            let size = [
                "\(cluster.voxelCount)", fixed(cluster.volumeCubicMillimeters, decimals: 0),
                significant(cluster.mass, digits: 4),
            ]
            let p = ofClusters.map { pText($0.values[cluster.peak.column]) }
            let first = ReportTable.Row(
                ["\(cluster.id)", cluster.sign == .positive ? "+" : "−"] + size + p + extra(0)
                    + values.cells(cluster.peak.column), place: values.place(cluster.peak.column))
            let empty = [String](repeating: "", count: 4 + ofClusters.count)
            return [first]
                + cluster.subpeaks.enumerated().map { index, peak in
                    ReportTable.Row(
                        ["\(cluster.id)\(letter(index))"] + empty + extra(index + 1)
                            + values.cells(peak.column),
                        place: values.place(peak.column), isSubordinate: true)
                }
        }
        return ReportTable(
            title: "Clusters and peaks",
            caption: caption(finding.table, finding.origin, values.clusterLetter, hasP: !ofClusters.isEmpty)
                + remark,
            columns: ["Cluster", "Sign", "Voxels", "mm³", "Mass"] + ofClusters.map(\.name)
                + added.compactMap(\.reportName) + PeakValues.places + values.columns,
            rows: rows, file: file)
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

    private static func caption(
        _ table: ClusterTable, _ origin: String, _ letter: String, hasP: Bool
    ) -> String {
        let statistic = table.tail == .twoSided ? "|\(letter)|" : table.tail == .less ? "−\(letter)" : letter
        return
            "Clusters of voxels with \(statistic) ≥ \(significant(table.threshold, digits: 4)) (\(origin)); "
            + "\(table.connectivity.rawValue) neighbours"
            + (table.minimumVoxelCount > 1 ? ", at least \(table.minimumVoxelCount) voxels" : "")
            + ". The number is the cluster's value in the label map. x, y, z in mm (RAS+); mass is the sum of what "
            + "exceeds the threshold"
            + (hasP ? "; p (extent) and p (mass) are the cluster's, family-wise over clusters" : "")
            + "; up to three further peaks at least "
            + "\(shortest(table.peakDistanceMillimeters)) mm apart. Values are those of the peak voxel."
    }

    private static func letter(_ index: Int) -> String { String(UnicodeScalar(UInt8(97 + index % 26))) }
}

/// The numbers of a contrast at single voxels.
struct PeakValues {
    /// A column of p-values.
    struct Column {
        let name: String
        let values: [Double]
    }

    /// The names of the columns of a place.
    static let places = ["x", "y", "z"]
    /// The names of the columns after the place.
    let columns: [String]
    /// The letter of the statistic that formed clusters: t, F or z.
    let clusterLetter: String
    private let letter: String
    private let found: ContrastAnalysis
    private let p: [Column]
    private let effect: [Double]?
    private let standardError: [Double]?
    private let size: StatisticMap?
    private let factor: Double

    init(_ found: ContrastAnalysis, _ fit: Fit) {
        self.found = found
        let isF = found.partition.isF
        letter = found.letter
        clusterLetter = found.permutation?.voxel.result.observed.statistic == .z ? "z" : letter
        p = Self.columns(found)
        effect = found.effect(fit)
        // Intervals and sizes belong to ordinary least squares.
        standardError = isF || found.variant != nil ? nil : fit.standardError(found.partition).values
        size =
            found.variant != nil
            ? nil
            : found.comparesMeans && !isF ? fit.cohensD(found.partition) : fit.partialR2(found.partition)
        factor = Covey.intervalFactor(found.partition)
        columns =
            [letter] + p.map(\.name) + (effect == nil ? [] : ["Effect"])
            + (standardError == nil ? [] : ["95 % CI"])
            + (size == nil
                ? [] : [found.comparesMeans && !isF ? "Cohen’s d" : isF ? "partial R²" : "partial r"])
    }

    /// p of voxels: uncorrected, by every threshold that was asked for, by shuffles.
    private static func columns(_ found: ContrastAnalysis) -> [Column] {
        var p: [Column] = []
        if !found.isPseudo {
            p.append(Column(name: "p (unc.)", values: found.parametric.p.values))
            let tests = MultipleTesting(logP: found.parametric.logP)
            for finding in found.thresholds {
                let (name, method): (String, MultipleTesting.Method)
                switch finding.correction {
                case .bonferroni: (name, method) = ("p (Bonf.)", .bonferroni)
                case .falseDiscoveryRate: (name, method) = ("q (FDR)", .falseDiscoveryRate)
                case .adaptiveFalseDiscoveryRate:
                    (name, method) = ("q (ad. FDR)", .adaptiveFalseDiscoveryRate)
                case .none, .familyWiseError, .familyWiseErrorAcrossContrasts: continue
                }
                p.append(Column(name: name, values: tests.adjusted(by: method).map(LogProbability.p)))
            }
        } else if let permutation = found.permutation {
            p.append(Column(name: "p (unc.)", values: permutation.voxel.result.uncorrectedP.values))
        }
        for finding in found.permutation?.findings ?? []
        where finding.result.quantity.formingThreshold == nil {
            let kind = finding.result.quantity == .tfce ? "TFCE" : "FWE"
            p.append(Column(name: "p (\(kind))", values: finding.result.familyWiseP.values))
            if let across = finding.acrossContrasts {
                p.append(Column(name: "p (\(kind), all)", values: across.values))
            }
        }
        return p
    }

    /// Family-wise p of a table's clusters, by what was compared at its threshold; read at a cluster's peak.
    func clusterColumns(of table: ClusterTable) -> [Column] {
        (found.permutation?.findings ?? []).compactMap { finding in
            guard finding.result.quantity.formingThreshold?.height == table.threshold else { return nil }
            let isExtent = if case .clusterExtent = finding.result.quantity { true } else { false }
            return Column(
                name: isExtent ? "p (extent)" : "p (mass)", values: finding.result.familyWiseP.values)
        }
    }

    /// x, y, z, and the columns.
    func cells(_ column: Int) -> [String] {
        place(column).map { minus(fixed($0, decimals: 1)) }
            + [minus(fixed(found.tested.values[column], decimals: 2))]
            + p.map { pText($0.values[column]) }
            + (effect.map { [minus(significant($0[column], digits: 3))] } ?? [])
            + (interval(column).map { [$0] } ?? [])
            + (sizeValue(column).map { [minus(fixed($0, decimals: 2))] } ?? [])
    }

    /// The centre of a voxel, in mm.
    func place(_ column: Int) -> [Double] {
        let point = found.tested.mask.world(of: column)
        return [point.x, point.y, point.z]
    }

    /// The statistic and the effect in words.
    func remark(_ column: Int) -> String {
        let place = place(column).map { minus(fixed($0, decimals: 0)) }.joined(separator: ", ")
        var text = "\(letter) = \(minus(fixed(found.tested.values[column], decimals: 2))) at (\(place)) mm"
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

    private func sizeValue(_ column: Int) -> Double? {
        guard let size else { return nil }
        if case .partialR2 = size.statistic, !found.partition.isF {
            let r = size.values[column].squareRoot()
            return found.statistic.values[column] < 0 ? -r : r
        }
        return size.values[column]
    }
}

/// Half the width of a 95 % confidence interval over the standard error; 0 for F.
func intervalFactor(_ partition: ContrastPartition) -> Double {
    guard !partition.isF else { return 0 }
    return StudentT(degreesOfFreedom: Double(partition.degreesOfFreedom))
        .quantile(logTwoSided: LogProbability.fromP(0.05))
}

/// p to three digits, to two and a power of ten below 0.0001.
func pText(_ p: Double) -> String {
    guard p.isFinite, p > 0 else { return p == 0 ? "0" : "n/a" }
    if p >= 1e-4 { return significant(p, digits: 3) }
    let exponent = Int((-LogProbability.negativeLog10(LogProbability.fromP(p))).rounded(.down))
    let mantissa = significant(p * power(ten: -exponent), digits: 2)
    return mantissa == "10" ? "1e−\(-exponent - 1)" : "\(mantissa)e−\(-exponent)"
}

/// 10 to a whole power.
private func power(ten exponent: Int) -> Double { Double("1e\(exponent)")! }

/// A number with a true minus sign.
func minus(_ text: String) -> String { text.hasPrefix("-") ? "−" + text.dropFirst() : text }
