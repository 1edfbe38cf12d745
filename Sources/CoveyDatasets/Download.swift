import CoveyTransfer
import Dispatch

/// The transfer of one file by one thread: redirects, tries, the rest of a part file, the check, the name.
///
/// Bytes go to `NAME.part`. What tells whether the server still has the same file (its entity tag or date) goes to
/// `NAME.part.tag`; a part without it is begun again, so that halves of two files are never joined.
final class Download {
    private let client: HTTPClient
    private let route: Route
    private let settings: FetchSettings
    private let received: @Sendable (Int) -> Void

    /// What the transfer of one file needs to know.
    struct Job: Sendable {
        let address: WebAddress
        let path: String
        let check: FileCheck
        let checksum: String?
    }

    init(_ route: Route, _ settings: FetchSettings, received: @escaping @Sendable (Int) -> Void) {
        client = HTTPClient(userAgent: settings.userAgent)
        self.route = route
        self.settings = settings
        self.received = received
    }

    /// Brings a file under its name.
    func run(_ job: Job) throws(FetchProblem) {
        var tries = 0
        var wrongContents = 0
        while true {
            do {
                try attempt(job)
                return
            } catch {
                let spent = error.isWrongContent ? wrongContents : tries
                guard spent < error.retries, tries < settings.pausesSeconds.count else { throw error }
                var pause = settings.pausesSeconds[tries]
                if case .status(_, let wish?) = error { pause = max(pause, Double(min(wish, 60))) }
                _ = DispatchSemaphore(value: 0).wait(timeout: .now() + pause)
                tries += 1
                if error.isWrongContent { wrongContents += 1 }
            }
        }
    }

    private func attempt(_ job: Job) throws(FetchProblem) {
        let part = try PartFile(job.path, limit: job.check.maximumByteCount)
        do {
            try transfer(job.address, part)
        } catch {
            // What came is kept where the rest of it may be had.
            switch error {
            case .incomplete, .transfer, .status: break
            default: part.discard()
            }
            throw error
        }
        do {
            try job.check.verify(part.path, checksum: job.checksum)
        } catch {
            part.discard()
            throw error
        }
        try part.finish()
    }

    /// Follows redirects to the bytes.
    private func transfer(_ address: WebAddress, _ part: PartFile) throws(FetchProblem) {
        var here = address
        for _ in 0...settings.maximumRedirects {
            var request = HTTPRequest(here)
            request.connectSeconds = settings.connectSeconds
            request.stallSeconds = settings.stallSeconds
            request.headers = part.headers
            let (received, asked) = (received, part.byteCount)
            part.begin()
            let answer = client.get(request) { head, bytes in
                let isTaken = part.take(bytes, head)
                if isTaken { received(bytes.count) }
                return isTaken
            }
            if let problem = part.problem { throw problem }
            switch answer.head.status {
            case 300..<400 where answer.failure == nil:
                guard let next = answer.redirect else { throw .redirectToNowhere(answer.head.status) }
                guard let target = WebAddress(next), route.allows(target) else {
                    throw .strangeRedirect(next)
                }
                here = target
            case 200, 206:
                try finish(answer, part)
                return
            case 416 where asked > 0:
                throw .wrongRange
            default:
                if let failure = answer.failure { throw .transfer(failure) }
                throw .status(
                    answer.head.status, retryAfterSeconds: answer.head["retry-after"].flatMap { Int($0) })
            }
        }
        throw .tooManyRedirects(settings.maximumRedirects)
    }

    private func finish(_ answer: HTTPAnswer, _ part: PartFile) throws(FetchProblem) {
        if let failure = answer.failure {
            if case .brokenOff(let text) = failure, !text.contains("reset") {
                throw .incomplete(got: part.byteCount, expected: part.expectedByteCount)
            }
            throw .transfer(failure)
        }
        // An empty body calls no receiver: what was there before is not this file's.
        if !part.hasBegun { throw .empty }
    }
}

/// Where a data set's files may come from.
struct Route: Sendable {
    let server: WebAddress
    private let hosts: [String]

    /// - Throws: `DatasetError.server` for an address that is neither https nor this machine.
    init(_ dataSet: DataSet, server text: String?) throws(DatasetError) {
        var address = text ?? dataSet.server
        while address.hasSuffix("/") { address.removeLast() }
        guard let server = WebAddress(address), !server.host.isEmpty,
            !address.contains(where: { "?#@".contains($0) }),
            server.scheme == "https" || server.isThisMachine
        else { throw .server(text ?? dataSet.server) }
        self.server = server
        hosts = dataSet.hosts + [server.host]
    }

    /// A path on the server.
    func address(_ path: String) -> WebAddress {
        guard let address = WebAddress(server.text + path) else {
            preconditionFailure("no address: \(server.text + path)")
        }
        return address
    }

    /// Whether a redirect may lead there: https to a host of the data set, http only from this machine to itself.
    func allows(_ target: WebAddress) -> Bool {
        server.isThisMachine ? target.isThisMachine : target.scheme == "https" && target.isOn(hosts)
    }
}
