#if canImport(Darwin)
    import Darwin
#elseif canImport(Musl)
    import Musl
#else
    import Glibc
#endif

/// A file opened for reading that is known to be a regular one: never a pipe, a device or a folder.
///
/// The file is opened without blocking and its kind and size are asked of the open descriptor, so that a pipe
/// without a writer does not hang and a file cannot change between the check and the use.
public final class RegularFile: Sendable {
    /// Why a file cannot be read.
    public enum Problem: Error, Hashable, Sendable {
        /// No such file, or a folder on the way that is none.
        case notFound
        /// It is a folder.
        case isDirectory
        /// It is a pipe, a socket or a device.
        case notRegular
        /// It may not be read.
        case permissionDenied
        /// Symbolic links lead in a circle.
        case linkLoop
        /// The name or the path is longer than the system takes.
        case nameTooLong
        /// The path is empty.
        case emptyPath
        /// The system's own words.
        case other(String)
    }

    private let descriptor: Int32
    /// The file's length in bytes.
    public let byteCount: Int

    /// Opens a file.
    public init(_ path: String) throws(Problem) {
        guard !path.isEmpty else { throw .emptyPath }
        let opened = unsafe open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC)
        guard opened >= 0 else { throw Self.problem(errno) }
        var status = stat()
        guard unsafe fstat(opened, &status) == 0 else {
            let code = errno
            close(opened)
            throw Self.problem(code)
        }
        let kind = status.st_mode & S_IFMT
        guard kind == S_IFREG else {
            close(opened)
            throw kind == S_IFDIR ? .isDirectory : .notRegular
        }
        descriptor = opened
        byteCount = Int(status.st_size)
    }

    deinit { close(descriptor) }

    /// Up to `count` bytes from `offset`; fewer where the file ends.
    public func read(_ count: Int, at offset: Int = 0) throws(Problem) -> [UInt8] {
        let wanted = max(0, min(count, byteCount - offset))
        var bytes = [UInt8](repeating: 0, count: wanted)
        var done = 0
        while done < wanted {
            let got = unsafe bytes.withUnsafeMutableBytes { buffer in
                unsafe pread(descriptor, buffer.baseAddress! + done, wanted - done, off_t(offset + done))
            }
            if got < 0, errno == EINTR { continue }
            guard got >= 0 else { throw Self.problem(errno) }
            if got == 0 { break }
            done += got
        }
        bytes.removeLast(wanted - done)
        return bytes
    }

    private static func problem(_ code: Int32) -> Problem {
        switch code {
        case ENOENT, ENOTDIR: return .notFound
        case EISDIR: return .isDirectory
        case EACCES, EPERM: return .permissionDenied
        case ELOOP: return .linkLoop
        case ENAMETOOLONG: return .nameTooLong
        case ENXIO, EOPNOTSUPP: return .notRegular
        default: return unsafe .other(String(cString: strerror(code)))
        }
    }
}
