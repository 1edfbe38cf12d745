import CoveyTestSupport
import Foundation
import Testing

@testable import Covey

/// What a program reads of the JSON form.
private struct Document: Decodable {
    struct Column: Decodable {
        let name: String
        let meaning: String
    }

    struct Part: Decodable {
        let name: String
        let percent: Double
    }

    enum Cell: Decodable {
        case none
        case number(Double)
        case text(String)
        case parts([Part])

        init(from decoder: any Decoder) throws {
            let container = try decoder.singleValueContainer()
            if container.decodeNil() {
                self = .none
            } else if let number = try? container.decode(Double.self) {
                self = .number(number)
            } else if let text = try? container.decode(String.self) {
                self = .text(text)
            } else {
                self = .parts(try container.decode([Part].self))
            }
        }
    }

    let threshold: Double
    let origin: String
    let tail: String
    let context: ClusterDocument.Context
    let columns: [Column]
    let rows: [[String: Cell]]
}

@Suite("Tables of clusters, in every form")
struct ClusterTablesTests {
    /// An atlas of four quarters beside a table of three names, on a grid of its own.
    private static func atlas(in folder: String) throws -> AnalysisPlan.AtlasChoice {
        let grid = Grid(
            shape: [40, 40, 40], affine: Affine([-3, 0, 0, 60, 0, 3, 0, -60, 0, 0, 3, -60]))
        let values = (0..<grid.count).map { offset -> Double in
            let place = grid.affine.world(grid.index(at: offset))
            return place.z > 1.5 ? 0 : (place.x < 0 ? 1 : 2) + (place.y < 0 ? 0 : 2)
        }
        let image = folder + "/quarters_dseg.nii.gz"
        try Volume(grid: grid, values: values).write(
            to: image, ImageContent(descrip: "quarters", datatype: .int16))
        try Data("index\tname\n1\tleft\tback\n".utf8).write(to: URL(filePath: folder + "/wrong.tsv"))
        try Data("index\tname\n1\tleft back\n2\tright back\n3\tleft front\n".utf8)
            .write(to: URL(filePath: folder + "/quarters_dseg.tsv"))
        return AnalysisPlan.AtlasChoice(image: image, citation: "Quarter and Half, 2026")
    }

    private func analysis() throws -> (Analysis, TemporaryCohort) {
        let cohort = try TemporaryCohort(subjects: 20)
        var plan = cohort.plan
        plan.clusters.threshold = 1.5
        plan.clusters.subpeakLimit = 2
        plan.clusters.peakDistanceMillimeters = 4
        plan.randomField = .init(alpha: 0.05)
        plan.clusters.atlases = [try Self.atlas(in: cohort.folder)]
        return (try plan.run(), cohort)
    }

    @Test("TSV, JSON, Markdown and the report have the same rows and values")
    func sameEverywhere() throws {
        let (analysis, _) = try analysis()
        let report = try AnalysisReport(analysis)
        for (number, found) in analysis.contrasts.enumerated() {
            let finding = found.clusters[0]
            #expect(
                finding.table.clusters.count > 1 && finding.table.rows.count > finding.table.clusters.count)
            let (table, _) = try Table.parse(Array(finding.text.utf8), source: "tsv")
            #expect(Array(table.columns.prefix(6)) == Array(ClusterTable.columnNames.prefix(6)))
            let context = found.clusterContext(labelMap: found.clusterLabelFile(0), subjects: 20)
            let json = try JSONDecoder().decode(
                Document.self, from: Data(ClusterDocument(finding, context).json.utf8))
            #expect(json.columns.map(\.name) == table.columns)
            #expect(json.columns.allSatisfy { !$0.meaning.isEmpty })
            #expect(Set(table.columns).count == table.columns.count)
            #expect(json.rows.count == table.rows.count)
            for (row, cells) in zip(json.rows, table.rows) {
                for (name, cell) in zip(table.columns, cells) {
                    switch try #require(row[name]) {
                    case .none: #expect(cell == "n/a")
                    case .number(let number): #expect(Double(cell) == number, "\(name)")
                    case .text(let text): #expect(cell == text)
                    case .parts(let parts):
                        #expect(parts.count == cell.split(separator: ";").count)
                        #expect(abs(parts.reduce(0) { $0 + $1.percent } - 100) < 1e-9)
                    }
                }
            }
            #expect(json.threshold == 1.5 && json.origin == "given" && json.tail == found.tail.rawValue)
            #expect(json.context.shuffles == 61 && json.context.seed == 3)
            #expect(json.context.degreesOfFreedom == (found.partition.isF ? [2, 17] : [17]))
            let markdown = finding.markdown(title: "T").split(separator: "\n").filter { $0.hasPrefix("|") }
            let shown = try #require(
                report.content.contrasts[number].tables.first { $0.title == "Clusters and peaks" })
            #expect(markdown.count == shown.rows.count + 2 && shown.rows.count == table.rows.count)
            for (line, row) in zip(markdown.dropFirst(2), shown.rows) {
                #expect(
                    line.replacing("\\", with: "").split(separator: "|", omittingEmptySubsequences: false)
                        .dropFirst().dropLast().map { $0.trimmingCharacters(in: .whitespaces) }
                        == row.cells)
            }
            #expect(shown.caption.contains("Quarter and Half") && shown.caption.contains("two further peaks"))
        }
    }

    @Test(
        "labels are those of the places, shares those of the clusters' voxels; unnamed and outside are called so"
    )
    func labels() throws {
        let (analysis, _) = try analysis()
        var seen: Set<String> = []
        for found in analysis.contrasts {
            let finding = found.clusters[0]
            func values(_ name: String) throws -> [MeasuredValue?] {
                try #require(finding.columns.first { $0.measure.name == name }).values
            }
            func expected(_ place: WorldPoint) -> String {
                if place.z > 1.5 { return "outside" }
                let side = (place.x < 0 ? 1 : 2) + (place.y < 0 ? 0 : 2)
                return ["left back", "right back", "left front", "label 4"][side - 1]
            }
            for (row, value) in zip(finding.table.rows, try values("Atlas label")) {
                // Voxels of the atlas are 3 mm wide: near its borders the nearest centre decides.
                let world = row.peak.world
                guard abs(world.x) > 1.6, abs(world.y) > 1.6 else { continue }
                #expect(value == .text(expected(world)), "\(world)")
                if case .text(let text) = value { seen.insert(text) }
            }
            for (row, value) in zip(finding.table.rows, try values("Atlas regions")) {
                guard row.subpeak == nil else {
                    #expect(value == nil)
                    continue
                }
                guard case .shares(let shares) = value else {
                    Issue.record("no shares")
                    continue
                }
                let voxels = shares.map { $0.share * Double(row.cluster.voxelCount) }
                #expect(abs(voxels.reduce(0, +) - Double(row.cluster.voxelCount)) < 1e-9)
                #expect(voxels.allSatisfy { abs($0 - $0.rounded()) < 1e-9 })
                #expect(shares.map(\.share) == shares.map(\.share).sorted(by: >))
            }
        }
        #expect(seen.count >= 3 && seen.contains(LabelAtlas.outside))
        let files = analysis.inputs.suffix(2).map { ($0 as NSString).lastPathComponent }
        #expect(files == ["quarters_dseg.nii.gz", "quarters_dseg.tsv"], "inputs, for their checksums")
        #expect(analysis.notes.contains { $0.text.contains("label of atlas quarters_dseg has no name") })
    }

    @Test("atlases that cannot serve are refused by name")
    func refusals() throws {
        let folder =
            FileManager.default.temporaryDirectory.path + "/covey-atlas-\(UInt32.random(in: 0 ... .max))"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        var choice = try Self.atlas(in: folder)
        choice.table = folder + "/wrong.tsv"
        #expect(throws: FormatError.self) { try AtlasFile(choice) }
        try FileManager.default.removeItem(atPath: folder + "/quarters_dseg.tsv")
        choice.table = nil
        #expect(throws: AtlasError.noTable(choice.image)) { try AtlasFile(choice) }
        let (image, prob) = (try ImageFile.readVolume(choice.image), folder + "/prob.nii.gz")
        try Volume.write([image, image], to: prob, ImageContent(datatype: .int16))
        #expect(throws: AtlasError.probabilistic(prob, volumes: 2)) {
            try AtlasFile(AnalysisPlan.AtlasChoice(image: prob))
        }
    }

    @Test(
        "a known name is found where FSL or nilearn keeps it, with FSL's XML one folder up and what to cite")
    func named() throws {
        let home =
            FileManager.default.temporaryDirectory.path + "/covey-home-\(UInt32.random(in: 0 ... .max))"
        let atlases = home + "/nilearn_data/fsl/data/atlases"
        try FileManager.default.createDirectory(
            atPath: atlases + "/HarvardOxford", withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: home) }
        let made = try Self.atlas(in: home)
        let stem = "HarvardOxford-cort-maxprob-thr25-2mm"
        let image = "\(atlases)/HarvardOxford/\(stem).nii.gz"
        try FileManager.default.moveItem(atPath: made.image, toPath: image)
        let xml = """
            <atlas><header><type>Probabalistic</type><images>
            <summaryimagefile>/HarvardOxford/\(stem)</summaryimagefile></images></header>
            <data><label index="0" x="0" y="0" z="0">Frontal Pole</label></data></atlas>
            """
        try Data(xml.utf8).write(to: URL(filePath: atlases + "/HarvardOxford-Cortical.xml"))
        let folders = AtlasFolders(environment: [:], home: home)
        #expect(try folders.find("Harvard-Oxford-cort") == [image])
        #expect(try folders.find(image) == [image])
        let file = try AtlasFile(AnalysisPlan.AtlasChoice(image: image))
        #expect(file.atlas.name(of: 1) == "Frontal Pole" && file.atlas.name(of: 2) == "label 2")
        #expect(file.credit.contains("Desikan et al., 2006") && file.credit.contains("licence"))
        #expect(throws: AtlasError.self) { try folders.find("harvard-oxford") }
        #expect(throws: AtlasError.self) { try folders.find("brodmann-of-nowhere") }
        // FSLDIR comes first.
        #expect(
            AtlasFolders(environment: ["FSLDIR": "/f", "NILEARN_DATA": "/a:/b"], home: "/h").folders == [
                "/f/data/atlases", "/a/fsl/data/atlases", "/a", "/b/fsl/data/atlases", "/b",
                "/h/nilearn_data/fsl/data/atlases", "/h/nilearn_data",
            ])
    }

    @Test("old plans without the new choices still read, and a table without clusters says so in every form")
    func edges() throws {
        let old = #"{"connectivity": 18, "minimumExtent": 3}"#
        let choice = try JSONDecoder().decode(AnalysisPlan.ClusterChoice.self, from: Data(old.utf8))
        #expect(choice.connectivity == 18 && choice.atlases == nil && choice.subpeakLimit == nil)
        let grid = Grid(shape: [3, 3, 3], affine: Affine([1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0]))
        let map = StatisticMap(
            .z, mask: Mask(grid: grid) { _ in true }, values: [Double](repeating: 0, count: 27))
        #expect(ThresholdRule.bonferroni(0.05).threshold(of: map, tail: .twoSided) == nil)
        let table = ClusterTable(map, threshold: .infinity, tail: .twoSided, connectivity: .corners)
        let finding = ClusterFinding(table, of: map, rule: .bonferroni(0.05), atlases: [])
        #expect(finding.text.split(separator: "\n").count == 1)
        #expect(finding.text.contains("Peak parametric p Bonferroni"))
        #expect(finding.markdown(title: "None").contains("No cluster."))
        let json = ClusterDocument(finding, ClusterDocument.Context(map, source: "z")).json
        #expect(json.contains("\"rows\" : [\n\n  ]") || json.contains("\"rows\" : []"))
        #expect(json.contains("\"correction\" : \"bonferroni\"") && json.contains("\"threshold\" : null"))
    }
}
