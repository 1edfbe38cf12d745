public import CoveyCore
public import CoveyImaging

/// What should be looked at before an analysis is run: who is in the table and who has a map, who is left out and
/// why, what the columns hold, and how each map compares with the others.
///
/// Nothing stops it but a table that cannot be read: everything that an analysis would refuse is listed at once.
public struct Preflight: Sendable {
    /// What was found, for people and for programs.
    public let page: PreflightPage
    /// For every voxel, the number of maps with a value there; `nil` where no map could be read.
    public let mapCounts: Volume?
    /// For every voxel that most maps have (or of the mask image), the number of maps without a value there.
    public let lossCounts: Volume?
}

/// The page of a pre-flight as numbers and names; `preflight.json`.
public struct PreflightPage: Sendable, Codable, Hashable {
    /// The table of subjects.
    public var source: String
    /// Rows of the table.
    public var rowCount: Int
    /// The subjects, in the order of the table.
    public var subjects: [Subject]
    /// Identifiers on several rows, with their lines.
    public var duplicates: [Duplicate]
    /// Files that look like maps of subjects who are not in the table.
    public var extraFiles: [String]
    /// The columns that the model needs, or all of them where no model was given.
    public var columns: [Column]
    /// Voxels over which the maps were compared.
    public var comparedVoxels: Int
    /// `voxelCounts[k]`: voxels that at least `k` maps have.
    public var voxelCounts: [Int]
    /// The least number of maps that was asked about.
    public var minimumSubjects: Int?
    /// What an analysis would refuse, in the order in which it would be met.
    public var problems: [String]
    /// What should be known.
    public var notes: [Note]

    /// A subject of the table.
    public struct Subject: Sendable, Codable, Hashable {
        /// The identifier.
        public var identifier: String
        /// The file of the map; absent where there is none.
        public var map: String?
        /// Why the subject is left out; empty for those who take part.
        public var leftOutFor: [String] = []
        /// How the map compares; absent where it could not be compared.
        public var comparison: Comparison?
        /// What a person should look at.
        public var suspicions: [String] = []
    }

    /// An identifier on several rows.
    public struct Duplicate: Sendable, Codable, Hashable {
        /// The identifier.
        public var identifier: String
        /// Its lines.
        public var lines: [Int]
    }

    /// What a column holds.
    public struct Column: Sendable, Codable, Hashable {
        /// The column.
        public var name: String
        /// Its content in words.
        public var content: String
        /// Subjects without a value.
        public var missing: [String]
    }

    /// A map among the others; see `MapQuality`.
    public struct Comparison: Sendable, Codable, Hashable {
        /// Share of the compared voxels that the map lacks.
        public var lostShare: Double
        /// Voxels that only this map lacks.
        public var soleLossVoxels: Int
        /// Correlation with the mean of the others.
        public var correlation: Double?
        /// Mean over voxels; absent where the map has no value among them.
        public var level: Double?
        /// Robust z of the mean.
        public var levelScore: Double?
        /// Standard deviation over voxels; absent where the map has fewer than two values among them.
        public var spread: Double?
        /// Robust z of the logarithm of the standard deviation.
        public var spreadScore: Double?
        /// Robust z of the correlation (Fisher's transform).
        public var correlationScore: Double?
    }

    /// Subjects who take part.
    public var takingPart: [Subject] { subjects.filter { $0.map != nil && $0.leftOutFor.isEmpty } }

    /// The page as JSON, keys sorted.
    public func json() -> String { encoded(self) }
}
