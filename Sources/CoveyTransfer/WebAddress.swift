import CCoveyTransfer

/// An address on the web, taken apart by the library that will connect to it, so that what is checked is what
/// is asked.
public struct WebAddress: Sendable, Hashable {
    /// The address as written.
    public let text: String
    /// The scheme in lower case, such as `https`.
    public let scheme: String
    /// The host in lower case; empty where the scheme has none.
    public let host: String

    /// `nil` where the text is no address.
    public init?(_ text: String) {
        guard !text.utf8.contains(0) else { return nil }
        var scheme = [CChar](repeating: 0, count: 64)
        var host = [CChar](repeating: 0, count: 1024)
        let isGood = unsafe scheme.withUnsafeMutableBufferPointer { scheme in
            unsafe host.withUnsafeMutableBufferPointer { host in
                unsafe covey_transfer_parse(
                    text, scheme.baseAddress, scheme.count, host.baseAddress, host.count)
            }
        }
        guard isGood != 0 else { return nil }
        self.text = text
        self.scheme = Self.lowercased(scheme)
        self.host = Self.lowercased(host)
    }

    /// Whether it is plain http to this very machine.
    public var isThisMachine: Bool {
        scheme == "http" && ["127.0.0.1", "localhost", "[::1]"].contains(host)
    }

    /// Whether the host is one of `hosts`, of which `*.example.org` stands for all below `example.org`.
    public func isOn(_ hosts: [String]) -> Bool {
        hosts.contains { $0.hasPrefix("*.") ? host.hasSuffix($0.dropFirst()) : host == $0 }
    }

    private static func lowercased(_ characters: [CChar]) -> String {
        String(decoding: characters.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
            .lowercased()
    }
}
