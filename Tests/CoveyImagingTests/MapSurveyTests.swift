import CoveyCore
import CoveyTestSupport
import Testing

@testable import CoveyImaging

@Suite("The survey of maps")
struct MapSurveyTests {
    static let grid = SmoothingTests.grid(8, 7, 6)

    static func summary(_ seed: UInt64, _ name: String, _ change: (inout [Double]) -> Void = { _ in })
        -> MapSummary
    {
        var volume = SmoothingTests.noise(grid, seed: seed)
        change(&volume.values)
        return MapSummary(volume, name: name)
    }

    @Test("a summary counts what a map holds")
    func counts() {
        let summary = Self.summary(3, "m") {
            $0 = $0.indices.map { $0 < 100 ? 2 : 4 }
            $0[0] = .nan
            $0[1] = .infinity
            $0[2] = -.infinity
            $0[3] = 0
            $0[4] = -0.0
            $0[335] = 9
        }
        #expect(summary.nanCount == 1 && summary.infiniteCount == 2 && summary.zeroCount == 2)
        #expect(summary.minimum == 0 && summary.maximum == 9 && summary.finiteCount == 333)
        #expect(abs(summary.mean - (95 * 2 + 235 * 4 + 9) / 333.0) < 1e-13)
        // Of the 8 x 7 x 6 box 6 x 5 x 4 voxels are inside, the other 216 on the faces.
        #expect(summary.borderZeroShare == 2.0 / 216)
        #expect(!summary.hasZeroBackground)
    }

    @Test("fingerprints differ after any change: a bit, a sign, two signs, an exchange")
    func fingerprints() {
        let changes: [(inout [Double]) -> Void] = [
            { _ in }, { $0[0] = $0[0].nextUp }, { $0[335] = -$0[335] },
            {
                $0[10] = -$0[10]
                $0[11] = -$0[11]
            }, { $0.swapAt(5, 6) }, { $0[9] = 0 }, { $0[9] = -0.0 },
        ]
        let prints = changes.map { Self.summary(1, "m", $0).fingerprint }
        #expect(Set(prints).count == changes.count)
        #expect(prints[0] == Self.summary(1, "other name").fingerprint)
    }

    @Test("good maps have neither problems nor notes")
    func good() throws {
        let survey = MapSurvey([Self.summary(1, "a"), Self.summary(2, "b")])
        try survey.check()
        #expect(survey.notes.isEmpty)
    }

    @Test("all problems are told at once, in one line, naming the files")
    func problems() {
        let shape = MapSummary(SmoothingTests.noise(SmoothingTests.grid(7, 7, 6)), name: "shape.nii")
        let moved = Grid(shape: [8, 7, 6], affine: Affine([-3, 0, 0, 10, 0, 3, 0, -4, 0, 0, 3, 10]))
        let flipped = Grid(shape: [8, 7, 6], affine: Affine([3, 0, 0, -11, 0, 3, 0, -4, 0, 0, 3, 7]))
        let survey = MapSurvey(
            [
                Self.summary(1, "a"), shape, MapSummary(SmoothingTests.noise(moved), name: "moved.nii"),
                MapSummary(SmoothingTests.noise(flipped), name: "flipped.nii"),
                Self.summary(2, "nan.nii") { $0 = $0.map { _ in .nan } },
                Self.summary(2, "zero.nii") { $0 = $0.map { _ in 0 } },
                Self.summary(2, "flat.nii") { $0 = $0.map { _ in 7 } },
            ], unreadable: [("gone.nii", "'gone.nii' does not exist")])
        #expect(survey.problems.count == 7)
        let text = "\(ImagingError.maps(survey.problems))"
        #expect(!text.contains("\n"))
        for part in [
            "'gone.nii' does not exist", "3 maps lie on another grid than 'a'",
            "'shape.nii' (shape 7 x 7 x 6 instead of 8 x 7 x 6)", "'moved.nii' (affine 3 mm off)",
            "'flipped.nii' (affine with a flipped axis", "'nan.nii' has no finite voxel (336 NaN",
            "'zero.nii' holds only zeros", "'flat.nii' is constant",
        ] { #expect(text.contains(part), "\(text)") }
        #expect(throws: ImagingError.maps(survey.problems)) { try survey.check() }
    }

    @Test("the odd map out is named, even where it is the first; other grids can be allowed")
    func oddFirst() {
        let odd = MapSummary(SmoothingTests.noise(SmoothingTests.grid(7, 7, 6)), name: "odd")
        let maps = [odd, Self.summary(1, "a"), Self.summary(2, "b")]
        let problems = MapSurvey(maps).problems
        #expect(problems.count == 1)
        #expect(problems.first?.description.hasPrefix("'odd' lies on another grid than 'a'") == true)
        #expect(MapSurvey(maps, allowsOtherGrids: true).problems.isEmpty)
    }

    @Test("an affine that differs by rounding is the same grid")
    func rounding() {
        let near = Grid(shape: [8, 7, 6], affine: Affine([-3, 0, 0, 10.000001, 0, 3, 0, -4, 0, 0, 3, 7]))
        let maps = [Self.summary(1, "a"), MapSummary(SmoothingTests.noise(near, seed: 2), name: "b")]
        #expect(MapSurvey(maps).problems.isEmpty)
    }

    @Test("copies, infinite voxels and mixed backgrounds are noted")
    func notes() {
        let survey = MapSurvey([
            Self.summary(1, "a"), Self.summary(1, "b"), Self.summary(2, "inf") { $0[5] = .infinity },
            Self.summary(4, "zeros") { for i in 0..<168 { $0[i] = 0 } },
        ])
        #expect(survey.problems.isEmpty)
        let texts = survey.notes.map(\.text)
        #expect(texts.contains { $0.contains("'a' and 'b' hold identical voxels") })
        #expect(texts.contains { $0.contains("1 infinite voxel in 'inf'") })
        #expect(texts.contains { $0.contains("1 maps have a background of 0") && $0.contains("'zeros'") })
        #expect(survey.notes.allSatisfy { $0.severity == .warning })
        let twice = MapSurvey([Self.summary(1, "a"), Self.summary(1, "a"), Self.summary(2, "b")])
        #expect(twice.notes.map(\.text) == ["duplicate: 'a' is listed twice"])
    }

    @Test("maps that are all the same are refused: nothing varies")
    func allSame() {
        let survey = MapSurvey((0..<4).map { Self.summary(1, "m\($0)") })
        #expect(survey.problems == [.allIdentical(count: 4)])
    }
}
