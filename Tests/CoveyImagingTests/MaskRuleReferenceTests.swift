import CoveyTestSupport
import Foundation
import Testing

@testable import CoveyImaging

@Suite("Masks of real cohorts", .enabled(if: SharedData.isAvailable))
struct MaskRuleReferenceTests {
    static func tally(_ paths: [String], zeros: ZeroMeaning) throws -> (SupportTally, [MapSummary]) {
        var tally: SupportTally?
        var summaries: [MapSummary] = []
        for (map, path) in paths.enumerated() {
            let volume = try ImageFile.readVolume(SharedData.url(path).path)
            let summary = MapSummary(volume, name: path)
            summaries.append(summary)
            if tally == nil { tally = SupportTally(grid: volume.grid) }
            tally?.add(volume.values, map: map, zeroIsMissing: zeros.isMissing(in: summary))
        }
        return (try #require(tally), summaries)
    }

    // These maps have values nearly everywhere and NaN here and there; nilearn 0.14.1 keeps 75,919 voxels.
    // The MATLAB RobustToolbox used a brain mask: 31,079 voxels with all 30 subjects and 2 with 29.
    @Test(
        "maps without a background: automatic keeps what nilearn keeps, a brain mask what RobustToolbox keeps"
    )
    func noBackground() throws {
        let paths = (1...30).map {
            "data/emotion_regulation/con_008100\($0 < 10 ? "0" : "")\($0).hdr"
        }
        let (tally, _) = try Self.tally(paths, zeros: .automatic)
        let (automatic, warnings) = try MaskRule.automatic.mask(from: tally)
        #expect(automatic.count == 75_919)
        #expect(warnings.first?.text.contains("93 % of the image") == true)
        let brain = try ImageFile.readVolume(SharedData.url("reference/robusttoolbox/mask.hdr").path)
        let (mask, notes) = try MaskRule.image(brain, name: "mask.hdr").mask(from: tally)
        #expect(mask.count == 31_079)
        #expect(notes.map(\.severity) == [.information, .warning])
        #expect(notes[1].text.contains("2 of 31081 voxels"))
        let subjects = try ImageFile.readVolume(
            SharedData.url("reference/robusttoolbox/nsubjects.hdr").path)
        for i in 0..<tally.grid.count where subjects.values[i] >= 29 {
            #expect(Double(tally.counts[i]) == subjects.values[i])
        }
    }

    @Test("maps that are NaN outside: automatic equals finite")
    func nanBackground() throws {
        let names = try FileManager.default.contentsOfDirectory(
            atPath: SharedData.url("data/auditory_words").path
        )
        .filter { $0.hasSuffix(".nii.gz") }.sorted()
        let paths = names.map { "data/auditory_words/\($0)" }
        let (automatic, summaries) = try Self.tally(paths, zeros: .automatic)
        let (finite, _) = try Self.tally(paths, zeros: .value)
        #expect(summaries.allSatisfy { !$0.hasZeroBackground })
        let mask = try MaskRule.automatic.mask(from: automatic).mask
        let finiteMask = try MaskRule.finite.mask(from: finite).mask
        #expect(mask == finiteMask)
        #expect(mask.count > 30_000)
    }

    @Test(
        "masks of the reference cases are taken or refused for their own reason",
        arguments: [
            ("zero", "empty"), ("far", "affine"), ("other_grid", "shape"), ("neg", "negative"),
            ("prob", "not binary"), ("nan", nil), ("ok", nil), ("one_voxel", nil),
        ] as [(String, String?)])
    func cases(_ name: String, _ reason: String?) throws {
        let map = try ImageFile.readVolume(SharedData.url("reference/design/images/sub-01.nii").path)
        let path = SharedData.url("reference/design/images/mask_\(name).nii").path
        let image = try ImageFile.readVolume(path)
        do {
            let (mask, notes) = try MaskRule.mask(of: image, name: "mask_\(name).nii", on: map.grid)
            #expect(reason == nil && mask.count > 0)
            #expect(notes.map(\.severity) == (name == "nan" ? [.warning] : []))
        } catch {
            let words = try #require(reason, "refused: \(error)")
            #expect(error.description.contains(words) && error.description.contains("mask_\(name).nii"))
        }
    }
}
