extension DataSet {
    /// The Brainomics Localizer, laid out in a cache as nilearn lays it out.
    ///
    /// Sources: the index and the addresses as nilearn's `fetch_localizer_contrasts` uses them; terms as nilearn's
    /// description of the data set states them.
    public static let localizer = DataSet(
        name: "localizer",
        title: "Brainomics Localizer",
        summary:
            "Maps of 32 contrasts of a five-minute functional localizer in 94 subjects, with about 100 scores.",
        page: "https://osf.io/vhtf6/",
        licence: "Usage is unrestricted for non-commercial research purposes.",
        citations: [
            "Papadopoulos Orfanos D, Michel V, Schwartz Y, et al. (2017). The Brainomics/Localizer database. "
                + "NeuroImage 144:309-314. https://doi.org/10.1016/j.neuroimage.2015.09.052",
            "Pinel P, Thirion B, Meriaux S, et al. (2007). Fast reproducible identification and large-scale "
                + "databasing of individual functional cognitive networks. BMC Neuroscience 8:91. "
                + "https://doi.org/10.1186/1471-2202-8-91",
        ],
        size: "94 maps of a contrast, about 200 MB",
        server: "https://osf.io",
        listing: .index(path: "/hwbm2/download", local: "download", file: "/download/{id}/"),
        hosts: ["osf.io", "*.osf.io", "storage.googleapis.com"],
        folder: "brainomics_localizer",
        subjects: (1...94).map { $0 < 10 ? "S0\($0)" : "S\($0)" },
        contrasts: localizerContrasts.map { own, plain in
            Contrast(label: titleCased(own), names: own == plain ? [plain] : [plain, own])
        },
        images: [
            .map: Naming(
                remote: firstLevel + "_task-localizer_acq-{contrast}_cmaps.nii.gz",
                local: "brainomics_data/{subject}/cmaps_{contrast}.nii.gz"),
            .tMap: Naming(
                remote: firstLevel + "_task-localizer_acq-{contrast}_tmaps.nii.gz",
                local: "brainomics_data/{subject}/tmaps_{contrast}.nii.gz"),
            .mask: Naming(
                remote: firstLevel + "_mask.nii.gz",
                local: "brainomics_data/{subject}/boolean_mask_mask.nii.gz"),
            .anatomy: Naming(
                remote: "/localizer/derivatives/spm_preprocessing/sub-{subject}/sub-{subject}_T1w.nii.gz",
                local: "brainomics_data/{subject}/normalized_T1_anat_defaced.nii.gz"),
        ],
        tables: [
            TableSource(
                naming: Naming(
                    remote: "/localizer/participants.tsv", local: "brainomics_data/participants.tsv"),
                join: .identifier),
            TableSource(
                naming: Naming(
                    remote: "/localizer/phenotype/behavioural.tsv",
                    local: "brainomics_data/phenotype/behavioural.tsv"),
                join: .identifier),
        ],
        checksums: [:])

    private static let firstLevel = "/localizer/derivatives/spm_1st_level/sub-{subject}/sub-{subject}"

    /// The files' names: words capitalised and joined, as in `LeftAuditory&VisualClick`.
    private static func titleCased(_ name: String) -> String {
        var result = ""
        var isInWord = false
        for character in name {
            result += isInWord ? String(character) : character.uppercased()
            isInWord = character.isLetter
        }
        return result.filter { $0 != " " }
    }

    /// The data set's own name of each contrast, and the plainer one.
    private static let localizerContrasts: [(own: String, plain: String)] = [
        ("checkerboard", "checkerboard"),
        ("horizontal checkerboard", "horizontal checkerboard"),
        ("vertical checkerboard", "vertical checkerboard"),
        ("horizontal vs vertical checkerboard", "horizontal vs vertical checkerboard"),
        ("vertical vs horizontal checkerboard", "vertical vs horizontal checkerboard"),
        ("auditory sentences", "sentence listening"),
        ("visual sentences", "sentence reading"),
        ("auditory&visual sentences", "sentence listening and reading"),
        ("visual sentences vs checkerboard", "sentence reading vs checkerboard"),
        ("auditory calculation", "calculation (auditory cue)"),
        ("visual calculation", "calculation (visual cue)"),
        ("auditory&visual calculation", "calculation (auditory and visual cue)"),
        ("auditory calculation vs auditory sentences", "calculation (auditory cue) vs sentence listening"),
        ("visual calculation vs sentences", "calculation (visual cue) vs sentence reading"),
        ("auditory&visual calculation vs sentences", "calculation vs sentences"),
        ("auditory processing", "calculation (auditory cue) and sentence listening"),
        ("visual processing", "calculation (visual cue) and sentence reading"),
        (
            "visual processing vs auditory processing",
            "calculation (visual cue) and sentence reading vs calculation (auditory cue) and sentence listening"
        ),
        (
            "auditory processing vs visual processing",
            "calculation (auditory cue) and sentence listening vs calculation (visual cue) and sentence reading"
        ),
        (
            "visual processing vs checkerboard",
            "calculation (visual cue) and sentence reading vs checkerboard"
        ),
        ("cognitive processing vs motor", "calculation and sentence listening/reading vs button press"),
        ("left auditory click", "left button press (auditory cue)"),
        ("left visual click", "left button press (visual cue)"),
        ("left auditory&visual click", "left button press"),
        ("left auditory & visual click vs right auditory&visual click", "left vs right button press"),
        ("right auditory click", "right button press (auditory cue)"),
        ("right visual click", "right button press (visual cue)"),
        ("right auditory & visual click", "right button press"),
        ("right auditory & visual click vs left auditory&visual click", "right vs left button press"),
        ("auditory click vs auditory sentences", "button press (auditory cue) vs sentence listening"),
        ("visual click vs visual sentences", "button press (visual cue) vs sentence reading"),
        (
            "auditory&visual motor vs cognitive processing",
            "button press vs calculation and sentence listening/reading"
        ),
    ]
}
