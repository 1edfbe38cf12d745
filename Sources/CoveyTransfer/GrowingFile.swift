#if canImport(Darwin)
    import Darwin
#elseif canImport(Musl)
    import Musl
#else
    import Glibc
#endif

/// What the system says against an operation on a file, in its own words.
public struct SystemProblem: Error, Hashable, Sendable, CustomStringConvertible {
    /// The system's words, such as "Permission denied".
    public let description: String

    init(_ code: Int32 = errno) { description = unsafe String(cString: strerror(code)) }
}

/// A file that is written at its end, can be emptied, and is put under its name when it is whole.
public final class GrowingFile {
    private let descriptor: Int32
    private let path: String
    /// Bytes in the file.
    public private(set) var byteCount: Int

    /// Opens or makes a file; never through a symbolic link.
    public init(_ path: String) throws(SystemProblem) {
        let opened = unsafe open(path, O_WRONLY | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0o644)
        guard opened >= 0 else { throw SystemProblem() }
        let end = lseek(opened, 0, SEEK_END)
        guard end >= 0 else {
            let problem = SystemProblem()
            close(opened)
            throw problem
        }
        descriptor = opened
        byteCount = Int(end)
        self.path = path
    }

    deinit { close(descriptor) }

    /// Adds bytes at the end.
    public func append(_ bytes: [UInt8]) throws(SystemProblem) {
        var done = 0
        while done < bytes.count {
            let wrote = unsafe bytes.withUnsafeBytes { buffer in
                unsafe pwrite(descriptor, buffer.baseAddress! + done, buffer.count - done, off_t(byteCount))
            }
            if wrote < 0, errno == EINTR { continue }
            guard wrote >= 0 else { throw SystemProblem() }
            done += wrote
            byteCount += wrote
        }
    }

    /// Empties the file.
    public func empty() throws(SystemProblem) {
        guard ftruncate(descriptor, 0) == 0 else { throw SystemProblem() }
        byteCount = 0
    }

    /// Puts the file under its final name, after its bytes have reached the disk.
    public func rename(to name: String) throws(SystemProblem) {
        guard fsync(descriptor) == 0 else { throw SystemProblem() }
        guard Self.rename(path, name) == 0 else { throw SystemProblem() }
    }

    private static func rename(_ old: String, _ new: String) -> Int32 {
        #if canImport(Darwin)
            unsafe Darwin.rename(old, new)
        #elseif canImport(Musl)
            unsafe Musl.rename(old, new)
        #else
            unsafe Glibc.rename(old, new)
        #endif
    }
}

/// A lock between processes that lasts as long as the value, or the process, lives.
public final class FileLock: Sendable {
    private let descriptor: Int32

    /// Waits for the lock; `busy` is called once where another process holds it.
    public init(_ path: String, busy: () -> Void) throws(SystemProblem) {
        let opened = unsafe open(path, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0o644)
        guard opened >= 0 else { throw SystemProblem() }
        if flock(opened, LOCK_EX | LOCK_NB) != 0 {
            busy()
            while flock(opened, LOCK_EX) != 0 {
                guard errno == EINTR else {
                    let problem = SystemProblem()
                    close(opened)
                    throw problem
                }
            }
        }
        descriptor = opened
    }

    deinit { close(descriptor) }
}
