public import CoveyCore

/// Which subjects share a variance.
///
/// Groups are numbered in the order of their first subject.
public struct VarianceGroups: Sendable, Hashable {
    /// The group of each subject, `0..<count`.
    public let labels: [Int]
    /// What the groups are called, by number.
    public let names: [String]

    /// Number of groups.
    public var count: Int { names.count }

    /// Number of subjects in each group.
    public var sizes: [Int] { names.indices.map { group in labels.count { $0 == group } } }

    /// Groups of subjects with equal names.
    public init(_ nameOfSubject: [String]) {
        var numbers: [String: Int] = [:]
        var names: [String] = []
        labels = nameOfSubject.map { name in
            if let number = numbers[name] { return number }
            numbers[name] = names.count
            names.append(name)
            return names.count - 1
        }
        self.names = names
    }

    /// The groups that a column of the subjects' table names, cell by cell.
    ///
    /// - Throws: ``ModelError`` where there is no such column or a cell is empty.
    public init(_ subjects: Subjects, column: String) throws(ModelError) {
        try subjects.requireValues(in: [column])
        self.init(try subjects.cells(of: column))
    }

    /// One group for everyone.
    public init(single subjects: Int) {
        self.init([String](repeating: "all", count: subjects))
    }

    /// The coarsest groups that exchangeability blocks allow (`auto`): rows that are exchanged have to have the
    /// same variance for the exchange to be right, so they share a group, and no others do.
    ///
    /// Exchange within blocks gives a group per block, exchange of whole blocks a group per place in the block:
    /// PALM's `-vg auto`.
    public init(exchangedIn blocks: ExchangeabilityBlocks) {
        let orbits = VarianceGroups(blocks.orbits.map { "\($0)" })
        labels = orbits.labels
        names = orbits.names.indices.map { "\($0 + 1)" }
    }

    /// The groups of some of the subjects, in the given order; groups without a subject disappear.
    public func selecting(subjects: [Int]) -> VarianceGroups {
        VarianceGroups(subjects.map { names[labels[$0]] })
    }

    /// Whether a shuffle moves a subject's row to a subject of another group.
    public func areCrossed(by source: [Int]) -> Bool {
        source.enumerated().contains { labels[$0.offset] != labels[$0.element] }
    }
}

/// Why variances cannot be estimated by group.
public enum VarianceGroupsError: ExplainedError, Equatable {
    /// The model leaves a group no residual degrees of freedom.
    case noDegreesOfFreedom(group: String, subjects: Int)
    /// Fewer or more subjects are grouped than the design has rows.
    case wrongCount(grouped: Int, subjects: Int)

    /// What is wrong.
    public var description: String {
        switch self {
        case .noDegreesOfFreedom(let group, let subjects):
            "variance group \(quoted(group)) has no residual degrees of freedom: the model fits its "
                + counted(subjects, "subject") + " exactly"
        case .wrongCount(let grouped, let subjects):
            "variance groups are given for \(counted(grouped, "subject")), the design has \(subjects)"
        }
    }

    /// What to do.
    public var remedy: String {
        switch self {
        case .noDegreesOfFreedom: "join it with another group, or use fewer design columns"
        case .wrongCount: "give every subject of the design a group"
        }
    }
}
