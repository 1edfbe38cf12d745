import ArgumentParser
import Covey

/// A threshold on a statistic map.
struct ThresholdCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "threshold",
        abstract: "Threshold a map of t, z or F; say the threshold and what survives.")

    @OptionGroup var source: StatisticOptions
    @OptionGroup(title: "Threshold") var rule: ThresholdOptions

    @Option(help: "Drop clusters of fewer voxels.", transform: Read.count)
    var clusterExtent = 0

    @Option(help: "Neighbours in a cluster: 6, 18 or 26 (default).", transform: Read.connectivity)
    var connectivity = 26

    @Option(name: [.short, .long], help: "Write the surviving voxels to this image (others: NaN).")
    var out: String?

    func run() throws {
        let (map, tail) = try source.read()
        let rule = rule.rules[0]
        let name = "\(rule.words), \(tail.rawValue), \(map.mask.count) voxels"
        guard let threshold = rule.threshold(of: map, tail: tail), threshold > 0 else {
            let strongest = map.values.filter { !$0.isNaN }.max { abs($0) < abs($1) } ?? .nan
            print(
                "\(name): nothing survives; the strongest statistic is \(significant(strongest, digits: 6))")
            if out != nil { Terminal.say("covey: warning: nothing survives; no image was written") }
            return
        }
        let table = ClusterTable(
            map, threshold: threshold, tail: tail, connectivity: Connectivity(rawValue: connectivity)!,
            minimumVoxelCount: max(1, clusterExtent))
        let survivors = table.labels.count { $0 > 0 }
        print("\(name): statistic at least \(significant(threshold, digits: 8)) in magnitude")
        print(
            "\(survivors) voxels in \(table.clusters.count) clusters (\(connectivity) neighbours, at least \(counted(max(1, clusterExtent), "voxel")))"
        )
        if let out {
            let values = zip(map.values, table.labels).map { $1 > 0 ? $0 : .nan }
            let kept = StatisticMap(map.statistic, mask: map.mask, values: values)
            try kept.write(to: out, description: name)
        }
    }
}
