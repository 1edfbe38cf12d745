import ArgumentParser
import Covey
import Dispatch
import Foundation

/// A result folder in a browser, from a machine that has none.
struct ServeCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "serve",
        abstract: "Show a result folder to browsers on this machine; through ssh, to yours.",
        discussion: """
            It listens on the loopback address alone and gives nothing but the files of the folder. The address holds \
            a random token, since others who are logged in on this machine reach its loopback address too. Ctrl-C \
            ends it.
            """)

    @Argument(help: "Folder of results.")
    var folder: String

    @Option(help: "Port (default: 8765, or any free one where that is taken).")
    var port: UInt16?

    @Flag(help: "Ask for no token: for a machine that nobody else uses.")
    var noToken = false

    func run() throws {
        let server = try open()
        let page = server.hasFile("report.html") ? ["report.html"] : []
        let user = NSUserName()
        let host = ProcessInfo.processInfo.hostName
        print(server.address(of: page))
        print(
            "Only this machine reaches it. From yours, run this there and open the same address in its browser:"
        )
        print("  ssh -N -L \(server.port):127.0.0.1:\(server.port) \(user.isEmpty ? "you" : user)@\(host)")
        print("Ctrl-C ends it.")
        fflush(nil)
        ProcessUsage.holdInterrupts()
        let sources = [SIGINT, SIGTERM].map { number in
            let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
            source.setEventHandler { server.stop() }
            source.resume()
            return source
        }
        server.run()
        for source in sources { source.cancel() }
        Terminal.say("covey: no longer shown")
    }

    private func open() throws -> FolderServer {
        let token = noToken ? "" : FolderServer.makeToken()
        if let port { return try FolderServer(folder: folder, port: port, token: token) }
        do {
            return try FolderServer(folder: folder, port: 8765, token: token)
        } catch ServeError.noPort {
            return try FolderServer(folder: folder, port: 0, token: token)
        }
    }
}
