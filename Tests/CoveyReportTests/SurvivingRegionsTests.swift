import CoveyTestSupport
import Testing

@testable import Covey
@testable import CoveyReport

/// Voxels that survive a permutation test, as regions.
@Suite("Regions that survive")
struct SurvivingRegionsTests {
    let cohort: ReportedCohort

    init() throws { cohort = try ReportedCohort.shared.get() }

    @Test("regions are the voxels with a family-wise p at most alpha, each connected and of one sign")
    func partition() throws {
        for found in cohort.analysis.contrasts {
            let permutation = try #require(found.permutation)
            // Clusters were formed at another height, so that both quantities of voxels have a table.
            #expect(found.survivors.map(\.quantity) == [.voxel, .tfce])
            for regions in found.survivors {
                let finding = try #require(permutation[regions.quantity])
                let table = regions.finding.table
                let p = finding.result.familyWiseP.values
                #expect(
                    table.labels.indices.allSatisfy { (table.labels[$0] > 0) == (p[$0] <= permutation.alpha) }
                )
                #expect(table.clusters.reduce(0) { $0 + $1.voxelCount } == finding.survivorCount)
                let adjacency = Adjacency(table.mask, table.connectivity)
                for region in table.clusters {
                    let inside = table.labels.map { $0 == Int32(region.id) }
                    #expect(adjacency.components(of: inside).count == 1)
                    let signs = Set(inside.indices.filter { inside[$0] }.map { found.tested.values[$0] > 0 })
                    #expect(signs == [region.sign == .positive])
                }
                // A region has no threshold that its mass would be above.
                #expect(!regions.finding.columns.contains { $0.measure.name == "Mass" })
                #expect(regions.finding.columns.forReaders.first?.measure.heading == "Region")
            }
            let summary = found.summary(nil)
            #expect(
                summary.permutation?.quantities.map(\.regions)
                    == permutation.findings.map { finding in
                        found.survivors.first { $0.quantity == finding.result.quantity }?.finding.table
                            .clusters.count
                    })
        }
    }

    @Test("they have files, and the report begins with them")
    func told() throws {
        let content = try ReportedCohort.remade.get().content
        for (found, told) in zip(cohort.analysis.contrasts, content.contrasts) {
            for (regions, table) in zip(found.survivors, told.tables) {
                #expect(table.title.hasPrefix("Regions that survive by"))
                #expect(table.rows.count == regions.finding.table.rows.count)
                let file = cohort.results + "/" + (try #require(table.file))
                let written = try Table.read(file).table
                #expect(written.rows.count == table.rows.count && written.columns.first == "Cluster ID")
                let labels = try ImageFile.readVolume(cohort.results + "/" + found.regionLabelFile(regions))
                #expect(labels.values.max() == Double(regions.finding.table.clusters.count))
            }
            #expect(told.tables.count > found.survivors.count)
        }
    }
}
