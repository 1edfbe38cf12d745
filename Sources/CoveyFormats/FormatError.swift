public import CoveyCore
public import CoveyKernels

/// A file that cannot be read or written, and what is wrong with it.
public struct FormatError: ExplainedError, Hashable {
    /// The file as the user named it.
    public let file: String
    /// What is wrong.
    public let problem: Problem

    /// A problem of a file.
    public init(_ file: String, _ problem: Problem) {
        self.file = file
        self.problem = problem
    }

    /// What can be wrong with a file.
    public enum Problem: Hashable, Sendable {
        /// The system will not open or read it.
        case unreadable(RegularFile.Problem)
        /// It holds nothing.
        case empty
        /// It ends within its header.
        case shortHeader(found: Int, needed: Int)
        /// Its header is of no format that is read here.
        case notAnImage(String)
        /// A field of the header cannot be.
        case badField(String, String)
        /// It holds fewer voxels than the header says.
        case truncatedData(found: Int, needed: Int)
        /// Its voxels take more memory than is allowed.
        case tooLarge(needed: Int, limit: Int)
        /// Its gzip wrapping is broken.
        case badGzip(String)
        /// Its partner, the header or the image of a pair, is missing.
        case missingPartner(String)
        /// Its datatype is no real number.
        case unsupportedDatatype(code: Int, name: String)
        /// It cannot be written.
        case unwritable(String)
        /// It is not the text that it should be.
        case badText(line: Int?, String)
    }

    /// What is wrong and where.
    public var description: String {
        let name = quoted(file)
        switch problem {
        case .unreadable(.notFound): return "\(name): there is no such file"
        case .unreadable(.isDirectory): return "\(name) is a directory, not a file"
        case .unreadable(.notRegular): return "\(name) is not a regular file (a pipe, socket or device)"
        case .unreadable(.permissionDenied): return "\(name): permission denied, cannot read it"
        case .unreadable(.linkLoop):
            return "\(name): cannot open it, too many levels of symbolic links (a loop)"
        case .unreadable(.nameTooLong): return "\(name): the file name is too long"
        case .unreadable(.emptyPath): return "the path of a file is empty"
        case .unreadable(.other(let reason)): return "\(name): \(printable(reason))"
        case .empty: return "\(name) is empty"
        case .shortHeader(let found, let needed):
            return "\(name) is too short for a header: \(found) bytes, \(needed) needed (truncated?)"
        case .notAnImage(let reason): return "\(name) is not a NIfTI or ANALYZE image: \(reason)"
        case .badField(let field, let reason): return "\(name): header field \(field) \(reason)"
        case .truncatedData(let found, let needed):
            return
                "\(name) is truncated: its header (dim, vox_offset) asks for \(needed) bytes of data, \(found) are there"
        case .tooLarge(let needed, let limit):
            return "\(name) is too large: \(needed) bytes of voxel data (dim), the memory limit is \(limit)"
        case .badGzip(let reason): return "\(name): \(reason)"
        case .missingPartner(let partner):
            return "\(name): the other half of the pair, \(quoted(partner)), does not exist"
        case .unsupportedDatatype(let code, let type):
            return "\(name): datatype \(code) (\(type)) is not a real number and cannot be a statistical map"
        case .unwritable(let reason): return "cannot write \(name): \(printable(reason))"
        case .badText(let line, let reason):
            return line.map { "\(name) line \($0): \(reason)" } ?? "\(name): \(reason)"
        }
    }

    /// What to do about it.
    public var remedy: String {
        switch problem {
        case .unreadable(.notFound): "check the path; paths in a table are relative to the table's folder"
        case .truncatedData, .badGzip, .shortHeader, .empty: "copy or download the file again"
        case .unwritable: "check the folder, its permissions and the free space"
        case .tooLarge: "crop or resample the image"
        default: ""
        }
    }
}

extension Deflate.Problem {
    /// What is wrong, in words.
    var words: String {
        switch self {
        case .notGzip: "not gzip data"
        case .unknownMethod(let method): "unknown gzip compression method \(method)"
        case .reservedFlags: "gzip header with reserved flag bits set"
        case .damaged(let member):
            "damaged gzip data in member \(member + 1): truncated, corrupt, or with a wrong CRC checksum or length (size)"
        }
    }
}
