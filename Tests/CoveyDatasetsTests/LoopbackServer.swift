import Dispatch
import Foundation
import Synchronization

#if canImport(Glibc)
    import Glibc
#endif

/// A web server for one test: answers on a port of this machine, one request a connection, as the test says.
final class LoopbackServer: Sendable {
    /// What was asked.
    struct Request: Sendable {
        let path: String
        let fields: [String: String]
        /// How often this path was asked before.
        let earlier: Int
    }

    /// What goes back: bytes of the body, and the length that the head claims.
    struct Answer: Sendable {
        var status = 200
        var fields: [String: String] = [:]
        var body: [UInt8] = []
        /// The claimed length; `nil` for none.
        var length: Int?
        /// Whether the connection is reset rather than closed.
        var resets = false
        /// Wait before the body.
        var pauseSeconds = 0.0

        init(_ body: [UInt8], status: Int = 200, fields: [String: String] = [:]) {
            (self.body, self.status, self.fields) = (body, status, fields)
            length = body.count
        }

        init(redirect: String) {
            status = 302
            fields["Location"] = redirect
            length = 0
        }
    }

    let port: UInt16
    private let socketNumber: Int32
    private let isOver = Flag()
    private let seen = Mutex<[Request]>([])

    var address: String { "http://127.0.0.1:\(port)" }
    var requests: [Request] { seen.withLock { $0 } }

    func count(_ path: String) -> Int { requests.count { $0.path == path } }

    init(_ answer: @escaping @Sendable (Request) -> Answer) {
        #if canImport(Darwin)
            socketNumber = socket(AF_INET, SOCK_STREAM, 0)
        #else
            socketNumber = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        #endif
        var name = sockaddr_in()
        name.sin_family = sa_family_t(AF_INET)
        name.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let number = socketNumber
        let bound = withUnsafeMutablePointer(to: &name) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                bind(number, address, size) == 0 && listen(number, 64) == 0
                    && getsockname(number, address, &size) == 0
            }
        }
        precondition(bound, "no port on this machine")
        port = UInt16(bigEndian: name.sin_port)
        let seen = { @Sendable [weak self] (path: String, fields: [String: String]) -> Request? in
            self?.seen.withLock { seen in
                let request = Request(path: path, fields: fields, earlier: seen.count { $0.path == path })
                seen.append(request)
                return request
            }
        }
        let isOver = isOver
        Thread.detachNewThread {
            // Only the thread that accepts closes the socket: its number would be another server's by then.
            defer { close(number) }
            while !isOver.value.load(ordering: .relaxed) {
                var waiting = pollfd(fd: number, events: Int16(POLLIN), revents: 0)
                guard poll(&waiting, 1, 100) > 0 else { continue }
                let connection = accept(number, nil, nil)
                guard connection >= 0 else { return }
                Thread.detachNewThread { Self.serve(connection, seen, answer) }
            }
        }
    }

    deinit { isOver.value.store(true, ordering: .relaxed) }

    /// Outlives the server, for the thread that accepts.
    private final class Flag: Sendable { let value = Atomic(false) }

    private static func serve(
        _ connection: Int32, _ seen: (String, [String: String]) -> Request?, _ answer: (Request) -> Answer
    ) {
        defer { close(connection) }
        var text = ""
        var buffer = [UInt8](repeating: 0, count: 4096)
        while !text.contains("\r\n\r\n") {
            let got = recv(connection, &buffer, buffer.count, 0)
            guard got > 0 else { return }
            text += String(decoding: buffer[..<got], as: UTF8.self)
        }
        let lines = text.components(separatedBy: "\r\n")
        var fields: [String: String] = [:]
        for line in lines.dropFirst() {
            guard let colon = line.firstIndex(of: ":") else { continue }
            fields[line[..<colon].lowercased()] = line[line.index(after: colon)...].trimmingCharacters(
                in: .whitespaces)
        }
        let words = lines[0].split(separator: " ")
        guard words.count > 1, let request = seen(String(words[1]), fields) else { return }
        let reply = answer(request)
        var head = "HTTP/1.1 \(reply.status) Answer\r\nConnection: close\r\n"
        for (name, value) in reply.fields { head += "\(name): \(value)\r\n" }
        if let length = reply.length { head += "Content-Length: \(length)\r\n" }
        send(Array((head + "\r\n").utf8), connection)
        if reply.pauseSeconds > 0 { Thread.sleep(forTimeInterval: reply.pauseSeconds) }
        send(reply.body, connection)
        if reply.resets {
            var linger = linger(l_onoff: 1, l_linger: 0)
            setsockopt(
                connection, SOL_SOCKET, SO_LINGER, &linger, socklen_t(MemoryLayout.size(ofValue: linger)))
        }
    }

    private static func send(_ bytes: [UInt8], _ connection: Int32) {
        var rest = bytes[...]
        while !rest.isEmpty {
            #if canImport(Darwin)
                let sent = rest.withUnsafeBytes { write(connection, $0.baseAddress, $0.count) }
            #else
                let sent = rest.withUnsafeBytes {
                    Glibc.send(connection, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
                }
            #endif
            guard sent > 0 else { return }
            rest = rest.dropFirst(sent)
        }
    }
}
