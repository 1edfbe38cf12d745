/// How files are fetched: nothing here changes what is fetched.
public struct FetchSettings: Sendable {
    /// Another server with the same files: https, or http on this machine. `nil` is the data set's own.
    public var server: String?
    /// Connections at a time.
    public var connections = 8
    /// How long connecting may take.
    public var connectSeconds = 20
    /// How long next to nothing may come before a try is given up.
    public var stallSeconds = 30
    /// How many redirects may follow each other.
    public var maximumRedirects = 10
    /// The pauses before another try after a server's error, a reset or a time-out.
    public var pausesSeconds: [Double] = [1, 2, 4, 8]
    /// The name the server is told.
    public var userAgent = "covey"

    /// The settings for a public server.
    public init() {}
}

/// Where files are: one folder to write, and others to read. A data set has its own folder in each, laid out as
/// nilearn lays it out.
public struct CacheFolders: Sendable, Hashable {
    /// Where fetched files go, and where they are looked for first.
    public let writable: String
    /// Where files are looked for next.
    public let others: [String]

    /// Folders from paths.
    public init(_ writable: String, others: [String] = []) {
        self.writable = writable
        self.others = others.filter { $0 != writable }
    }
}

/// How far a fetch has come.
public struct FetchProgress: Sendable, Hashable {
    /// Files fetched.
    public internal(set) var doneCount: Int
    /// Files to fetch.
    public let fileCount: Int
    /// Bytes received.
    public internal(set) var byteCount: Int

    /// Progress from its numbers.
    public init(doneCount: Int, fileCount: Int, byteCount: Int) {
        (self.doneCount, self.fileCount, self.byteCount) = (doneCount, fileCount, byteCount)
    }
}
