import CoveyCore
import CoveyImaging
import CoveyInference
import CoveyModel
import CoveyTestSupport
import Foundation
import Testing

/// `get_clusters_table` of nilearn 0.14.1 on real z maps, threshold 3.1, at least 8 mm between peaks.
@Suite("Clusters against nilearn's tables", .enabled(if: SharedData.isAvailable))
struct ClusterNilearnTests {
    private static let folders = ["b_wager_nosmooth", "b_wager_smooth8", "e_paired_wager"]

    private func map(_ folder: String) throws -> StatisticMap {
        let volume = try ImageFile.readVolume(
            SharedData.url("reference/nilearn/\(folder)/z_score.nii.gz").path)
        let mask = Mask(grid: volume.grid) { volume.values[$0].isFinite && volume.values[$0] != 0 }
        return StatisticMap(.z, mask: mask, values: mask.values(of: volume))
    }

    /// Its rows are ours but for three differences of its own: sizes are cut to whole mm3, negative ids skip
    /// numbers, and cut peaks may come back (`nilearn/README.md`, differences 20-22).
    @Test("the same peaks, statistics and sizes in the same order", arguments: folders)
    func sameRows(_ folder: String) throws {
        let map = try map(folder)
        for (tail, side) in [(Tail.greater, "onesided"), (.twoSided, "twosided")] {
            for minimum in [0, 10] {
                let url = SharedData.url("reference/nilearn/\(folder)/clusters_z3.1_\(side)_k\(minimum).tsv")
                let wanted = try String(contentsOf: url, encoding: .utf8).split(separator: "\n").dropFirst()
                    .map { $0.split(separator: "\t", omittingEmptySubsequences: false).map(String.init) }
                let table = ClusterTable(
                    map, threshold: 3.1, tail: tail, connectivity: .faces, minimumVoxelCount: minimum)
                let found = table.text.split(separator: "\n").dropFirst()
                    .map { $0.split(separator: "\t").map(String.init) }
                #expect(found.count == wanted.count)
                for (mine, other) in zip(found, wanted) {
                    let place = "\(folder), \(side), k = \(minimum), \(mine.prefix(6)) and \(other)"
                    for column in 1...3 {
                        #expect(abs(Double(mine[column])! - Double(other[column])!) < 0.002, "\(place)")
                    }
                    #expect(abs(Double(mine[4])! - Double(other[4])!) < 1e-6, "\(place)")
                    #expect(Double(mine[5]).map { "\(Int($0))" } ?? "" == other[5], "\(place)")
                }
            }
        }
    }

    /// `cluster_level_inference(z, mask, threshold=[2.0], alpha=0.2)` times the cluster's size: one cluster of each
    /// map has true discoveries, and none at alpha = 0.05.
    @Test(
        "the same Hommel values and true discoveries in the same clusters",
        arguments: [("b_wager_nosmooth", 75_406, 7_707, 284), ("b_wager_smooth8", 74_331, 9_634, 1_338)])
    func trueDiscoveries(_ folder: String, hommel: Int, size: Int, discoveries: Int) throws {
        let map = try map(folder)
        let logP = map.values.map { StandardNormal.logSurvival($0) }
        #expect(AllResolutionsInference(logP: logP, alpha: 0.05).hommelValue == 75_919)
        let inference = AllResolutionsInference(logP: logP, alpha: 0.2)
        #expect(inference.hommelValue == hommel)
        let labelling = Adjacency(map.mask, .faces).components(of: map.values.map { $0 > 2 })
        var members: [Int32: [Double]] = [:]
        for (column, label) in labelling.labels.enumerated() where label > 0 {
            members[label, default: []].append(logP[column])
        }
        let found = members.values.map { ($0.count, inference.discoveries(logP: $0)) }.filter { $0.1 > 0 }
        #expect(found.count == 1 && found[0] == (size, discoveries))
    }
}
