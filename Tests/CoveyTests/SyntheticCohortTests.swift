import Foundation
import Testing

@testable import Covey

@Suite("The synthetic cohort")
struct SyntheticCohortTests {
    static func options(seed: UInt64 = 1, _ change: (inout SyntheticCohort.Options) -> Void = { _ in })
        -> SyntheticCohort.Options
    {
        var options = SyntheticCohort.Options(seed: seed)
        change(&options)
        return options
    }

    @Test("has the Localizer's grid, a brain of 50 to 60 thousand voxels and 5 missing scores of 94")
    func shape() throws {
        let cohort = try SyntheticCohort(Self.options())
        #expect(cohort.brain.grid.shape == [53, 63, 46])
        #expect(cohort.brain.grid.affine.elements == [-3, 0, 0, 78, 0, 3, 0, -111, 0, 0, 3, -51])
        #expect((50_000...60_000).contains(cohort.brain.count), "\(cohort.brain.count)")
        let map = cohort.map(of: 0)
        #expect(MapSummary(map, name: "m").hasZeroBackground)
        #expect(map.values.filter { $0 != 0 }.count == cohort.brain.count)
        let scores = try #require(cohort.table.cells(of: "pseudo"))
        #expect(scores.count == 94 && scores.filter(Table.isMissing).count == 5)
        #expect(Set(cohort.table.cells(of: "participant_id") ?? []).count == 94)
        #expect(cohort.table.cells(of: "group")?.filter { $0 == "trained" }.count == 47)
        let nan = try SyntheticCohort(Self.options { $0.isNaNOutside = true }).map(of: 0)
        #expect(zip(map.values, nan.values).allSatisfy { $0 == 0 ? $1.isNaN : $0 == $1 })
    }

    @Test("one seed gives one cohort, another seed another")
    func seed() throws {
        func prints(_ seed: UInt64) throws -> [MapSummary.Fingerprint] {
            let cohort = try SyntheticCohort(Self.options(seed: seed) { $0.spacingMillimeters = 8 })
            return (0..<3).map { MapSummary(cohort.map(of: $0), name: "").fingerprint }
        }
        let (first, again, other) = (try prints(7), try prints(7), try prints(8))
        #expect(first == again)
        #expect(Set(first + other).count == 6)
    }

    // Computed by an independent program (Philox and the noise in NumPy, the filter by SciPy).
    @Test("values are those of an independent program, and never change")
    func pinned() throws {
        let cohort = try SyntheticCohort(Self.options(seed: 7) { $0.spacingMillimeters = 5 })
        #expect(cohort.table.rows[2][2] == "13.3")
        let map = cohort.map(of: 2)
        #expect(map[VoxelIndex(8, 17, 21)] == Double(Float(1.0040368)))
        #expect(map[VoxelIndex(25, 21, 18)] == Double(Float(-0.022944635)))
        #expect(map[VoxelIndex(10, 20, 12)] == Double(Float(-0.97412044)))
    }

    @Test("noise has unit variance and the correlation of neighbours that its kernel gives")
    func noise() throws {
        let cohort = try SyntheticCohort(
            Self.options {
                $0.mainEffect = 0
                $0.association = 0
            })
        let grid = cohort.brain.grid
        let columns = cohort.brain.columnOfVoxel()
        var (squares, neighbours, count, pairs) = (0.0, 0.0, 0.0, 0.0)
        for subject in 0..<4 {
            let map = cohort.map(of: subject).values
            for offset in cohort.brain.offsets.map(Int.init) {
                squares += map[offset] * map[offset]
                count += 1
                if columns[offset + grid.shape[0]] >= 0 {
                    neighbours += map[offset] * map[offset + grid.shape[0]]
                    pairs += 1
                }
            }
        }
        // Some 56,000 voxels in blobs of about 20 make 4 maps worth 11,000 independent values: one standard
        // error of the variance is 0.013. Binomial weights (1 4 6 4 1) correlate neighbours by 56/70.
        #expect(abs(squares / count - 1) < 0.05)
        #expect(abs(neighbours / pairs - 0.8) < 0.04)
    }

    @Test("maps follow the score where the association lies, and nowhere else beyond chance")
    func association() throws {
        let cohort = try SyntheticCohort(
            Self.options {
                $0.subjectCount = 200
                $0.missingCount = 0
                $0.spacingMillimeters = 5
            })
        let scores = (cohort.table.cells(of: "pseudo") ?? []).compactMap { Double($0) }
        let maps = (0..<200).map { cohort.map(of: $0) }
        func correlation(_ p: WorldPoint) -> Double {
            let inverse = cohort.brain.grid.affine.inverse!
            let v = inverse.world(p.x, p.y, p.z)
            let voxel = VoxelIndex(Int(v.x.rounded()), Int(v.y.rounded()), Int(v.z.rounded()))
            let y = maps.map { $0[voxel] }
            let (my, mx) = (y.reduce(0, +) / 200, scores.reduce(0, +) / 200)
            let xy = zip(scores, y).reduce(0) { $0 + ($1.0 - mx) * ($1.1 - my) }
            let xx = scores.reduce(0) { $0 + ($1 - mx) * ($1 - mx) }
            let yy = y.reduce(0) { $0 + ($1 - my) * ($1 - my) }
            return xy / (xx * yy).squareRoot()
        }
        // One standard error of r is 0.05 at r = 0.55 and 0.07 at 0.
        #expect(abs(correlation(WorldPoint(-46, -5, 40)) - 0.54) < 0.2)
        #expect(abs(correlation(WorldPoint(10, -6, 10)) - 0.54) < 0.2)
        #expect(abs(correlation(WorldPoint(-20, 40, 20))) < 0.28)
        // The peak of the main effect: one standard error of the mean is 0.07.
        let mean = maps.reduce(0) { $0 + $1[VoxelIndex(8, 17, 21)] } / 200
        #expect(abs(mean - 1) < 0.3)
    }

    @Test("writes the same bytes on one thread and on several; the files read back as the maps")
    func writing() throws {
        let cohort = try SyntheticCohort(
            Self.options {
                $0.subjectCount = 5
                $0.missingCount = 1
                $0.spacingMillimeters = 10
            })
        let base = FileManager.default.temporaryDirectory.appendingPathComponent(
            "covey-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: base) }
        for threads in [1, 3] {
            let folder = try ResultFolder(
                base.appendingPathComponent("\(threads)").path, overwrites: false)
            try cohort.write(into: folder, threads: threads)
            try folder.commit()
        }
        let one = base.appendingPathComponent("1")
        let names = try FileManager.default.subpathsOfDirectory(atPath: one.path).filter { $0.contains(".") }
        #expect(names.count == 7)
        for name in names {
            let other = base.appendingPathComponent("3").appendingPathComponent(name)
            #expect(try Data(contentsOf: one.appendingPathComponent(name)) == Data(contentsOf: other))
        }
        let (table, _) = try Table.read(one.appendingPathComponent("participants.tsv").path)
        #expect(table.rows == cohort.table.rows)
        let path = try #require(table.cells(of: "map")?[4])
        let map = try ImageFile.readVolume(one.appendingPathComponent(path).path)
        #expect(map.values == cohort.map(of: 4).values)
        #expect(map.grid.isSame(as: cohort.brain.grid))
    }

    @Test("options out of range are refused")
    func refusals() {
        let bad: [(inout SyntheticCohort.Options) -> Void] = [
            { $0.subjectCount = 1 }, { $0.subjectCount = 10_000 }, { $0.missingCount = -1 },
            { $0.missingCount = 93 }, { $0.association = 1 }, { $0.association = .nan },
            { $0.mainEffect = .infinity }, { $0.spacingMillimeters = 0.5 }, { $0.spacingMillimeters = .nan },
        ]
        for change in bad {
            #expect(throws: SyntheticCohortError.self) { try SyntheticCohort(Self.options(change)) }
        }
    }
}
