import CoveyCore
public import CoveyTransfer

/// Why one address did not give the file it should.
public enum FetchProblem: Error, Sendable, Hashable {
    /// The server answered with a status that is no success.
    case status(Int, retryAfterSeconds: Int?)
    /// More redirects than allowed.
    case tooManyRedirects(Int)
    /// A redirect to a host or a scheme that the data set's description does not have.
    case strangeRedirect(String)
    /// A redirect that says not where to.
    case redirectToNowhere(Int)
    /// A web page instead of data.
    case webPage
    /// A message of the server's program instead of data.
    case serverMessage(String)
    /// No bytes at all.
    case empty
    /// The body ended early.
    case incomplete(got: Int, expected: Int?)
    /// The answer to a request for the rest of a file was another part of it.
    case wrongRange
    /// More bytes than any such file has.
    case tooLarge(limit: Int)
    /// The body is not a file of its kind.
    case damaged(String)
    /// The bytes are not those that the data set's description promises.
    case checksum(expected: String, found: String)
    /// The transfer failed.
    case transfer(TransferFailure)
    /// The file cannot be written.
    case cannotWrite(String)
    /// The server was gone before this file's turn.
    case notTried

    /// How often a transfer that ended so is worth another try.
    var retries: Int {
        switch self {
        case .status(let code, _): code >= 500 || code == 408 || code == 429 ? 4 : 0
        case .incomplete: 4
        case .transfer(.brokenOff): 4
        case .transfer(.timedOut): 2
        case .transfer(.unreachable): 2
        case .wrongRange: 4
        case .damaged, .checksum, .empty: 1
        default: 0
        }
    }

    /// Whether the whole body came and was wrong, whatever stood against earlier tries.
    var isWrongContent: Bool {
        switch self {
        case .damaged, .checksum, .empty: true
        default: false
        }
    }

    /// Whether nobody can be reached, so that other files are not worth a try.
    var isUnreachable: Bool { if case .transfer(.unreachable) = self { true } else { false } }

    /// What went wrong, in words.
    public var description: String {
        switch self {
        case .status(let code, _): return "the server answered \(code)\(Self.meaning(of: code))"
        case .tooManyRedirects(let count): return "more than \(count) redirects, one leading to the next"
        case .strangeRedirect(let address):
            return
                "a redirect to \(quoted(address)), which is none of the data set's addresses, was not followed"
        case .redirectToNowhere(let code): return "the server answered \(code), a redirect without a location"
        case .webPage: return "a web page (HTML, perhaps to sign in) came instead of the file"
        case .serverMessage(let text):
            return "a message came instead of the file: \(quoted(text, limit: 100))"
        case .empty: return "the file came empty (0 bytes)"
        case .incomplete(let got, let expected):
            let whole = expected.map { " of \($0)" } ?? ""
            return "the file came incomplete: \(got)\(whole) bytes before the connection closed"
        case .wrongRange: return "the server sent another part of the file than was asked for"
        case .tooLarge(let limit): return "more than \(limit >> 20) MiB came, more than any such file has"
        case .damaged(let reason): return "what came is not a valid file: \(reason)"
        case .checksum(let expected, let found):
            return "the SHA-256 checksum is \(found), not the published \(expected)"
        case .transfer(let failure):
            switch failure {
            case .unreachable(let text): return "no connection to the server (\(printable(text)))"
            case .brokenOff(let text): return "the connection was reset or closed (\(printable(text)))"
            case .timedOut(let text): return "nothing came for too long, timed out (\(printable(text)))"
            case .untrusted(let text): return "the server's certificate is not trusted (\(printable(text)))"
            case .unsupported(let text): return "the address cannot be asked (\(printable(text)))"
            case .stopped: return "stopped"
            }
        case .cannotWrite(let reason): return "it cannot be written: \(reason)"
        case .notTried: return "not tried, because the server could no longer be reached"
        }
    }

    /// What to do about it.
    public var remedy: String {
        switch self {
        case .status(401, _), .status(403, _), .webPage, .serverMessage:
            return
                "the server may ask for a sign-in, on a network that wants one too: open the address in a browser"
        case .status(404, _), .status(410, _): return "the file is not on the server"
        case .transfer(.unreachable): return "check the network"
        case .transfer(.untrusted): return "check the clock, and whether a proxy changes certificates"
        case .cannotWrite: return "make room, or choose another folder with --cache"
        case .strangeRedirect, .tooManyRedirects, .redirectToNowhere, .checksum: return ""
        default: return "try again later"
        }
    }

    private static func meaning(of code: Int) -> String {
        switch code {
        case 401, 403: " (not allowed)"
        case 404, 410: " (not there)"
        case 429: " (too many requests)"
        case 500...: " (its own fault)"
        default: ""
        }
    }
}
