/// A collection of NeuroVault as its pages list it: the maps of single subjects and what is told of each.
public struct NeuroVaultCollection: Sendable {
    /// The collection's number.
    public let number: Int
    /// The collection's title.
    public let title: String
    /// Images that are no maps of a single subject, counted by the reason.
    public let leftOut: [String: Int]
    /// Whether the list was in the cache.
    public let isFromCache: Bool
    let images: [NeuroVaultImage]
    let record: NeuroVaultRecord
    let dataSet: DataSet
    let source: NeuroVaultSource

    /// Which maps are wanted.
    public struct Choice: Sendable, Hashable {
        /// A contrast of the data set, or a `contrast_definition` of the collection; `nil` for any.
        public var contrast: String?
        /// What the metadata must say: values by field.
        public var conditions: [String: String] = [:]
        /// The field that names the subject; `nil` where it is looked for.
        public var subjectField: String?
        /// How many subjects, or which; `nil` for all.
        public var subjects: String?
        /// Whether subjects may have several maps.
        public var isRepeated = false

        /// All maps of a collection that has one of each subject.
        public init() {}
    }

    /// The names under which metadata name subjects, where none is said.
    static let subjectFields = [
        "participant_id", "subjectid", "subject_id", "subject", "participant", "subid",
    ]

    init(
        _ number: Int, _ dataSet: DataSet, _ source: NeuroVaultSource, _ record: NeuroVaultRecord,
        _ images: [NeuroVaultImage], isFromCache: Bool
    ) {
        self.number = number
        self.dataSet = dataSet
        self.source = source
        self.record = record
        self.isFromCache = isFromCache
        title = record.name
        var seen: Set<Int> = []
        let images = images.filter { seen.insert($0.number).inserted }
        var leftOut: [String: Int] = [:]
        for reason in images.compactMap(\.reasonAgainst) { leftOut[reason, default: 0] += 1 }
        self.leftOut = leftOut
        self.images = images.filter { $0.reasonAgainst == nil }.sorted { $0.number < $1.number }
    }

    /// The contrasts of the maps, with how many there are of each; `nil` for maps that tell none.
    public var contrasts: [(name: String?, count: Int)] {
        var counts: [String?: Int] = [:]
        for image in images { counts[image.contrast, default: 0] += 1 }
        return counts.sorted { ($0.key ?? "") < ($1.key ?? "") }.map { ($0.key, $0.value) }
    }

    /// The fields that are told of the maps, without NeuroVault's own bookkeeping, with how many values each has.
    public var fields: [(name: String, valueCount: Int)] {
        var values: [String: Set<String>] = [:]
        for image in images {
            for (name, value) in image.fields where !Self.bookkeeping.contains(name) {
                values[name, default: []].insert(value)
            }
        }
        return values.sorted { $0.key < $1.key }.map { ($0.key, $0.value.count) }
    }

    /// NeuroVault's own fields that tell nothing of a subject.
    static let bookkeeping: Set<String> = [
        "url", "id", "file", "collection", "collection_id", "file_size", "add_date", "modify_date",
        "is_valid",
        "thumbnail", "reduced_representation", "surface_left_file", "surface_right_file", "is_thresholded",
        "figure",
        "image_type", "perc_bad_voxels", "perc_voxels_outside", "brain_coverage", "not_mni",
        "cognitive_paradigm_cogatlas_id", "cognitive_contrast_cogatlas_id", "contrast_definition_cogatlas",
        "reduced_representation_file", "target_template_image", "data_origin", "subject_species",
    ]
}
