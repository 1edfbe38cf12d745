public import CoveyCore

/// Why a data set could not be fetched.
public enum DatasetError: ExplainedError, Equatable {
    /// No data set has that name.
    case unknownDataSet(String, known: [String])
    /// No contrast has that name.
    case unknownContrast(String, dataSet: String, like: [String])
    /// The choice of subjects means nothing.
    case subjects(String, count: Int, first: String)
    /// The data set has no such images.
    case noImages(DataSet.Image, dataSet: String)
    /// Another server was named by an address that is not to be asked.
    case server(String)
    /// A file or folder cannot be written.
    case cannotWrite(String, String)
    /// The index could not be had.
    case index(String, FetchProblem)
    /// The index has none of the files asked for.
    case notInIndex([String])
    /// No network, and the cache is not complete.
    case offline(FetchProblem, address: String, missing: [String], cached: Int, folder: String)
    /// Files could not be had; the rest is in the cache.
    case files([FailedFile], kept: Int, folder: String)
    /// A table of subjects' variables cannot be joined.
    case table(String, String)
    /// A collection of NeuroVault does not give what was asked for.
    case collection(Int?, CollectionProblem)
    /// The data set has several contrasts and none was named.
    case noContrast(dataSet: String, known: [String])

    /// A file that could not be had.
    public struct FailedFile: Sendable, Hashable {
        /// The file's path in the data set.
        public let file: String
        /// Where it was asked for.
        public let address: String
        /// Why it did not come.
        public let problem: FetchProblem
    }

    /// What is wrong and where.
    public var description: String {
        switch self {
        case .unknownDataSet(let name, let known):
            return "there is no data set \(quoted(name)); data sets: \(known.joined(separator: ", "))"
        case .unknownContrast(let name, let dataSet, _):
            return "the \(dataSet) data set has no contrast \(quoted(name))"
        case .subjects(let text, let count, let first):
            return "\(quoted(text)) names no subjects: there are \(count), from \(first)"
        case .noImages(let kind, let dataSet): return "the \(dataSet) data set has no \(kind.rawValue)"
        case .server(let text):
            return "\(quoted(text)) is not a server to fetch from"
        case .cannotWrite(let path, let reason): return "\(quoted(path)) cannot be written: \(reason)"
        case .index(let address, let problem):
            return "the index of the data set at \(printable(address)): \(problem.description)"
        case .notInIndex(let files):
            return "the index of the data set has none of the files asked for: " + Self.list(files)
        case .offline(let problem, let address, let missing, let cached, let folder):
            return "\(printable(address)): \(problem.description); \(missing.count) files are missing ("
                + Self.list(missing) + "), \(cached) are in \(quoted(folder))"
        case .files(let failures, let kept, let folder):
            let first = failures[0]
            let others =
                failures.count == 1
                ? "" : "; and \(failures.count - 1) more: " + Self.list(failures.dropFirst().map(\.file))
            return "\(printable(first.file)) from \(printable(first.address)): \(first.problem.description)"
                + others + "; \(kept) files are in \(quoted(folder))"
        case .table(let path, let reason): return "\(quoted(path)): \(reason)"
        case .collection(let number, let problem):
            return (number.map { "NeuroVault collection \($0): " } ?? "") + problem.description
        case .noContrast(let dataSet, let known):
            return "the \(dataSet) data set has maps of \(known.count) contrasts"
        }
    }

    /// What to do about it.
    public var remedy: String {
        switch self {
        case .unknownDataSet: return "name one of these"
        case .unknownContrast(_, let dataSet, let like):
            let near =
                like.isEmpty ? "" : "perhaps " + like.map { quoted($0) }.joined(separator: " or ") + "; "
            return near + "'covey fetch \(dataSet) --list' lists all"
        case .subjects: return "give a number of subjects such as 20, or a list such as 1,5,10-20 or S01,S05"
        case .noImages: return ""
        case .server:
            return "give an https address; http is taken for this machine only (http://127.0.0.1:PORT)"
        case .cannotWrite: return "make the folder writable, or choose another with --cache"
        case .index(_, let problem): return problem.remedy
        case .notInIndex: return "choose other subjects or another contrast; the server may hold only a part"
        case .offline:
            return "go online and run the same command again, or point --cache at a folder that has the files"
        case .files(let failures, _, _):
            return failures[0].problem.remedy + (failures[0].problem.remedy.isEmpty ? "" : "; ")
                + "the same command fetches only what is missing"
        case .table: return "remove the file and fetch again"
        case .collection(_, let problem): return problem.remedy
        case .noContrast(let dataSet, _):
            return "choose one with --contrast NAME; 'covey fetch \(dataSet) --list' lists all"
        }
    }

    static func list(_ names: [String]) -> String {
        names.prefix(3).map { printable($0) }.joined(separator: ", ")
            + (names.count > 3 ? " and \(names.count - 3) more" : "")
    }
}
