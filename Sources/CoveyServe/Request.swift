/// The head of a request, as far as the server looks at it.
struct Request: Equatable {
    /// Why a request is not answered with a file.
    enum Refusal: Error, Equatable {
        /// It is no request of HTTP/1.0 or 1.1.
        case malformed
        /// Its head is too long.
        case tooLong
        /// It is neither GET nor HEAD.
        case method
        /// It was meant for another host: a page elsewhere may not use a browser here to read the folder.
        case host
    }

    /// The longest head that is read.
    static let limit = 16 << 10

    /// Whether only the head of the answer is wanted.
    let isHead: Bool
    /// The parts of the path, decoded; the last is empty where it ends with a slash.
    let path: [String]

    /// Reads a head: everything up to the empty line.
    init(_ bytes: [UInt8]) throws(Refusal) {
        guard let text = String(validating: bytes, as: UTF8.self) else { throw .malformed }
        // A carriage return and a line feed are one Character.
        var lines = text.split(omittingEmptySubsequences: false) { $0 == "\r\n" || $0 == "\n" }[...]
        let words = lines.popFirst()?.split(separator: " ", omittingEmptySubsequences: false) ?? []
        guard words.count == 3, ["HTTP/1.0", "HTTP/1.1"].contains(words[2]) else { throw .malformed }
        guard words[0] == "GET" || words[0] == "HEAD" else { throw .method }
        isHead = words[0] == "HEAD"
        var hosts: [String] = []
        for line in lines where !line.isEmpty {
            guard let colon = line.firstIndex(of: ":") else { throw .malformed }
            if line[..<colon].lowercased() == "host" {
                hosts.append(
                    line[line.index(after: colon)...].filter { $0 != " " && $0 != "\t" }.lowercased())
            }
        }
        guard hosts.count == 1, Self.isLoopback(hosts[0]) else { throw .host }
        let target = words[1].prefix { $0 != "?" && $0 != "#" }
        guard target.first == "/" else { throw .malformed }
        var path: [String] = []
        for part in target.dropFirst().split(separator: "/", omittingEmptySubsequences: false) {
            guard let name = Self.decoded(part) else { throw .malformed }
            path.append(name)
        }
        self.path = path
    }

    /// Whether a host, with or without a port, is this machine by a name that no other can have.
    private static func isLoopback(_ host: String) -> Bool {
        for name in ["localhost", "127.0.0.1", "[::1]"] where host.hasPrefix(name) {
            let rest = host.dropFirst(name.count)
            if rest.isEmpty || (rest.first == ":" && rest.dropFirst().allSatisfy(\.isWholeNumber)) {
                return true
            }
        }
        return false
    }

    /// A part of a path with its escapes undone.
    private static func decoded(_ part: Substring) -> String? {
        var bytes: [UInt8] = []
        var rest = Array(part.utf8)[...]
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "%") else {
                bytes.append(byte)
                continue
            }
            guard let high = rest.popFirst().flatMap(hexadecimal),
                let low = rest.popFirst().flatMap(hexadecimal)
            else { return nil }
            bytes.append(high << 4 | low)
        }
        return String(validating: bytes, as: UTF8.self)
    }

    private static func hexadecimal(_ byte: UInt8) -> UInt8? {
        Character(UnicodeScalar(byte)).hexDigitValue.map(UInt8.init)
    }
}
