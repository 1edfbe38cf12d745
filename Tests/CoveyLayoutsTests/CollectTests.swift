import CoveyCore
import CoveyFormats
import Testing

@testable import CoveyLayouts

@Suite("Maps in folders")
struct CollectTests {
    func collect(
        _ tree: Tree, filters: [String] = [], contrasts: [String] = [], pattern: String? = nil
    ) throws -> MapCollection {
        var search = MapCollection.Search()
        search.filters = filters.map { EntityFilter($0)! }
        search.contrasts = contrasts
        search.pattern = try pattern.map { try PathPattern($0) }
        return try MapCollection(tree.root, search)
    }

    func fault(_ body: () throws -> Void) -> LayoutError? {
        #expect(throws: LayoutError.self, performing: body)
    }

    @Test("SPM: contrasts with the names that SPM wrote, subjects by the folder that differs")
    func spm() throws {
        let tree = try Tree()
        try tree.spm(["S10", "S2", "S1"])
        let found = try collect(tree)
        #expect(found.layout == .spm && found.subjects == ["S1", "S2", "S10"])
        #expect(found.contrasts.map(\.text) == ["con_0001 (faces > houses)", "con_0002 (houses > faces)"])
        #expect(found.maps[2][1]?.path == "S10/1stLevel/con_0002.nii")
        for word in ["con_0002", "2", "0002", "houses > faces", "Houses > Faces"] {
            #expect(try collect(tree, contrasts: [word]).contrasts.map(\.label) == ["con_0002"], "\(word)")
        }
        #expect(try collect(tree, filters: ["stat=t"]).maps[0][0]?.path == "S1/1stLevel/spmT_0001.nii")
    }

    @Test("SPM's own words for a contrast are understood, of any age; other descriptions are none")
    func spmNames() {
        for (text, name) in [
            ("Contrast 12: a > b", "a > b"), ("SPM contrast - 1: a: b", "a: b"),
            ("SPM{T_[28.0]} - contrast 3: main", "main"), ("spm_spm:beta (0001) - Sn(1) x", nil),
            ("Contrast 1:", nil), ("", nil),
        ] {
            #expect(SPMLayout.contrastName(in: text) == name, "\(text)")
        }
    }

    @Test("SPM: a number that means another contrast in one subject is refused, and the name overrules it")
    func spmSwapped() throws {
        let tree = try Tree()
        try tree.spm(["sub-01", "sub-02", "sub-03"])
        try tree.spm(["sub-04"], contrasts: ["houses > faces", "faces > houses"])
        let error = fault { _ = try collect(tree) }
        #expect(
            error
                == .contrastNames(
                    contrast: "con_0001",
                    names: [
                        .init(value: "faces > houses", count: 3), .init(value: "houses > faces", count: 1),
                    ],
                    rarest: ["sub-04"]))
        let byName = try collect(tree, filters: ["name=faces > houses"])
        #expect(byName.contrasts.map(\.label) == ["faces > houses"])
        #expect(
            byName.maps.map { $0[0]!.path } == [
                "sub-01/1stLevel/con_0001.nii", "sub-02/1stLevel/con_0001.nii",
                "sub-03/1stLevel/con_0001.nii",
                "sub-04/1stLevel/con_0002.nii",
            ])
    }

    @Test("FEAT second level: copes of the runs with variance, called by design.lev")
    func gfeat() throws {
        let tree = try Tree()
        for subject in ["sub-01", "sub-02"] { try tree.gfeat("\(subject)/faces") }
        let found = try collect(tree)
        #expect(found.layout == .feat && found.subjects == ["sub-01", "sub-02"])
        #expect(found.contrasts.map(\.text) == ["cope1 (faces)", "cope2 (houses)"])
        let map = try #require(found.maps[1][1])
        #expect(map.path == "sub-02/faces.gfeat/cope2.feat/stats/cope1.nii.gz")
        #expect(map.variance == "sub-02/faces.gfeat/cope2.feat/stats/varcope1.nii.gz")
        #expect(map.entities["space"] == "standard")
    }

    @Test("FEAT first level: two runs are two maps, told apart by the name of the analysis")
    func featRuns() throws {
        let tree = try Tree()
        for subject in ["A", "B"] {
            for run in ["run1", "run2"] { try tree.feat("\(subject)/\(run)") }
        }
        let error = try #require(fault { _ = try collect(tree) })
        #expect(error.description.contains("A/run1.feat/stats/cope1.nii.gz"))
        #expect(error.description.contains("A/run2.feat/stats/cope1.nii.gz"))
        #expect(error.remedy.contains("--filter feat=run1"))
        let one = try collect(tree, filters: ["feat=run2"], contrasts: ["houses"])
        #expect(one.subjects == ["A", "B"] && one.maps[0][0]?.path == "A/run2.feat/stats/cope2.nii.gz")
    }

    @Test("FEAT: a subject per .feat folder; both spaces are an ambiguity that names them")
    func featSpaces() throws {
        let tree = try Tree()
        for subject in ["ann", "bob"] {
            try tree.feat(subject)
            try tree.map("\(subject).feat/reg_standard/stats/cope1.nii.gz")
        }
        let error = try #require(fault { _ = try collect(tree) })
        #expect(error.remedy.contains("space=native") && error.remedy.contains("'standard' (2)"))
        #expect(try collect(tree, filters: ["space=native"]).notes.map(\.severity) == [.warning])
        let standard = try collect(tree, filters: ["space=standard"])
        #expect(standard.notes.isEmpty)
        #expect(standard.subjects == ["ann", "bob"] && standard.contrasts.count == 1)
    }

    /// nilearn's `save_glm_to_bids` and FitLins: one folder per subject, one file per contrast and statistic.
    func bids(_ tree: Tree, _ subjects: [String], space: String? = nil) throws {
        for subject in subjects {
            for contrast in ["facesGtHouses", "houses"] {
                for stat in ["effect", "variance", "t", "z", "p"] {
                    let middle = space.map { "_space-\($0)" } ?? ""
                    try tree.map(
                        "sub-\(subject)/func/sub-\(subject)_task-oneback\(middle)_contrast-\(contrast)_stat-\(stat)_statmap.nii.gz"
                    )
                }
            }
            try tree.junk(
                "sub-\(subject)/func/sub-\(subject)_task-oneback_design.tsv",
                "sub-\(subject)/func/sub-\(subject)_task-oneback_contrast-houses_design.svg")
        }
        try tree.text("dataset_description.json", "{\"Name\": \"x\", \"DatasetType\": \"derivative\"}")
    }

    @Test("BIDS: effects are taken, variances go with them, gaps are gaps, group maps are passed over")
    func bidsStatistics() throws {
        let tree = try Tree()
        try bids(tree, ["01", "02", "10"])
        try FileManagerRemoval.remove(
            tree.root + "/sub-02/func/sub-02_task-oneback_contrast-houses_stat-effect_statmap.nii.gz")
        try tree.map("group/contrast-houses_stat-effect_statmap.nii.gz")
        let found = try collect(tree)
        #expect(found.layout == .bids && found.subjects == ["sub-01", "sub-02", "sub-10"])
        #expect(found.contrasts.map(\.label) == ["facesGtHouses", "houses"])
        #expect(found.gaps(of: 0) == [] && found.gaps(of: 1) == ["sub-02"])
        #expect(found.maps[0][0]?.variance?.hasSuffix("stat-variance_statmap.nii.gz") == true)
        #expect(
            found.notes == [.information("1 statistic maps of no subject (of a group?) were passed over")])
        let text = found.lines().joined(separator: "\n")
        #expect(text.contains("houses         2 maps, 2 with variance; none for sub-02"))
        #expect(text.contains("\nsub-02   x -") && text.contains("\nsub-01   x x"))
    }

    @Test("BIDS: two spaces for everyone are an ambiguity; for some, a mixture; both are refused")
    func bidsSpaces() throws {
        let tree = try Tree()
        try bids(tree, ["01", "02"], space: "MNI152NLin2009cAsym")
        try bids(tree, ["03"], space: "MNI152NLin6Asym")
        let mixed = try #require(fault { _ = try collect(tree) })
        #expect(mixed.description.contains("sub-03") && mixed.description.contains("'MNI152NLin6Asym' (1)"))
        #expect(mixed.remedy == "choose with --filter space=MNI152NLin2009cAsym")
        try bids(tree, ["03"], space: "MNI152NLin2009cAsym")
        let double = try #require(fault { _ = try collect(tree) })
        #expect(double.description.hasPrefix("'sub-03' has 2 maps of 'facesGtHouses'"))
        #expect(double.remedy.contains("--filter space="))
        #expect(try collect(tree, filters: ["space=*2009c*"]).subjects.count == 3)
    }

    @Test("fMRIPrep: images that are no statistics are taken by their suffix")
    func fmriprep() throws {
        let tree = try Tree()
        for subject in ["sub-01", "sub-02"] {
            for space in ["", "_space-MNI152NLin2009cAsym"] {
                for label in ["GM", "WM"] {
                    try tree.map("\(subject)/anat/\(subject)\(space)_label-\(label)_probseg.nii.gz")
                }
            }
            try tree.map("\(subject)/anat/\(subject)_desc-preproc_T1w.nii.gz")
        }
        let error = try #require(fault { _ = try collect(tree) })
        #expect(error.description.contains("8 probseg") && error.remedy.contains("suffix=probseg"))
        let found = try collect(tree, filters: ["suffix=probseg", "space=MNI*"], contrasts: ["GM_probseg"])
        #expect(found.maps.map { $0[0]!.path.hasSuffix("_label-GM_probseg.nii.gz") } == [true, true])
        // Maps without the entity are taken with an empty value.
        #expect(try collect(tree, filters: ["suffix=probseg", "space="]).contrasts.count == 2)
    }

    @Test("a pattern says where subject, contrast and anything else stand")
    func pattern() throws {
        let tree = try Tree()
        for subject in ["01", "02"] {
            for contrast in ["a", "b_c"] { try tree.map("data/p\(subject)/maps/\(contrast).nii") }
        }
        let found = try collect(tree, pattern: "data/p{subject}/maps/{contrast}.nii")
        #expect(found.subjects == ["01", "02"] && found.contrasts.map(\.label) == ["a", "b_c"])
        let error = try #require(fault { _ = try collect(tree, pattern: "{subject}.nii") })
        #expect(error.description.contains("data/p01/maps/a.nii"))
        #expect(fault { _ = try collect(tree, pattern: "**/{contrast}.nii") } != nil)
        #expect(try collect(tree, pattern: "**/p{subject}/**/{contrast}.nii").subjects.count == 2)
        let sub = try PathPattern("sub-{subject}/{a}_{b}.nii")
        #expect(sub.match("sub-1/x_y_z.nii") == ["subject": "sub-1", "a": "x", "b": "y_z"])
        #expect(try PathPattern("{subject}/{subject}_x.nii").match("7/8_x.nii") == nil)
    }

    @Test("copies, several programs, unknown contrasts and filters, and no maps are told as such")
    func faults() throws {
        let tree = try Tree()
        #expect(fault { _ = try collect(tree) } == .noMaps(tree.root, images: []))
        try tree.spm(["sub-01", "sub-02"])
        try tree.map("sub-01/1stLevel/con_0001.nii.gz", descrip: "Contrast 1: faces > houses")
        #expect(try #require(fault { _ = try collect(tree) }).remedy.contains("extension=.nii"))
        try FileManagerRemoval.remove(tree.root + "/sub-01/1stLevel/con_0001.nii.gz")
        let unknown = try #require(fault { _ = try collect(tree, contrasts: ["con_0003"]) })
        #expect(unknown.description.contains("con_0001 (faces > houses)"))
        let filter = try #require(fault { _ = try collect(tree, filters: ["stat=q"]) })
        #expect(filter.description.contains("'effect' (4)"))
        #expect(
            try #require(fault { _ = try collect(tree, filters: ["spase=x"]) }).description.contains("stat"))
        try bids(tree, ["01", "02"])
        #expect(
            fault { _ = try collect(tree) }
                == .severalLayouts([.init(value: "spm", count: 4), .init(value: "bids", count: 4)]))
        #expect(try collect(tree, filters: ["layout=spm"]).layout == .spm)
        // Two models of one subject in two folders.
        let models = try Tree()
        for model in ["A", "B"] { try models.spm(["sub-01/\(model)", "sub-02/\(model)"]) }
        #expect(try #require(fault { _ = try collect(models) }).remedy.contains("folder=A/1stLevel"))
        #expect(try collect(models, filters: ["folder=B*"]).subjects.count == 2)
        // A file in somebody else's folder.
        let strayed = try Tree()
        try strayed.map("sub-01/sub-01_contrast-a_stat-effect_statmap.nii.gz")
        try strayed.map("sub-02/sub-03_contrast-a_stat-effect_statmap.nii.gz")
        #expect(
            fault { _ = try collect(strayed) }
                == .twoSubjects(
                    path: "sub-02/sub-03_contrast-a_stat-effect_statmap.nii.gz",
                    subjects: ["sub-02", "sub-03"]))
        // Folders that differ on two levels do not say which names the subject.
        let deep = try Tree()
        for model in ["A", "B"] { try deep.spm(["S1/\(model)", "S2/\(model)"]) }
        #expect(try #require(fault { _ = try collect(deep) }).remedy.contains("--pattern"))
    }
}
