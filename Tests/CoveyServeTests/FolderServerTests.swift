import CoveyCore
import Foundation
import Testing

@testable import CoveyServe

#if canImport(Glibc)
    import Glibc
#endif

/// A folder that is served for one test, with a neighbour that must stay unseen.
private final class Served {
    let root: String
    let server: FolderServer
    private let ended = DispatchSemaphore(value: 0)

    init(token: String = "") throws {
        let root = FileManager.default.temporaryDirectory.path + "/covey-serve-\(UUID().uuidString)"
        let manager = FileManager.default
        try manager.createDirectory(atPath: root + "/results/figures", withIntermediateDirectories: true)
        func write(_ text: String, _ path: String) throws {
            try Data(text.utf8).write(to: URL(fileURLWithPath: root + "/" + path))
        }
        try write("secret", "secret.txt")
        try write("<p>page</p>", "results/report.html")
        try write("a\tb\n", "results/table 1&<2>.tsv")
        try write("hidden", "results/.hidden")
        try write("<svg/>", "results/figures/slices.svg")
        try Data((0..<700_000).map { UInt8(truncatingIfNeeded: $0 &* 7) }).write(
            to: URL(fileURLWithPath: root + "/results/map.nii.gz"))
        try manager.createSymbolicLink(
            atPath: root + "/results/link.txt", withDestinationPath: root + "/secret.txt")
        try manager.createSymbolicLink(atPath: root + "/results/up", withDestinationPath: root)
        #expect(mkfifo(root + "/results/pipe", 0o600) == 0)
        self.root = root
        server = try FolderServer(folder: root + "/results", port: 0, token: token)
        Thread.detachNewThread { [server, ended] in
            server.run()
            ended.signal()
        }
    }

    /// Whether the server ends within a few seconds of being told so.
    func stop() -> Bool {
        server.stop()
        return ended.wait(timeout: .now() + 5) == .success
    }

    deinit {
        server.stop()
        try? FileManager.default.removeItem(atPath: root)
    }

    /// A connection to the server.
    func connection() throws -> Int32 {
        #if canImport(Darwin)
            let number = socket(AF_INET, SOCK_STREAM, 0)
        #else
            let number = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        #endif
        var name = sockaddr_in()
        name.sin_family = sa_family_t(AF_INET)
        name.sin_port = server.port.bigEndian
        name.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        let size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let connected = withUnsafePointer(to: &name) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { connect(number, $0, size) }
        }
        try #require(connected == 0)
        return number
    }

    /// The status, the head and the body of the answer to these bytes.
    func send(_ request: String) throws -> (status: Int, head: String, body: [UInt8]) {
        let number = try connection()
        defer { close(number) }
        let bytes = Array(request.utf8)
        try #require(write(number, bytes, bytes.count) == bytes.count)
        var answer: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = read(number, &buffer, buffer.count)
            guard count > 0 else { break }
            answer += buffer[..<count]
        }
        let mark = Array("\r\n\r\n".utf8)
        let end = try #require((0..<max(0, answer.count - 3)).first { Array(answer[$0..<$0 + 4]) == mark })
        let head = String(decoding: answer[..<end], as: UTF8.self)
        return (Int(head.split(separator: " ")[1]) ?? 0, head, Array(answer[(end + 4)...]))
    }

    func get(_ path: String, method: String = "GET", host: String? = nil) throws
        -> (status: Int, head: String, body: [UInt8])
    {
        try send("\(method) \(path) HTTP/1.1\r\nHost: \(host ?? "127.0.0.1:\(server.port)")\r\n\r\n")
    }
}

@Suite("A folder shown on this machine", .serialized)
struct FolderServerTests {
    @Test("files come whole, with their types; HEAD has the same head and no body")
    func files() throws {
        let served = try Served()
        for (path, type, count) in [
            ("/report.html", "text/html; charset=utf-8", 11), ("/figures/slices.svg", "image/svg+xml", 6),
            ("/table%201&%3c2%3E.tsv", "text/tab-separated-values; charset=utf-8", 4),
            ("/map.nii.gz?x=1", "application/gzip", 700_000),
        ] {
            let answer = try served.get(path)
            #expect(answer.status == 200 && answer.body.count == count, "\(path): \(answer.head)")
            #expect(answer.head.contains("Content-Type: \(type)\r\n"))
            #expect(answer.head.contains("Content-Length: \(count)\r\n"))
            #expect(answer.head.contains("nosniff") && answer.head.contains("no-store"))
            let head = try served.get(path, method: "HEAD")
            #expect(head.head == answer.head && head.body.isEmpty)
        }
        let map = try served.get("/map.nii.gz").body
        #expect(map.enumerated().allSatisfy { $1 == UInt8(truncatingIfNeeded: $0 &* 7) })
        let list = String(decoding: try served.get("/").body, as: UTF8.self)
        #expect(list.contains("<a href=\"./table%201%26%3C2%3E.tsv\">table 1&amp;&lt;2&gt;.tsv</a>"))
        #expect(!list.contains("hidden"))
        #expect(try served.get("/figures").head.contains("301 ") == true)
        #expect(try served.get("/figures").head.hasSuffix("Location: /figures/"))
        #expect(try served.get("/figures/").status == 200)
    }

    @Test("nothing outside the folder, behind a link, hidden or no file can be had, however it is spelt")
    func confinement() throws {
        let served = try Served()
        for path in [
            "/../secret.txt", "/%2e%2e/secret.txt", "/..%2fsecret.txt", "/figures/../../secret.txt",
            "/figures/%2E%2E/%2E%2E/secret.txt", "//etc/passwd", "/./report.html", "/figures//slices.svg",
            "/link.txt", "/up/secret.txt", "/up/", "/.hidden", "/pipe", "/report.html/",
            "/report.html%00.txt",
            "/\(String(repeating: "a", count: 300))", "/missing",
        ] {
            let answer = try served.get(path)
            #expect(answer.status == 404, "\(path): \(answer.head)")
            #expect(!String(decoding: answer.body, as: UTF8.self).contains("secret"), "\(path)")
        }
    }

    @Test("only GET and HEAD, for this machine by its own names, in requests that are ones")
    func refusals() throws {
        let served = try Served()
        for method in ["POST", "PUT", "DELETE", "OPTIONS", "get", "CONNECT"] {
            let answer = try served.get("/report.html", method: method)
            #expect(answer.status == 405 && answer.head.contains("Allow: GET, HEAD"), "\(method)")
        }
        for host in [
            "evil.example", "evil.example:8765", "127.0.0.1.evil.example", "localhost.evil", "10.0.0.1", "",
        ] {
            #expect(try served.get("/report.html", host: host).status == 421, "\(host)")
        }
        for host in ["localhost", "LOCALHOST:9999", "[::1]:80", "127.0.0.1"] {
            #expect(try served.get("/report.html", host: host).status == 200, "\(host)")
        }
        for request in [
            "GET /report.html HTTP/1.1\r\n\r\n",
            "GET /report.html HTTP/1.1\r\nHost: localhost\r\nHost: localhost\r\n\r\n",
        ] { #expect(try served.send(request).status == 421) }
        for request in [
            "nonsense\r\n\r\n", "GET /report.html\r\n\r\n",
            "GET report.html HTTP/1.1\r\nHost: localhost\r\n\r\n",
            "GET http://localhost/report.html HTTP/1.1\r\nHost: localhost\r\n\r\n",
            "GET /report.html HTTP/2\r\nHost: localhost\r\n\r\n",
            "GET /%zz HTTP/1.1\r\nHost: localhost\r\n\r\n",
            "GET /%ff HTTP/1.1\r\nHost: localhost\r\n\r\n",
            "GET /a HTTP/1.1\r\nHost: localhost\r\nodd\r\n\r\n",
        ] { #expect(try served.send(request).status == 400, "\(request)") }
        let long = "GET /a HTTP/1.1\r\nHost: localhost\r\nX: \(String(repeating: "x", count: 20_000))"
        #expect(try served.send(long).status == 431)
    }

    @Test("with a token nothing is seen without it; tokens differ and have 128 bits")
    func token() throws {
        let token = FolderServer.makeToken()
        #expect(token.count == 32 && token != FolderServer.makeToken())
        let served = try Served(token: token)
        for path in [
            "/", "/report.html", "/\(token.dropLast())/report.html", "/\(token)0/report.html", "//\(token)/",
        ] {
            #expect(try served.get(path).status == 404, "\(path)")
        }
        #expect(try served.get("/\(token)/report.html").body == Array("<p>page</p>".utf8))
        #expect(try served.get("/\(token)").head.hasSuffix("Location: /\(token)/"))
        #expect(try served.get("/\(token)/figures").head.hasSuffix("Location: /\(token)/figures/"))
        #expect(
            served.server.address(of: ["a b.html"])
                == "http://127.0.0.1:\(served.server.port)/\(token)/a%20b.html")
    }

    @Test("many ask at once, one says nothing, and the server still ends when it is told to")
    func crowd() throws {
        let served = try Served()
        let whole = try served.get("/map.nii.gz").body
        let silent = try served.connection()
        defer { close(silent) }
        nonisolated(unsafe) let shared = served
        DispatchQueue.concurrentPerform(iterations: 40) { _ in
            let body = try? shared.get("/map.nii.gz").body
            #expect(body == whole)
        }
        #expect(served.stop())
    }

    @Test("a folder that is none and a port that is taken are said")
    func mistakes() throws {
        #expect(throws: ServeError.noFolder("/nowhere/at/all")) {
            try FolderServer(folder: "/nowhere/at/all", port: 0, token: "")
        }
        let served = try Served()
        #expect(throws: ServeError.noPort(served.server.port)) {
            try FolderServer(folder: served.root, port: served.server.port, token: "")
        }
    }
}
