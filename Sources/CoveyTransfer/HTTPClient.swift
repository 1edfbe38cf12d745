import CCoveyTransfer

/// One GET request.
public struct HTTPRequest: Sendable {
    /// The address.
    public let address: WebAddress
    /// Further header lines, at most two.
    public var headers: [String] = []
    /// How long connecting may take.
    public var connectSeconds = 20
    /// How long next to nothing may come.
    public var stallSeconds = 30
    /// How many bytes a second are next to nothing.
    public var slowestBytesPerSecond = 10

    /// A request for an address.
    public init(_ address: WebAddress) { self.address = address }
}

/// The head of an answer: its status and header fields.
public struct HTTPHead: Sendable, Hashable {
    /// The status, such as 200.
    public internal(set) var status = 0
    /// Fields by name in lower case; of a repeated one, the last.
    public internal(set) var fields: [String: String] = [:]

    /// A field's value.
    public subscript(name: String) -> String? { fields[name] }

    mutating func take(_ line: String) {
        if line.hasPrefix("HTTP/") {
            let words = line.split(separator: " ")
            self = HTTPHead()
            status = words.count > 1 ? Int(words[1]) ?? 0 : 0
        } else if let colon = line.firstIndex(of: ":") {
            let blank: (Character) -> Bool = { $0 == " " || $0 == "\t" || $0.isNewline }
            var value = line[line.index(after: colon)...].drop(while: blank)
            while let last = value.last, blank(last) { value.removeLast() }
            fields[line[..<colon].lowercased()] = String(value)
        }
    }
}

/// What became of a request.
public struct HTTPAnswer: Sendable {
    /// The head, empty where none came.
    public let head: HTTPHead
    /// Where a redirect leads, made absolute; `nil` where the answer is none or says not where.
    public let redirect: String?
    /// Why the answer did not come whole; `nil` where it did.
    public let failure: TransferFailure?
}

/// Why an answer did not come whole. The texts are libcurl's.
public enum TransferFailure: Sendable, Hashable {
    /// No such host, or nobody answers there.
    case unreachable(String)
    /// The connection was reset or closed too early.
    case brokenOff(String)
    /// Nothing came for too long.
    case timedOut(String)
    /// The certificate of the server is not trusted.
    case untrusted(String)
    /// The address cannot be asked.
    case unsupported(String)
    /// The receiver of the bytes wanted no more.
    case stopped
}

/// A client for one thread, which keeps its connections open between requests.
///
/// It speaks https with verified certificates, and http only to this machine. It follows no redirect: who asks
/// decides whether to go where one leads.
@safe public final class HTTPClient {
    private let handle: OpaquePointer
    private let userAgent: String

    /// A client under a name.
    public init(userAgent: String) {
        guard let made = unsafe covey_transfer_make() else { preconditionFailure("libcurl gives no handle") }
        unsafe handle = made
        self.userAgent = userAgent
    }

    deinit { unsafe covey_transfer_free(handle) }

    /// Asks, and hands the bytes of the answer to `receive` as they come, until it says `false`.
    public func get(
        _ request: HTTPRequest, receive: @escaping (HTTPHead, [UInt8]) -> Bool
    ) -> HTTPAnswer {
        precondition(request.headers.count <= 2)
        let exchange = Exchange(receive)
        var result = covey_transfer_result()
        withExtendedLifetime(exchange) {
            unsafe request.address.text.withCString { url in
                unsafe userAgent.withCString { agent in
                    unsafe withHeader(request.headers.first) { first in
                        unsafe withHeader(request.headers.dropFirst().first) { second in
                            var wanted = unsafe covey_transfer_request(
                                url: url, user_agent: agent, first_header: first, second_header: second,
                                allows_plain: request.address.isThisMachine ? 1 : 0,
                                connect_seconds: request.connectSeconds,
                                stall_seconds: request.stallSeconds,
                                slowest_bytes: request.slowestBytesPerSecond,
                                context: Unmanaged.passUnretained(exchange).toOpaque(),
                                on_header: { unsafe Exchange.header($0, $1, $2) },
                                on_body: { unsafe Exchange.body($0, $1, $2) })
                            unsafe covey_transfer_get(handle, &wanted, &result)
                        }
                    }
                }
            }
        }
        let redirect = text(of: result.redirect)
        let message = text(of: result.message)
        return HTTPAnswer(
            head: exchange.head, redirect: redirect.isEmpty ? nil : redirect,
            failure: TransferFailure(code: result.code, message))
    }

    private func withHeader(_ line: String?, _ body: (UnsafePointer<CChar>?) -> Void) {
        guard let line else { return body(nil) }
        unsafe line.withCString { unsafe body($0) }
    }
}

/// The text in a fixed array of C.
private func text<Characters>(of characters: Characters) -> String {
    unsafe withUnsafeBytes(of: characters) { bytes in
        unsafe String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
    }
}

/// What the callbacks of one request write to.
private final class Exchange {
    var head = HTTPHead()
    private let receive: (HTTPHead, [UInt8]) -> Bool

    init(_ receive: @escaping (HTTPHead, [UInt8]) -> Bool) { self.receive = receive }

    static func header(_ context: UnsafeMutableRawPointer?, _ bytes: UnsafePointer<CChar>?, _ count: Int)
        -> Int32
    {
        let exchange = unsafe Unmanaged<Exchange>.fromOpaque(context!).takeUnretainedValue()
        let line = unsafe String(decoding: UnsafeRawBufferPointer(start: bytes, count: count), as: UTF8.self)
        exchange.head.take(line)
        return 0
    }

    static func body(_ context: UnsafeMutableRawPointer?, _ bytes: UnsafePointer<CChar>?, _ count: Int)
        -> Int32
    {
        let exchange = unsafe Unmanaged<Exchange>.fromOpaque(context!).takeUnretainedValue()
        let chunk = unsafe [UInt8](UnsafeRawBufferPointer(start: bytes, count: count))
        return exchange.receive(exchange.head, chunk) ? 0 : 1
    }
}

extension TransferFailure {
    /// From libcurl's code; `nil` for success. The numbers are part of libcurl's stable interface.
    init?(code: Int32, _ message: String) {
        switch code {
        case 0: return nil
        case 1, 3: self = .unsupported(message)
        case 5, 6, 7: self = .unreachable(message)
        case 23: self = .stopped
        case 28: self = .timedOut(message)
        case 51, 58, 60, 77, 83, 91: self = .untrusted(message)
        default: self = .brokenOff(message)
        }
    }
}
