/// What every map of a contrast is, for programs: the sidecar of its maps. Keys are written as BIDS writes
/// them, with a capital.
struct MapSidecar: Encodable {
    private let contrastName: String
    private let columns: [String]
    private let weights: [[Double]]
    private let test: String
    private let statistic: String
    private let variant: String?
    private let sided: String
    private let degreesOfFreedom: [Double]?
    private let subjectCount: Int
    private let varies: Varying?
    private let shuffles: Int?
    private let permutation: Permutation?
    private let seed: UInt64?
    private let softwareName = "Covey"
    private let softwareVersion = coveyVersion

    private enum CodingKeys: String, CodingKey {
        case contrastName = "ContrastName"
        case columns = "Columns"
        case weights = "Weights"
        case test = "Test"
        case statistic = "Statistic"
        case variant = "Variant"
        case sided = "Sided"
        case degreesOfFreedom = "DegreesOfFreedom"
        case subjectCount = "N"
        case varies = "VariesByVoxel"
        case shuffles = "Shuffles"
        case permutation = "Permutation"
        case seed = "Seed"
        case softwareName = "SoftwareName"
        case softwareVersion = "SoftwareVersion"
    }

    /// The maps that hold what differs from voxel to voxel.
    private struct Varying: Encodable {
        let subjectCount: String?
        let degreesOfFreedom: String?

        private enum CodingKeys: String, CodingKey {
            case subjectCount = "N"
            case degreesOfFreedom = "DegreesOfFreedom"
        }
    }

    /// What was shuffled and compared.
    private struct Permutation: Encodable {
        let summary: Summary.PermutationSummary

        private enum CodingKeys: String, CodingKey {
            case shuffles = "Shuffles"
            case planned = "PlannedShuffles"
            case distinct = "DistinctShuffles"
            case exhaustive = "AllDistinctShuffles"
            case exchange = "Exchange"
            case blocks = "Blocks"
            case method = "NuisanceMethod"
            case partition = "Partition"
            case scale = "Scale"
            case smallestP = "SmallestPossibleP"
            case connectivity = "Connectivity"
        }

        func encode(to encoder: any Encoder) throws {
            var container = encoder.container(keyedBy: CodingKeys.self)
            try container.encode(summary.shuffles, forKey: .shuffles)
            try container.encodeIfPresent(summary.planned, forKey: .planned)
            try container.encodeIfPresent(summary.distinct, forKey: .distinct)
            try container.encode(summary.exhaustive, forKey: .exhaustive)
            try container.encode(summary.exchange, forKey: .exchange)
            try container.encodeIfPresent(summary.blocks, forKey: .blocks)
            try container.encode(summary.method, forKey: .method)
            try container.encodeIfPresent(summary.partition, forKey: .partition)
            try container.encode(summary.scale, forKey: .scale)
            try container.encode(summary.smallestPossibleP, forKey: .smallestP)
            try container.encodeIfPresent(
                summary.quantities.lazy.compactMap(\.connectivity).first, forKey: .connectivity)
        }
    }

    /// The sidecar of a contrast's maps.
    ///
    /// - Parameter summary: of the contrast.
    init(_ contrast: ContrastAnalysis, _ summary: Summary.ContrastSummary, _ analysis: Analysis) {
        contrastName = contrast.contrast.contrast.text
        columns = contrast.contrast.columns
        weights = (0..<contrast.contrast.weights.rows).map(contrast.contrast.weights.row)
        test = contrast.partition.isF ? "F" : "t"
        statistic = summary.test
        variant = summary.variant
        sided = contrast.tail.rawValue
        degreesOfFreedom = summary.degreesOfFreedom.isEmpty ? nil : summary.degreesOfFreedom
        subjectCount = analysis.design.subjectCount
        let hasGaps = if case .missingData = analysis.plan.variant { true } else { false }
        let degrees = contrast.variant?.maps.contains { $0.name == "dof" } == true
        varies =
            hasGaps || degrees
            ? Varying(
                subjectCount: hasGaps ? "stat-n_statmap.nii.gz" : nil,
                degreesOfFreedom: degrees ? "contrast-\(contrast.label)_stat-dof_statmap.nii.gz" : nil)
            : nil
        shuffles = summary.permutation?.shuffles
        permutation = summary.permutation.map(Permutation.init)
        seed = summary.permutation?.seed
    }
}
