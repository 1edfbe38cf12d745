/// How far a piece of work has come: a value that library code reports and a caller may show.
public struct ProgressListener: Sendable {
    /// One report.
    public struct Report: Sendable {
        /// What is being done, such as "reading maps" or "shuffling".
        public let stage: String
        /// Units done so far.
        public let done: Int
        /// Units in all.
        public let total: Int
    }

    private let receive: (@Sendable (Report) -> Void)?

    /// Reports go to `receive`, from whichever thread did the work.
    public init(_ receive: @escaping @Sendable (Report) -> Void) { self.receive = receive }

    private init() { receive = nil }

    /// Nobody listens.
    public static let silent = ProgressListener()

    /// Tells how far a stage has come.
    public func report(_ stage: String, done: Int, of total: Int) {
        receive?(Report(stage: stage, done: done, total: total))
    }
}

extension ProgressListener {
    /// The same listener, told every report under another name.
    public func renaming(_ stage: String) -> ProgressListener {
        guard let receive else { return self }
        return ProgressListener { report in
            receive(Report(stage: stage, done: report.done, total: report.total))
        }
    }

    /// A stretch of a stage that does not know of the rest.
    public struct Part: Sendable {
        fileprivate let listener: ProgressListener
        fileprivate let stage: String
        fileprivate let first: Int
        fileprivate let count: Int
        fileprivate let total: Int

        /// Tells how far the stretch has come, in steps of its own.
        public func report(done: Int, of steps: Int) {
            listener.report(stage, done: first + count * done / max(steps, 1), of: total)
        }
    }

    /// The stretch of a stage of `total` units that begins after `first` of them and has `count`.
    public func part(_ stage: String, from first: Int, count: Int, of total: Int) -> Part {
        Part(listener: self, stage: stage, first: first, count: count, total: total)
    }
}
