/// What a printed number counts or measures, by the words around it.
enum NumberKind {
    /// What no run decides: a definition of the page or of a method, as it must be.
    case definition(isRight: Bool)
    /// A value at one of these keys of the run's files, in a place that holds a word where one is given.
    case keys(Set<String>, within: String = "", significantDigits: Int? = 3)
    /// Anything else: looked for among all numbers of the run.
    case other

    /// The first kind whose words stand around a number.
    init(_ number: PrintedNumber) {
        let (before, after) = (number.before, number.after.replacing(/\d+/, with: "#"))
        if let found = Self.definitions.first(where: {
            before.hasSuffix($0.before) && number.after.hasPrefix($0.after)
        }) {
            self = .definition(isRight: number.text == found.text)
        } else {
            self = Self.rules.first { $0.applies(before, after) }?.kind ?? .other
        }
    }

    /// Words around a number and what they make of it.
    private struct Rule {
        let before: [String]
        let after: [String]
        let kind: NumberKind

        init(before: [String] = [""], after: [String] = [""], _ kind: NumberKind) {
            self.before = before
            self.after = after
            self.kind = kind
        }

        func applies(_ before: String, _ after: String) -> Bool {
            self.before.contains { before.hasSuffix($0) } && self.after.contains { after.hasPrefix($0) }
        }
    }

    private static let level: Set<String> = [
        "alpha", "level", "falseDiscoveryRate", "adaptiveFalseDiscoveryRate", "bonferroni", "uncorrected",
        "_0",
    ]
    private static let tested: Set<String> = ["testedVoxels", "voxels", "testCount"]
    private static let threshold: Set<String> = ["threshold", "statisticThreshold", "formingThreshold"]

    /// From the particular to the general.
    private static let rules: [Rule] = [
        Rule(before: ["up to "], after: [" besides the greatest"], .keys(["subpeakLimit", "peakLimit"])),
        Rule(before: ["at least "], after: [" maps"], .keys(["minimumSubjects"])),
        Rule(before: ["t = "], after: [" with all"], .keys(["statistic"])),
        Rule(before: ["with all, "], after: [" without "], .keys(["leastStatistic"])),
        Rule(
            after: ["subject", "subjects", "map", "maps", "voxel", "voxels"].map { " \($0) left out" },
            .keys(["said"])),
        Rule(after: [" cm³"], .keys(["cm3"])),
        Rule(after: [" mm³ each", " mm3"], .keys(["voxelVolume"])),
        Rule(after: [" mm³"], .keys(["mm3"])),
        Rule(before: ["(code "], .keys(["space"])),
        Rule(after: [" neighbours"], .keys(["connectivity"])),
        Rule(after: [" clusters of"], .keys(["expectedClusters"])),
        Rule(after: [" voxels are expected"], .keys(["expectedVoxels"])),
        Rule(before: ["resels of "], .keys(["voxelsPerResel"])),
        Rule(after: [" resels"], .keys(["resels"])),
        Rule(before: ["Gaussian of "], .keys(["fwhmMillimeters"], within: "plan.json")),
        Rule(before: ["kernel (FWHM "], .keys(["fwhmMillimeters"], within: "smoothing")),
        Rule(before: ["FWHM "], .keys(["fwhmMillimeters"])),
        Rule(
            before: [" x ", " × "],
            after: [" x ", " mm (", " mm FWHM", " mm) and", " × ", " voxels)", " mm by"],
            .keys(["fwhmMillimeters", "fwhmVoxels", "voxelSize"])),
        Rule(before: ["mm ("], after: [" x ", " × "], .keys(["fwhmVoxels"])),
        Rule(after: [" × "], .keys(["voxelSize"])),
        Rule(before: [" × "], after: [" mm"], .keys(["voxelSize"])),
        Rule(before: ["at least "], after: [" mm apart"], .keys(["peakDistanceMillimeters"])),
        Rule(before: ["active: at least "], .keys(["trueDiscoveries"], within: "wholeMap")),
        Rule(before: ["largest "], after: [" voxel"], .keys(["largest"])),
        Rule(before: ["at least "], after: [" voxel"], .keys(["minimumExtent", "minimumVoxels"])),
        Rule(before: [" over ", "each of ", " of "], after: [" voxel"], .keys(tested)),
        Rule(after: [" voxels of ", " voxel of "], .keys(tested)),
        Rule(
            after: [
                " voxels survive", " voxel survives", " voxels (", " voxel (", " voxels by", " voxel by",
            ],
            .keys(["survivors", "survivorCount"])),
        Rule(after: [" voxel"], .keys(tested.union(["survivors", "survivorCount"]))),
        Rule(after: [" region"], .keys(["regions"])),
        Rule(after: [" tests"], .keys(["testCount"])),
        Rule(before: ["("], after: [" %)"], .keys(["percent"], within: "wholeMap")),
        Rule(before: ["simultaneous ", "confidence "], after: [" %"], .keys(["confidence"])),
        Rule(after: [" %"], .keys(["percent", "said", "lost_share"], significantDigits: nil)),
        Rule(after: [" residual degrees", " degrees of freedom"], .keys(["degreesOfFreedom"])),
        Rule(before: ["t(", "t (", "F(", "F ("], .keys(["degreesOfFreedom"])),
        Rule(
            before: [", "], after: [") of", "), one tail", "), two", "), one"], .keys(["degreesOfFreedom"])),
        Rule(before: ["stopped after ", "early after "], .keys(["shuffles"])),
        Rule(
            after: [" random shuffles", " shuffles", " distinct", " random ones", " listed"],
            .keys(["shuffles", "planned", "count", "distinct"])),
        Rule(after: [" contrasts"], .keys(["contrastCount"])),
        Rule(after: [" subjects", " maps", " map "], .keys(["subjects"])),
        Rule(after: [" regressors", " columns ("], .keys(["columns"])),
        Rule(before: ["rank ", "Rank "], .keys(["rank"])),
        Rule(before: ["condition number ", "Condition number "], .keys(["conditionNumber"])),
        Rule(before: ["("], after: [" about the means"], .keys(["centredConditionNumber"])),
        Rule(before: ["cluster ", "region "], .keys(["id"])),
        Rule(
            after: [" of # clusters by extent", " of # cluster by extent"],
            .keys(["survivingExtent", "survivingClusters"])),
        Rule(after: [" of # clusters by mass", " of # cluster by mass"], .keys(["survivingMass"])),
        Rule(after: [" clusters by ", " cluster by "], .keys(["count"], within: "clusters")),
        Rule(after: [" with family-wise"], .keys(["survivingClusters"])),
        Rule(
            after: [" at |", " at t", " at z", " at F", " at -", " at pseudo"],
            .keys(["count"], within: "clusters")),
        Rule(after: [" clusters and", " cluster and"], .keys(["clusters"])),
        Rule(after: [" further peak"], .keys(["furtherPeaks"])),
        Rule(after: [" peak"], .keys(["peaks"])),
        Rule(after: [" cluster"], .keys(["count", "clusters"], within: "clusters")),
        Rule(before: ["seed "], .keys(["seed"])),
        Rule(before: ["K = ", "(K ", ", K "], .keys(["templateSize"])),
        Rule(before: ["lambda "], .keys(["lambda"])),
        Rule(before: ["(h "], .keys(["hommelValue"])),
        Rule(before: ["E = ", "(E "], .keys(["extentExponent"])),
        Rule(before: ["H = ", ", H "], .keys(["heightExponent"])),
        Rule(before: ["(z "], .keys(["zThreshold"])),
        Rule(before: ["the limit is ", "line stands at "], .keys(["leverageLimit"])),
        Rule(before: ["largest leverage "], .keys(["leverage"], significantDigits: 2)),
        Rule(before: ["subjects, at most ", "maps, at most "], .keys(["leverage"])),
        Rule(
            before: ["correlates ", "correlates only ", "mean lies ", "mirrored, ", "correlation "],
            .keys(["correlation", "correlation_score", "mean_score"], significantDigits: nil)),
        Rule(before: ["smallest corrected p "], .keys(["smallestP"])),
        Rule(before: ["interval "], .keys(["smallestPInterval", "alphaInterval"], significantDigits: 2)),
        Rule(
            before: [" to "], after: [")"],
            .keys(["smallestPInterval", "alphaInterval"], significantDigits: 2)),
        Rule(before: ["smallest possible p "], .keys(["smallestPossibleP"])),
        Rule(before: ["et-level p = ", "et-level p "], .keys(["setP"])),
        Rule(
            before: [
                "p ≤ ", "q ≤ ", "error of ", "error ", "rate of ", "rate ", "ncorrected p ", "controlled at ",
                "tests at ",
                "on its own at ", "thresholded at ", "at most ",
            ], .keys(level)),
        Rule(before: ["beyond "], after: [" in half"], .keys(["median"])),
        Rule(before: ["beyond "], after: [" in 95", " in "], .keys(["nearlyAll"])),
        Rule(before: ["is reached (", "where it reaches "], .keys(threshold.union(["negativeLog10Level"]))),
        Rule(
            before: [
                "≥ ", "formed at ", "threshold ", "extent at ", "mass at ", "(excess) at ", "(total) at ",
            ], .keys(threshold)),
    ]

    /// What the page's sentences say of every run.
    private static let definitions: [(before: String, text: String, after: String)] = [
        ("", "95", " % CI"), ("", "95", " % Monte-Carlo"), (" in ", "95", " % of"), ("MNI ", "152", ""),
        ("pulls its fit: ", "0", " to 1"), ("pulls its fit: 0 to ", "1", ", on average"), ("SHA-", "256", ""),
        ("other than ", "0", "?"), ("than ", "0", "?"), ("columns are ", "0", ""),
        (" is ", "0", " at every voxel"),
        ("blue below ", "0", ""), ("white at ", "0", ""), ("(n + ", "1", ")"), ("(b + ", "1", ")"),
        ("symmetric about ", "0", ""), ("p below ", "0.1", " from a "),
    ]
}
