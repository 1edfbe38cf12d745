/// A public data set as a description: what it holds, where it is served, and on what terms.
///
/// Files are looked up in an index, a JSON object of paths in the data set and identifiers, and are served one
/// by one under their identifier. To describe another data set, make a value like ``localizer``.
public struct DataSet: Sendable, Hashable {
    /// The word for the data set in commands.
    public let name: String
    /// The full name.
    public let title: String
    /// One sentence: what was measured, in whom.
    public let summary: String
    /// A page about the data set.
    public let page: String
    /// The terms of use.
    public let licence: String
    /// What to cite.
    public let citations: [String]
    /// How much there is, in words, such as `94 maps of a contrast`.
    public let size: String

    /// The server, such as `https://osf.io`.
    public let server: String
    /// How files are found on the server.
    public let listing: Listing
    /// The hosts that redirects may lead to; `*.example.org` is every host below `example.org`.
    public let hosts: [String]

    /// The folder of the data set in a cache.
    public let folder: String
    /// Everybody in it.
    public let subjects: [String]
    /// The contrasts there are maps of.
    public let contrasts: [Contrast]
    /// How images are named.
    public let images: [Image: Naming]
    /// The tables of subjects' variables, in the order in which their columns are joined.
    public let tables: [TableSource]
    /// SHA-256 in hexadecimal digits by path in the data set, where they are published.
    public let checksums: [String: String]

    /// How files are found on a server.
    public enum Listing: Sendable, Hashable {
        /// By an index at `path`, kept in the cache as `local`: a JSON object of paths and identifiers. A file is
        /// served at `file`, with `{id}` for its identifier.
        case index(path: String, local: String, file: String)
        /// Each file at its own path.
        case paths
        /// By the pages of a NeuroVault collection, which also tell who the subjects are.
        case neuroVault(NeuroVaultSource)
    }

    /// One contrast and its names.
    public struct Contrast: Sendable, Hashable {
        /// The name in the data set's own files, such as `LeftAuditoryClick`.
        public let label: String
        /// The names people use; the first is the one shown.
        public let names: [String]
    }

    /// A kind of image.
    public enum Image: String, Sendable, Hashable, CaseIterable {
        /// The map of a contrast: the effect and its unit.
        case map = "maps"
        /// The t-map of a contrast within the subject.
        case tMap = "t-maps"
        /// The voxels measured in the subject.
        case mask = "masks"
        /// The subject's anatomical image.
        case anatomy

        /// The column of a table that holds such images.
        public var column: String {
            switch self {
            case .map: "map"
            case .tMap: "t_map"
            case .mask: "mask"
            case .anatomy: "anatomy"
            }
        }
    }

    /// Where a file stands in the data set and in the cache: paths with `{subject}` and `{contrast}`.
    public struct Naming: Sendable, Hashable {
        /// The path in the data set's index, or on its server.
        public let remote: String
        /// The path below the data set's folder.
        public let local: String
        /// What stands in place of `.img` in the name of the header, where an image is two files. Such files need
        /// checksums: nothing in them tells that they are whole.
        public var headerSuffix: String?

        /// A file's paths.
        public init(remote: String, local: String, headerSuffix: String? = nil) {
            (self.remote, self.local, self.headerSuffix) = (remote, local, headerSuffix)
        }

        /// The files of an image: the one that a table names, then its header where that is another.
        func images(of subject: String, contrast: String) -> [DataSetFile] {
            let names = [remote, local].map {
                $0.replacing("{subject}", with: subject).replacing("{contrast}", with: contrast)
            }
            guard let headerSuffix else {
                return [DataSetFile(remote: names[0], local: names[1], subject: subject, check: .image)]
            }
            let headers = names.map { ($0.hasSuffix(".img") ? String($0.dropLast(4)) : $0) + headerSuffix }
            return [names, headers].map {
                DataSetFile(remote: $0[0], local: $0[1], subject: subject, check: .part)
            }
        }
    }

    /// A table of subjects' variables.
    public struct TableSource: Sendable, Hashable {
        /// Where it stands.
        public let naming: Naming
        /// How its rows are joined to subjects.
        public let join: Join

        /// How rows are joined to subjects.
        public enum Join: Sendable, Hashable {
            /// By a column `participant_id`.
            case identifier
            /// One row per subject, in the order of ``DataSet/subjects``.
            case order
        }

        func file(subjectCount: Int) -> DataSetFile {
            DataSetFile(
                remote: naming.remote, local: naming.local, subject: nil,
                check: join == .order ? .rows(subjectCount) : .table)
        }
    }

    /// The files of the data set's tables.
    var tableFiles: [DataSetFile] { tables.map { $0.file(subjectCount: subjects.count) } }

    /// The contrast of a name, in any case and spacing.
    ///
    /// - Throws: `DatasetError.unknownContrast`.
    public func contrast(named name: String) throws(DatasetError) -> Contrast {
        let wanted = Self.plain(name)
        guard
            let found = contrasts.first(where: {
                ([$0.label] + $0.names).contains { Self.plain($0) == wanted }
            })
        else {
            let words = Set(name.lowercased().split { !$0.isLetter })
            let scored = contrasts.map { contrast in
                (
                    contrast.names[0],
                    Set(contrast.names.joined(separator: " ").split { !$0.isLetter }).intersection(words)
                        .count
                )
            }
            let best = scored.map(\.1).max() ?? 0
            throw .unknownContrast(
                name, dataSet: self.name,
                like: best == 0 ? [] : scored.filter { $0.1 == best }.prefix(3).map(\.0))
        }
        return found
    }

    static func plain(_ name: String) -> String { name.lowercased().filter { !$0.isWhitespace } }

    /// Subjects from text: a count of the first ones (`94`), or a list (`S01,S05` or `1,5,10-20`).
    ///
    /// - Throws: `DatasetError.subjects`.
    public func subjects(_ text: String) throws(DatasetError) -> [String] {
        if let count = Int(text) {
            guard count > 0, count <= subjects.count else {
                throw .subjects(text, count: subjects.count, first: subjects[0])
            }
            return Array(subjects.prefix(count))
        }
        var chosen: Set<String> = []
        for part in text.split(separator: ",", omittingEmptySubsequences: false) {
            let ends = part.split(separator: "-", omittingEmptySubsequences: false).map { place(of: $0) }
            guard ends.count <= 2, let first = ends[0], let last = ends[ends.count - 1], first <= last else {
                throw .subjects(String(part), count: subjects.count, first: subjects[0])
            }
            chosen.formUnion(subjects[first...last])
        }
        return subjects.filter(chosen.contains)
    }

    private func place(of text: Substring) -> Int? {
        let word = text.filter { !$0.isWhitespace }
        if let number = Int(word) { return subjects.indices.contains(number - 1) ? number - 1 : nil }
        return subjects.firstIndex { $0.lowercased() == word.lowercased() }
    }
}

/// A file of a data set.
public struct DataSetFile: Sendable, Hashable {
    /// The path in the data set's index.
    public let remote: String
    /// The path below the data set's folder in a cache.
    public let local: String
    /// Whose it is; `nil` for a table of all.
    public let subject: String?
    /// What it must be.
    let check: FileCheck
}
