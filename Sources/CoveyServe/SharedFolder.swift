import CCoveyServe

/// A folder whose files can be opened by their paths below it, and nothing else.
///
/// Paths are lists of plain names: a name that is empty, begins with a dot or holds a slash or a zero leads
/// nowhere. Symbolic links are never followed, wherever they lead, and only regular files and folders are opened.
/// So nothing outside the folder can be reached, whatever it holds.
@safe final class SharedFolder: Sendable {
    /// What a path leads to.
    enum Entry {
        case file(OpenFile)
        /// The names in it, sorted.
        case folder([String])
    }

    private let descriptor: Int32

    /// Opens a folder; `nil` where there is none that can be read.
    init?(_ path: String) {
        descriptor = unsafe covey_serve_folder(path)
        guard descriptor >= 0 else { return nil }
    }

    deinit { covey_serve_close(descriptor) }

    /// What names lead to, one below the other; `nil` where there is nothing to be seen.
    func open(_ names: [String]) -> Entry? {
        let isPlain = names.allSatisfy { name in
            !name.isEmpty && !name.hasPrefix(".")
                && !name.utf8.contains { $0 == 0 || $0 == UInt8(ascii: "/") }
        }
        guard isPlain else { return nil }
        var (kind, size): (Int32, Int64) = (0, 0)
        let opened = unsafe covey_serve_open(descriptor, names.joined(separator: "/"), &kind, &size)
        guard opened >= 0 else { return nil }
        if kind == Int32(COVEY_SERVE_FILE) { return .file(OpenFile(opened, byteCount: Int(size))) }
        var bytes = [UInt8](repeating: 0, count: 1 << 20)
        let used = unsafe covey_serve_names(opened, &bytes, bytes.count)
        guard used >= 0 else { return nil }
        return .folder(
            bytes[..<used].split(separator: 0).compactMap { String(validating: $0, as: UTF8.self) }.sorted())
    }
}

/// A file that is open for reading.
@safe final class OpenFile {
    /// Its size when it was opened.
    let byteCount: Int
    private let descriptor: Int32

    fileprivate init(_ descriptor: Int32, byteCount: Int) {
        self.descriptor = descriptor
        self.byteCount = byteCount
    }

    deinit { covey_serve_close(descriptor) }

    /// Fills a buffer as far as it goes; 0 at the end, `nil` where reading fails.
    func read(into buffer: inout [UInt8]) -> Int? {
        let count = unsafe covey_serve_read(descriptor, &buffer, buffer.count)
        return count < 0 ? nil : count
    }
}
