/// An atlas that other packages install: where its files lie below their folders, and what to cite.
///
/// Facts only: no atlas comes with this library. Licences are those that the packages name; where none is named,
/// that is said.
public struct KnownAtlas: Sendable, Hashable {
    /// What it is asked for by.
    public let name: String
    /// What readers know it by.
    public let title: String
    /// Images below a folder of atlases, the first that is there is taken; without their ending.
    public let images: [String]
    /// What to cite.
    public let citation: String
    /// Its licence, in words.
    public let licence: String
    /// What the file name of an image begins with, to know it by; in small letters.
    let stem: String

    /// The atlases that are known.
    public static let all: [KnownAtlas] =
        harvardOxford + [
            KnownAtlas(
                name: "juelich", title: "Juelich histological atlas",
                images: ["Juelich/Juelich-maxprob-thr25-2mm", "Juelich/Juelich-maxprob-thr25-1mm"],
                citation:
                    "Eickhoff et al., 2005, NeuroImage 25:1325-1335; Amunts et al., 2020, Science 369:988-992",
                licence: fsl, stem: "juelich"),
            KnownAtlas(
                name: "jhu-labels", title: "JHU ICBM-DTI-81 white-matter labels",
                images: ["JHU/JHU-ICBM-labels-2mm", "JHU/JHU-ICBM-labels-1mm"],
                citation: "Mori et al., 2008, NeuroImage 40:570-582", licence: fsl, stem: "jhu-icbm-labels"),
            KnownAtlas(
                name: "jhu-tracts", title: "JHU white-matter tractography atlas",
                images: ["JHU/JHU-ICBM-tracts-maxprob-thr25-2mm", "JHU/JHU-ICBM-tracts-maxprob-thr25-1mm"],
                citation:
                    "Wakana et al., 2007, NeuroImage 36:630-644; Hua et al., 2008, NeuroImage 39:336-347",
                licence: fsl, stem: "jhu-icbm-tracts"),
            KnownAtlas(
                name: "talairach", title: "Talairach daemon labels",
                images: ["Talairach/Talairach-labels-2mm", "Talairach/Talairach-labels-1mm"],
                citation:
                    "Lancaster et al., 2000, Human Brain Mapping 10:120-131; Lancaster et al., 2007, Human "
                    + "Brain Mapping 28:1194-1205", licence: fsl, stem: "talairach"),
            KnownAtlas(
                name: "mni", title: "MNI structural atlas",
                images: ["MNI/MNI-maxprob-thr25-2mm", "MNI/MNI-maxprob-thr25-1mm"],
                citation: "Collins et al., 1995, Human Brain Mapping 3:190-208; Mazziotta et al., 2001, "
                    + "Philosophical Transactions of the Royal Society B 356:1293-1322", licence: fsl,
                stem: "mni-maxprob"),
            KnownAtlas(
                name: "aal", title: "Automated anatomical labelling (AAL)",
                images: ["aal_SPM12/aal/atlas/AAL", "aal_SPM12/aal/ROI_MNI_V4", "aal/ROI_MNI_V4"],
                citation: "Tzourio-Mazoyer et al., 2002, NeuroImage 15:273-289",
                licence: "not stated where it is packaged; ask its authors", stem: "aal"),
            KnownAtlas(
                name: "destrieux", title: "Destrieux atlas",
                images: [
                    "destrieux_2009/destrieux2009_rois_lateralized", "destrieux_2009/destrieux2009_rois",
                ],
                citation: "Destrieux et al., 2010, NeuroImage 53:1-15",
                licence: "not stated where it is packaged; ask its authors", stem: "destrieux2009"),
        ] + schaefer

    private static let fsl = "FSL’s, for non-commercial use; see the licence of your copy"

    private static let harvardOxford: [KnownAtlas] = [("cort", "cortical"), ("sub", "subcortical")].map {
        part, title in
        KnownAtlas(
            name: "harvard-oxford-\(part)", title: "Harvard-Oxford \(title) atlas",
            images: ["2mm", "1mm"].map { "HarvardOxford/HarvardOxford-\(part)-maxprob-thr25-\($0)" },
            citation:
                "Desikan et al., 2006, NeuroImage 31:968-980; Frazier et al., 2005, American Journal of "
                + "Psychiatry 162:1256-1265; Goldstein et al., 2007, Biological Psychiatry 61:935-945; Makris et al., "
                + "2006, Schizophrenia Research 83:155-171", licence: fsl, stem: "harvardoxford-\(part)")
    }

    private static let schaefer: [KnownAtlas] = stride(from: 100, through: 1000, by: 100).flatMap { parcels in
        [7, 17].map { networks in
            let stem = "Schaefer2018_\(parcels)Parcels_\(networks)Networks_order"
            return KnownAtlas(
                name: "schaefer-\(parcels)-\(networks)",
                title: "Schaefer parcellation (\(parcels) parcels, \(networks) networks)",
                images: ["2", "1"].map { "schaefer_2018/\(stem)_FSLMNI152_\($0)mm" },
                citation: "Schaefer et al., 2018, Cerebral Cortex 28:3095-3114", licence: "MIT",
                stem: stem.lowercased())
        }
    }

    /// The atlases that a name stands for: `harvard-oxford` for both of its halves.
    public static func named(_ name: String) -> [KnownAtlas] {
        let wanted = name.lowercased()
        return all.filter { $0.name == wanted || wanted == "harvard-oxford" && $0.name.hasPrefix(wanted) }
    }

    /// The atlas that an image is, by its file name; `nil` where it is not known.
    static func ofImage(_ path: String) -> KnownAtlas? {
        let file = (path.split(separator: "/").last.map(String.init) ?? path).lowercased()
        if file.hasPrefix("roi_mni_v4") { return named("aal").first }
        return all.first { file.hasPrefix($0.stem) }
    }
}
