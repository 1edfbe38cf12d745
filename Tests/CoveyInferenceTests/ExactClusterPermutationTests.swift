import CoveyImaging
import CoveyModel
import CoveyTestSupport
import Foundation
import Testing

@testable import CoveyInference

/// Counts of TFCE and of clusters over all arrangements of the exhaustively enumerated examples.
private struct ExactClusters: Decodable {
    struct Enhancement: Decodable {
        let connectivity: Int
        let greater: Side?
        let twoSided: Side?
        struct Side: Decodable {
            let exact: [Double]
            let counts: [Int]
            enum CodingKeys: String, CodingKey {
                case exact = "tfce_exact_integral"
                case counts = "count_fwe"
            }
        }
        enum CodingKeys: String, CodingKey {
            case connectivity, greater
            case twoSided = "two_sided"
        }
    }
    struct Clusters: Decodable {
        struct Found: Decodable {
            let size: Int
            let mass: Double
            let peak: [Int]
            let sizeCount: Int
            let massCount: Int
            enum CodingKeys: String, CodingKey {
                case size, mass
                case peak = "peak_ijk"
                case sizeCount = "count_size_fwe"
                case massCount = "count_mass_fwe"
            }
        }
        struct Side: Decodable {
            let clusters: [Found]
            let sizes: [String: Int]
            enum CodingKeys: String, CodingKey {
                case clusters
                case sizes = "null_max_size_hist"
            }
        }
        struct Both: Decodable {
            let greater: Side?
            let twoSided: Side?
            enum CodingKeys: String, CodingKey {
                case greater
                case twoSided = "two_sided"
            }
        }
        let greaterThreshold: Double
        let twoSidedThreshold: Double?
        let byConnectivity: [String: Both]
        enum CodingKeys: String, CodingKey {
            case greaterThreshold = "threshold_one_sided"
            case twoSidedThreshold = "threshold_two_sided"
            case byConnectivity = "by_connectivity"
        }
    }
    let tfce: Enhancement?
    let cluster: Clusters?
}

@Suite("Exhaustively enumerated clusters and TFCE", .enabled(if: SharedData.isAvailable))
struct ExactClusterPermutationTests {
    /// The difference of contrasts has counts of voxels only.
    static let names = ExactExample.names.filter { $0 != "contrast_difference_n7" }

    @Test("family-wise counts of TFCE, extent and mass are exact", arguments: names)
    func counts(name: String) throws {
        let url = SharedData.url("reference/stats/exact/\(name)/expected.json")
        let expected = try JSONDecoder().decode(ExactClusters.self, from: Data(contentsOf: url))
        let problem = try ExactExample.problem(name)
        var compared = 0
        for tail in [Tail.greater, .twoSided] {
            if let tfce = expected.tfce, let side = tail == .greater ? tfce.greater : tfce.twoSided {
                var choice = InferenceChoice()
                choice.tfce = TFCE()
                choice.connectivity = try #require(Connectivity(rawValue: tfce.connectivity))
                let result = try #require(problem.run(choice, tail)[.tfce])
                for (a, b) in zip(result.observed.values, side.exact) {
                    #expect(abs(a - abs(b)) <= 1e-9 * max(abs(b), 1e-3))
                }
                #expect(result.familyWiseExceedances.map { $0 * problem.scale } == side.counts)
                compared += 1
            }
            guard let cluster = expected.cluster else { continue }
            for (connectivity, both) in cluster.byConnectivity {
                guard let side = tail == .greater ? both.greater : both.twoSided,
                    let height = tail == .greater ? cluster.greaterThreshold : cluster.twoSidedThreshold
                else { continue }
                var choice = InferenceChoice()
                choice.formingHeights = [height]
                choice.connectivity = try #require(Connectivity(rawValue: Int(connectivity) ?? 0))
                let results = problem.run(choice, tail)
                let threshold = FormingThreshold(height: height)
                let extent = try #require(results[.clusterExtent(threshold)])
                let mass = try #require(results[.clusterMass(threshold)])
                for found in side.clusters {
                    let column = try #require(problem.column(found.peak))
                    #expect(Int(extent.observed.values[column]) == found.size)
                    #expect(abs(mass.observed.values[column] - found.mass) <= 1e-9 * found.mass)
                    #expect(extent.familyWiseExceedances[column] * problem.scale == found.sizeCount)
                    #expect(mass.familyWiseExceedances[column] * problem.scale == found.massCount)
                }
                for (size, count) in side.sizes {
                    let found = extent.maxima.count { Int($0) == Int(size) }
                    #expect(found * problem.scale == count)
                }
                compared += 1
            }
        }
        #expect(compared > 0)
    }
}
