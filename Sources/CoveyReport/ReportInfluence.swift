/// What single subjects do to the peaks of a contrast: Cook's distances, and the statistic without each of them.
public struct ReportInfluence: Codable, Sendable, Hashable {
    /// A peak, and the statistic there without each subject.
    public struct Peak: Codable, Sendable, Hashable {
        /// What readers know it by: "cluster 1".
        public var name: String
        /// t with all subjects.
        public var statistic: Double
        /// t without each subject; `nil` where the contrast cannot be tested without.
        public var without: [Double?]
        /// The size that formed the cluster; `nil` where no threshold did.
        public var threshold: Double?

        /// A peak.
        public init(name: String, statistic: Double, without: [Double?], threshold: Double?) {
            self.name = name
            self.statistic = statistic
            self.without = without
            self.threshold = threshold
        }
    }

    /// Per subject: Cook's distance, the mean over the voxels; `nil` for a subject whom the model fits whatever the
    /// value.
    public var cooksDistance: [Double?]
    /// The peaks of the strongest clusters, or the strongest voxel.
    public var peaks: [Peak]
    /// A sentence for each of the first peaks that a single subject carries.
    public var sentences: [String]
    /// The same as a table below the result folder.
    public var file: String

    /// Influence from its parts.
    public init(cooksDistance: [Double?], peaks: [Peak], sentences: [String], file: String) {
        self.cooksDistance = cooksDistance
        self.peaks = peaks
        self.sentences = sentences
        self.file = file
    }
}
