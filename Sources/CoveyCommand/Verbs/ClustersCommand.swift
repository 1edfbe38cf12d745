import ArgumentParser
import Covey

/// Clusters and peaks of a map.
struct ClustersCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "clusters", abstract: "List the clusters and peaks of a map of t, z or F.",
        discussion: """
            p is that of the distribution of the statistic. Corrected p of clusters need the data: 'covey analyze' \
            has them by shuffles and by random field theory.
            """)

    @OptionGroup var source: StatisticOptions
    @OptionGroup(title: "Forming threshold") var rule: ThresholdOptions

    @Option(help: "Neighbours in a cluster: 6, 18 or 26 (default).", transform: Read.connectivity)
    var connectivity = 26

    @Option(help: "Drop clusters of fewer voxels.", transform: Read.count)
    var clusterExtent = 0

    @OptionGroup(title: "Peaks and atlases") var peaks: PeakOptions

    @Option(name: [.short, .long], help: "Write the table to this file (default: standard output).")
    var out: String?

    @Option(help: "tsv, json or md (default: by the ending of --out, else tsv).")
    var format: TableFormat?

    @Option(help: "Write the label map: every voxel holds its cluster's id.")
    var labels: String?

    func run() throws {
        let (map, tail) = try source.read()
        let atlases = try peaks.atlases().map { try AtlasFile($0) }
        for note in atlases.flatMap({ $0.notes + $0.notes(on: map.mask) }) {
            Terminal.say("covey: \(note.severity == .warning ? "warning: " : "")\(note.text)")
        }
        let rule = rule.rules[0]
        let threshold = rule.threshold(of: map, tail: tail) ?? .infinity
        let table = ClusterTable(
            map, threshold: threshold, tail: tail, connectivity: Connectivity(rawValue: connectivity)!,
            minimumVoxelCount: max(1, clusterExtent), peakDistanceMillimeters: peaks.peakDistanceMm,
            subpeakLimit: peaks.peaks)
        if table.clusters.isEmpty {
            Terminal.say("covey: warning: no cluster: nothing survives \(rule.words)")
        }
        let finding = ClusterFinding(table, of: map, rule: rule, atlases: atlases)
        let text = finding.text(
            as: format ?? out.flatMap(TableFormat.init(ending:)) ?? .tsv, source: source.map, map)
        if let out {
            try writeFile(Array(text.utf8), to: out)
        } else {
            print(text, terminator: "")
        }
        if let labels {
            try table.labelVolume.write(
                to: labels,
                ImageContent(intent: NIfTIIntent(code: 1002), descrip: "cluster ids", datatype: .int32))
        }
    }
}

/// A form of a table.
enum TableFormat: String, ExpressibleByArgument, CaseIterable {
    /// Tabs between cells.
    case tsv
    /// For programs.
    case json
    /// For papers.
    case md

    /// The form that a file's ending tells.
    init?(ending path: String) {
        guard let form = path.split(separator: ".").last.flatMap({ TableFormat(rawValue: $0.lowercased()) })
        else {
            return nil
        }
        self = form
    }
}

extension ClusterFinding {
    /// The table in a form.
    fileprivate func text(as format: TableFormat, source: String, _ map: StatisticMap) -> String {
        switch format {
        case .tsv: text
        case .json: ClusterDocument(self, ClusterDocument.Context(map, source: source)).json
        case .md: markdown(title: "Clusters and peaks of \(source)")
        }
    }
}
