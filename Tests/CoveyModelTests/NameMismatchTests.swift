import Testing

@testable import CoveyModel

@Suite("Whose map is it")
struct NameMismatchTests {
    func named(_ pairs: [(String, String)]) -> [String] {
        Subjects.nameMismatches(identifiers: pairs.map(\.0), paths: pairs.map(\.1)).map {
            "\($0.identifier)>\($0.named)"
        }
    }

    @Test("two exchanged maps are both found, in BIDS names and in others")
    func exchanged() {
        #expect(
            named([("sub-01", "d/sub-02/m.nii"), ("sub-02", "d/sub-01/m.nii"), ("sub-03", "d/sub-03/m.nii")])
                == ["sub-01>sub-02", "sub-02>sub-01"])
        #expect(named([("S01", "con_S02.nii"), ("S02", "con_S01.nii")]) == ["S01>S02", "S02>S01"])
        #expect(named([("01", "a/sub-2.nii"), ("2", "a/sub-01.nii")]) == ["01>2", "2>01"])
    }

    @Test("a stranger's name is found where most maps bear their own")
    func stranger() {
        #expect(
            named([("sub-01", "sub-01.nii"), ("sub-02", "sub-02.nii"), ("sub-03", "sub-33.nii")])
                == ["sub-03>sub-33"])
        // Codes of another study say nothing.
        #expect(named([("A1", "sub-901.nii"), ("B2", "sub-902.nii")]) == [])
    }

    @Test("rows of repeated measures are named by their subject")
    func repeated() {
        #expect(
            named([
                ("sub-1#1", "sub-1/a.nii"), ("sub-1#2", "sub-2/b.nii"), ("sub-2#1", "sub-2/a.nii"),
                ("sub-2#2", "sub-2/b2.nii"),
            ])
                == ["sub-1#2>sub-2#2"])
        #expect(Subjects.subject(ofRow: "a#x") == "a#x" && Subjects.subject(ofRow: "#1") == "#1")
    }

    @Test("own names, names without any, and numbers that occur by chance are no mismatch")
    func sound() {
        #expect(named([("sub-01", "sub-01/run-02/m.nii"), ("sub-02", "sub-02/run-01/m.nii")]) == [])
        #expect(named([("1", "con_0081_a.nii"), ("2", "con_0082_b.nii")]) == [])
        #expect(named([("01", "sub-1_m.nii"), ("sub-02", "m_002.nii")]) == [])
        #expect(named([("pilot-a", "x/pilot-a_02.nii"), ("02", "x/02.nii")]) == [])
    }
}
