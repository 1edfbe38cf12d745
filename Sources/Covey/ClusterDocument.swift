import CoveyCore
import CoveyInference
public import CoveyModel

/// A table of clusters for programs: what was tested and how, what the columns mean, and the rows.
public struct ClusterDocument: Encodable, Sendable {
    /// What was tested, and how.
    public struct Context: Codable, Sendable, Hashable {
        /// What was tested: the contrast, or the file of the map.
        public var source: String
        /// t, F, z or pseudo-t: the statistic that formed the clusters.
        public var statistic: String
        /// Its degrees of freedom; absent where it has none or they differ by voxel.
        public var degreesOfFreedom: [Double]?
        /// Voxels that were tested.
        public var testedVoxels: Int
        /// Rows of the design; absent where they are not known.
        public var subjects: Int?
        /// Shuffles that were done, the unshuffled data included; absent without a permutation test.
        public var shuffles: Int?
        /// Whether those were all distinct shuffles.
        public var exhaustive: Bool?
        /// How the data were shuffled.
        public var exchange: String?
        /// The seed of random shuffles.
        public var seed: UInt64?
        /// The image that holds the clusters' numbers, below the folder of the table.
        public var labelMap: String?

        /// A map that was tested.
        public init(source: String, statistic: String, degreesOfFreedom: [Double]?, testedVoxels: Int) {
            self.source = source
            self.statistic = statistic
            self.degreesOfFreedom = degreesOfFreedom
            self.testedVoxels = testedVoxels
        }
    }

    private let finding: ClusterFinding
    private let context: Context

    /// A table and what it is of.
    public init(_ finding: ClusterFinding, _ context: Context) {
        self.finding = finding
        self.context = context
    }

    /// The document as JSON: keys sorted, `null` where there is no value, infinite numbers as texts.
    public var json: String { encoded(self) }

    private enum Key: String, CodingKey {
        case software, version, context, threshold, origin, correction, level, tail, connectivity
        case minimumVoxels, peakDistanceMillimeters, subpeakLimit, remarks, credits, set, columns, rows
    }

    /// Writes the document.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: Key.self)
        let table = finding.table
        try container.encode("Covey", forKey: .software)
        try container.encode(coveyVersion, forKey: .version)
        try container.encode(context, forKey: .context)
        // Where nothing survives a corrected level there is no threshold; regions of survivors have none.
        let hasThreshold = table.threshold.isFinite && !finding.isOfSurvivors
        try container.encode(hasThreshold ? table.threshold : nil, forKey: .threshold)
        try container.encode(finding.origin, forKey: .origin)
        try container.encodeIfPresent(finding.correction?.rawValue, forKey: .correction)
        try container.encodeIfPresent(finding.level, forKey: .level)
        try container.encode(table.tail.rawValue, forKey: .tail)
        try container.encode(table.connectivity.rawValue, forKey: .connectivity)
        try container.encode(table.minimumVoxelCount, forKey: .minimumVoxels)
        try container.encode(table.peakDistanceMillimeters, forKey: .peakDistanceMillimeters)
        try container.encode(table.subpeakLimit, forKey: .subpeakLimit)
        try container.encode(finding.remarks, forKey: .remarks)
        try container.encode(finding.credits, forKey: .credits)
        try container.encode(
            [SetEntry(name: "Clusters", meaning: "Number of clusters", value: Double(table.clusters.count))]
                + finding.setValues.map {
                    SetEntry(name: $0.measure.name, meaning: $0.measure.meaning, value: $0.value)
                }, forKey: .set)
        try container.encode(finding.columns.flatMap(ColumnEntry.all), forKey: .columns)
        try container.encode(
            table.rows.indices.map { RowEntry(columns: finding.columns, row: $0) }, forKey: .rows)
    }
}

private struct SetEntry: Encodable {
    let name: String
    let meaning: String
    let value: Double
}

private struct ColumnEntry: Encodable {
    let name: String
    let level: String
    let meaning: String
    let unit: String?

    static func all(_ column: ClusterColumn) -> [ColumnEntry] {
        column.fileNames.map {
            ColumnEntry(
                name: $0, level: column.level.rawValue, meaning: column.measure.meaning,
                unit: column.measure.unit)
        }
    }
}

/// A row as an object: the columns' names are its keys.
private struct RowEntry: Encodable {
    let columns: [ClusterColumn]
    let row: Int

    private struct Share: Encodable {
        let name: String
        let percent: Double
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: Name.self)
        func encode(_ number: Double, _ name: String) throws {
            if number.isFinite {
                try container.encode(number, forKey: Name(name))
            } else if number.isNaN {
                try container.encodeNil(forKey: Name(name))
            } else {
                // JSON has no infinity.
                try container.encode(number < 0 ? "-inf" : "inf", forKey: Name(name))
            }
        }
        for column in columns {
            let names = column.fileNames
            switch column.values[row] {
            case .number(let value): try encode(value, names[0])
            case .interval(let low, let high):
                try encode(low, names[0])
                try encode(high, names[1])
            case .text(let text): try container.encode(text, forKey: Name(names[0]))
            case .shares(let shares):
                try container.encode(
                    shares.map { Share(name: $0.name, percent: 100 * $0.share) }, forKey: Name(names[0]))
            case nil: for name in names { try container.encodeNil(forKey: Name(name)) }
            }
        }
    }

    private struct Name: CodingKey {
        let stringValue: String
        var intValue: Int? { nil }

        init(_ name: String) { stringValue = name }
        init?(stringValue: String) { self.init(stringValue) }
        init?(intValue: Int) { nil }
    }
}

extension ClusterDocument.Context {
    /// What the tables of a map that was read from a file are of.
    ///
    /// - Precondition: the map holds t, z or F.
    public init(_ map: StatisticMap, source: String) {
        let dof: [Double]? =
            switch map.statistic {
            case .t(let dof): [dof]
            case .f(let numerator, let denominator): [numerator, denominator]
            default: nil
            }
        self.init(
            source: source, statistic: map.statistic.letter, degreesOfFreedom: dof,
            testedVoxels: map.values.count { !$0.isNaN })
    }
}

extension ContrastAnalysis {
    /// What the contrast's tables of clusters are of.
    func clusterContext(labelMap: String, subjects: Int) -> ClusterDocument.Context {
        let dof = Double(partition.degreesOfFreedom)
        let formed = clusterLetter
        var context = ClusterDocument.Context(
            source: contrast.contrast.text, statistic: formed,
            degreesOfFreedom: formed == "z"
                ? nil : partition.isF ? [Double(partition.testedRank), dof] : [dof],
            testedVoxels: testedCount)
        context.subjects = subjects
        context.labelMap = labelMap
        if let found = permutation?.summary(isPseudo: isPseudo) {
            context.shuffles = found.shuffles
            context.exhaustive = found.exhaustive
            context.exchange = found.exchange
            context.seed = found.seed
        }
        return context
    }

    /// The label map of a table, below the result folder.
    func clusterLabelFile(_ place: Int) -> String {
        "contrast-\(label)_desc-clusters\(clusterNumber(place))_dseg.nii.gz"
    }
}
