import CCoveyServe
public import CoveyCore
import Dispatch

/// Shows the files of a folder to browsers on this machine, for results that lie on a remote one.
///
/// It listens on the loopback addresses 127.0.0.1 and ::1 alone, so that another machine gets in only through a
/// tunnel of somebody who may log in here. It answers GET and HEAD, for regular files below the folder: no symbolic
/// link, no name that begins with a dot. Since everybody who is logged in on this machine reaches its loopback
/// address, the path begins with a token that cannot be guessed; requests for another host than this one are
/// refused, so that no page elsewhere reads the folder through a browser.
@safe public final class FolderServer: Sendable {
    /// The port it listens on.
    public let port: UInt16
    /// What the path of every address begins with; empty where no token is asked for.
    public let token: String

    private let folder: SharedFolder
    private let sockets: [Int32]
    private let wake: [Int32]
    /// Connections at a time.
    private static let connectionLimit = 32

    /// Opens a folder and a port.
    ///
    /// - Parameters:
    ///   - port: 0 for any that is free.
    ///   - token: what addresses begin with, see ``makeToken()``; empty: nothing.
    /// - Throws: ``ServeError``.
    public init(folder path: String, port: UInt16, token: String) throws(ServeError) {
        precondition(
            token.utf8.allSatisfy { Character(UnicodeScalar($0)).isHexDigit }, "a token of hexadecimal digits"
        )
        guard let folder = SharedFolder(path) else { throw .noFolder(path) }
        self.folder = folder
        self.token = token
        var bound: UInt16 = 0
        let first = unsafe covey_serve_listen(0, port, &bound)
        guard first >= 0 else { throw .noPort(port) }
        // Where ::1 does not exist or its port is taken, 127.0.0.1 does alone.
        var other: UInt16 = 0
        let second = unsafe covey_serve_listen(1, bound, &other)
        var ends: [Int32] = [-1, -1]
        guard unsafe covey_serve_pipe(&ends) == 0 else {
            covey_serve_close(first)
            if second >= 0 { covey_serve_close(second) }
            throw .noPort(port)
        }
        self.port = bound
        sockets = [first, second]
        wake = ends
    }

    deinit { for descriptor in sockets + wake where descriptor >= 0 { covey_serve_close(descriptor) } }

    /// 128 random bits in hexadecimal digits.
    public static func makeToken() -> String {
        var system = SystemRandomNumberGenerator()
        return (0..<2).map { _ in
            let digits = String(system.next() as UInt64, radix: 16)
            return String(repeating: "0", count: 16 - digits.count) + digits
        }.joined()
    }

    /// The address of a file, or of the folder, on this machine.
    public func address(of names: [String] = []) -> String {
        "http://127.0.0.1:\(port)/" + (token.isEmpty ? "" : token + "/")
            + names.map { String(Answer.address($0).dropFirst(2)) }.joined(separator: "/")
    }

    /// Whether the folder has a file of this name.
    public func hasFile(_ name: String) -> Bool {
        if case .file = folder.open([name]) { true } else { false }
    }

    /// Answers requests until ``stop()`` is called, from another thread.
    public func run() {
        let free = DispatchSemaphore(value: Self.connectionLimit)
        let running = DispatchGroup()
        let queue = DispatchQueue(label: "covey.serve", attributes: .concurrent)
        while true {
            let connection = covey_serve_accept(sockets[0], sockets[1], wake[0])
            guard connection >= 0 else { break }
            free.wait()
            queue.async(group: running) { [self] in
                answer(connection)
                covey_serve_close(connection)
                free.signal()
            }
        }
        // What is under way may end; a browser that has gone away is given up soon.
        _ = running.wait(timeout: .now() + 2)
    }

    /// Ends ``run()``.
    public func stop() { covey_serve_wake(wake[1]) }

    private func answer(_ connection: Int32) {
        let answer: Answer
        var isHead = false
        do throws(Request.Refusal) {
            guard let head = try receive(connection) else { return }
            let request = try Request(head)
            isHead = request.isHead
            answer = self.answer(to: request)
        } catch {
            answer = Answer(error)
        }
        guard send(answer.head, connection), !isHead else { return }
        switch answer.body {
        case .bytes(let bytes): _ = send(bytes, connection)
        case .file(let file):
            var buffer = [UInt8](repeating: 0, count: 1 << 18)
            var left = file.byteCount
            // A file that grows is cut where it was, one that shrinks ends the connection early.
            while left > 0, let count = file.read(into: &buffer), count > 0 {
                guard send(Array(buffer[..<min(count, left)]), connection) else { return }
                left -= min(count, left)
            }
        }
    }

    /// The head of a request; `nil` where the browser goes away or says nothing.
    private func receive(_ connection: Int32) throws(Request.Refusal) -> [UInt8]? {
        var head: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 4096)
        while true {
            let count = unsafe covey_serve_receive(connection, &buffer, buffer.count)
            guard count > 0 else { return nil }
            head += buffer[..<count]
            if let end = Self.end(of: head) { return Array(head[..<end]) }
            if head.count > Request.limit { throw .tooLong }
        }
    }

    /// Where the empty line begins.
    private static func end(of head: [UInt8]) -> Int? {
        let mark: [UInt8] = [13, 10, 13, 10]
        guard head.count >= 4 else { return nil }
        return (0...head.count - 4).first { Array(head[$0..<$0 + 4]) == mark }
    }

    private func send(_ bytes: [UInt8], _ connection: Int32) -> Bool {
        unsafe covey_serve_send(connection, bytes, bytes.count) == 0
    }

    private func answer(to request: Request) -> Answer {
        var path = request.path
        if !token.isEmpty {
            guard let first = path.first, Self.isEqual(first, token) else {
                return Answer(404, "Nothing is here. Use the whole address that 'covey serve' printed.")
            }
            path.removeFirst()
            // Without the slash, links would lead past the token.
            if path.isEmpty { return Answer(301, "This way.", location: "/\(token)/") }
        }
        let endsWithSlash = path.last == ""
        if endsWithSlash { path.removeLast() }
        switch folder.open(path) {
        case .file(let file)? where !endsWithSlash: return Answer(file, named: path.last ?? "")
        case .folder(let names)?:
            guard endsWithSlash else {
                let place =
                    (token.isEmpty ? [] : [token]) + path.map { String(Answer.address($0).dropFirst(2)) }
                return Answer(301, "This way.", location: "/" + place.joined(separator: "/") + "/")
            }
            return Answer(listing: names, of: path)
        default: return Answer(404, "There is no such file.")
        }
    }

    /// Compares without telling by the time it takes how much agrees.
    private static func isEqual(_ a: String, _ b: String) -> Bool {
        let (a, b) = (Array(a.utf8), Array(b.utf8))
        guard a.count == b.count else { return false }
        return zip(a, b).reduce(0 as UInt8) { $0 | ($1.0 ^ $1.1) } == 0
    }
}

/// Why a folder cannot be shown.
public enum ServeError: ExplainedError, Equatable {
    /// There is no such folder, or it may not be read.
    case noFolder(String)
    /// The port cannot be had.
    case noPort(UInt16)

    /// What is wrong.
    public var description: String {
        switch self {
        case .noFolder(let path): "there is no folder \(quoted(path)) that can be read"
        case .noPort(let port): port == 0 ? "no port is free on this machine" : "port \(port) is taken"
        }
    }

    /// What to do.
    public var remedy: String {
        switch self {
        case .noFolder: "name a folder that 'covey analyze' wrote"
        case .noPort: "leave '--port' out, and any free one is taken"
        }
    }
}
