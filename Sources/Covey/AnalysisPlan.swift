public import CoveyInference
public import CoveyModel

/// One group analysis, whole: what is read, fitted, tested, drawn and written, and nothing about the machine
/// it runs on.
///
/// The command's flags build one, a JSON file is one, and a script writes one. The same plan on the same data
/// gives the same bits. Threads and memory are options of the run (``RunOptions``), since they may not change
/// a result.
public struct AnalysisPlan: Codable, Sendable, Hashable {
    /// The version of this layout; a plan of a later one is refused.
    public static let currentVersion = 1
    /// The version the plan was written with.
    public var version = AnalysisPlan.currentVersion
    /// The maps and the table.
    public var data: DataSource
    /// The model.
    public var model: ModelSource
    /// What is tested, in the order of the results: expressions such as `fluency`, `a - 0.5*b - 0.5*c`,
    /// `[0, 1]`, `F: a; b`, each optionally named as in `Slope = fluency`.
    public var contrasts: [String]
    /// Which statistics count against the null, for every t contrast.
    public var tail: Tail
    /// Which voxels are tested.
    public var mask = MaskChoice.automatic
    /// How the maps are smoothed; `nil`: not at all.
    public var smoothing: SmoothingChoice?
    /// Parametric thresholds.
    public var thresholds = ThresholdChoice()
    /// The permutation test; `nil`: none.
    public var permutation: PermutationChoice?
    /// Which rows are exchanged with which; `nil`: every row with every other, or, where subjects recur, the maps of
    /// each subject.
    public var blocks: BlockChoice?
    /// A statistic other than plain t or F; `nil`: none.
    public var variant: StatisticVariant?
    /// The error rate of all bounds on true discoveries together; `nil`: the level of the permutation test, 0.05
    /// where there is none.
    public var boundsAlpha: Double?
    /// The smallest effect of interest, in units of the effect: where it is ruled out is tested; `nil`: none.
    public var smallestEffect: Double?
    /// Random field theory; `nil`: none.
    public var randomField: RandomFieldChoice?
    /// The figures; `nil`: none.
    public var figures: FigureChoice? = FigureChoice()
    /// How clusters are formed and listed.
    public var clusters = ClusterChoice()
    /// What is written outside the mask.
    public var outside = OutsideChoice.nan
    /// Whether the coefficients and the residual variance are written, for contrasts to come.
    public var savesModel = false
    /// The report; `nil`: none.
    public var report: ReportChoice? = ReportChoice()

    /// A plan from its necessary parts; everything else keeps its default and can be set.
    public init(data: DataSource, model: ModelSource, contrasts: [String], tail: Tail) {
        self.data = data
        self.model = model
        self.contrasts = contrasts
        self.tail = tail
    }
}

extension AnalysisPlan {
    /// Where the maps and the subjects' variables come from.
    public struct DataSource: Codable, Sendable, Hashable {
        /// A TSV or CSV file with one row per subject; paths in it are relative to its folder.
        public var table: String?
        /// The column of identifiers; `nil`: `participant_id`, `subject_label` or `subject`.
        public var identifierColumn: String?
        /// The column of map paths; `nil`: `map`, `effects_map_path` or `path`.
        public var mapColumn: String?
        /// The column of subjects who recur, one row per map; `nil`: every row is another subject.
        public var repeated: String?
        /// A shell pattern for the maps, joined to the table by the `sub-XX` in their names.
        public var mapPattern: String?
        /// A text file with one path per row of the design, relative to its folder.
        public var mapList: String?
        /// A 4-D image whose volumes are the rows of the table, in order.
        public var image4D: String?
        /// New names for columns, from old to new.
        public var renamed: [String: String] = [:]
        /// Whether subjects who miss a value the model needs are left out, rather than refused.
        public var dropsMissing = false
        /// How ANALYZE images, which have no reliable left and right, are read.
        public var analyzeOrientation = AnalyzeChoice.mirrored
        /// What happens to maps on another grid than the first.
        public var resampling = ResamplingChoice.refuse
        /// Whether an exact 0 is a value or the absence of one.
        public var zeros = ZeroChoice.automatic

        /// An empty source, to be filled in.
        public init() {}

        /// A table that names its maps.
        public init(table: String?) { self.table = table }
    }

    /// How ANALYZE images are read.
    public enum AnalyzeChoice: String, Codable, Sendable, CaseIterable {
        /// First axis towards the subject's left, as SPM and nibabel read them.
        case mirrored
        /// First axis towards the subject's right.
        case plain
    }

    /// What happens to maps whose grid differs from the first map's.
    public enum ResamplingChoice: String, Codable, Sendable, CaseIterable {
        /// They are refused, by name.
        case refuse
        /// Trilinear interpolation onto the first map's grid.
        case linear
        /// Nearest neighbour onto the first map's grid.
        case nearest
    }

    /// Whether an exact 0 counts as a missing value.
    public enum ZeroChoice: String, Codable, Sendable, CaseIterable {
        /// It does in maps that use 0 for their background.
        case automatic
        /// It is a value like any other.
        case data
        /// It is always the absence of a value.
        case missing
    }

    /// Where the design comes from.
    public enum ModelSource: Codable, Sendable, Hashable {
        /// A Wilkinson formula over the table's columns.
        case formula(text: String, coding: FactorCoding, centring: Centring)
        /// A TSV file with one column per regressor and one row per map.
        case designTable(path: String)
        /// An FSL VEST design matrix.
        case vest(path: String)
    }

    /// Which voxels are tested.
    public enum MaskChoice: Codable, Sendable, Hashable {
        /// Voxels with a value in every map, where 0 is no value in maps with a background of 0.
        case automatic
        /// Voxels that are finite in every map.
        case finite
        /// The voxels above 0 of an image on the same grid.
        case image(path: String)
    }

    /// Gaussian smoothing of every map.
    public struct SmoothingChoice: Codable, Sendable, Hashable {
        /// Full width at half maximum along x, y and z, in mm.
        public var fwhmMillimeters: [Double]
        /// Whether the kernel is renormalised where it reaches past the data.
        public var normalisesEdges = false

        /// Smoothing of the given width.
        public init(fwhmMillimeters: [Double]) { self.fwhmMillimeters = fwhmMillimeters }
    }

    /// Parametric thresholds to report and to write maps for.
    public struct ThresholdChoice: Codable, Sendable, Hashable {
        /// False discovery rate by Benjamini and Hochberg.
        public var falseDiscoveryRate: Double?
        /// False discovery rate by Benjamini, Krieger and Yekutieli.
        public var adaptiveFalseDiscoveryRate: Double?
        /// Family-wise error by Bonferroni.
        public var bonferroni: Double?
        /// Uncorrected p.
        public var uncorrected: Double?

        /// No thresholds.
        public init() {}
    }

    /// The permutation test.
    public struct PermutationChoice: Codable, Sendable, Hashable {
        /// Random shuffles besides the identity.
        public var count: Int
        /// What is shuffled; `nil`: by the rule of ``ExchangeScheme`` for each contrast.
        public var exchange: ExchangeScheme?
        /// The seed.
        public var seed: UInt64
        /// The level at which voxels are called significant.
        public var alpha = 0.05
        /// A file of shuffles, one a row, to use instead of drawn ones.
        public var shufflesFrom: String?
        /// What the rows of that file say.
        public var convention = ShuffleFile.Convention.design
        /// What is compared besides the statistic of every voxel; `nil`: nothing.
        public var comparison: Comparison?
        /// What is shuffled where there are nuisance columns; `nil`: residuals, by Freedman and Lane.
        public var method: NuisanceMethod?
        /// How the model is split for the method of Draper and Stoneman; `nil`: by Ridgway.
        public var split: PartitionMethod?
        /// The scale that is compared; `nil`: that of the statistic.
        public var scale: Scale?
        /// Whether p is also corrected for all contrasts together.
        public var correctsAcrossContrasts: Bool?

        /// The method in effect.
        var nuisanceMethod: NuisanceMethod { method ?? .freedmanLane }
        /// The split in effect.
        var partitionMethod: PartitionMethod { split ?? .ridgway }

        /// The scale on which values are compared, clusters formed and TFCE integrated.
        public enum Scale: String, Codable, Sendable, CaseIterable {
            /// t or F, as they are.
            case statistic
            /// The standard normal deviate of the same tail area: one scale for every degree of freedom.
            case z
        }

        /// How the tail of the maxima is told besides by counting; `nil`: by counting alone.
        public var tailFit: TailMethod?
        /// Whether the test ends when no decision at `alpha` can change any more.
        public var stopsEarly: Bool?
        /// Uncorrected p by Besag and Clifford: each voxel stops at this many shuffles that reach it.
        public var sequentialTarget: Int?

        /// Bounds on true discoveries that the shuffles calibrate; `nil`: none. Where they are asked for they come
        /// first, before those of all-resolutions inference.
        public var calibratedBounds: CalibratedBoundsChoice?

        /// The template that the shuffles calibrate, see ``PermutationCalibration``.
        public struct CalibratedBoundsChoice: Codable, Sendable, Hashable {
            /// Its number of thresholds K, at most the number of voxels tested.
            public var templateSize: Int

            /// The 1000 smallest p-values of each map: the size that Blain, Thirion and Neuvial (2022,
            /// NeuroImage 260:119492) recommend for whole-brain maps. It spends nothing on p-values that no
            /// region anyone would report rests on.
            public static let usualTemplateSize = 1000

            /// A template of the given size.
            public init(templateSize: Int = Self.usualTemplateSize) { self.templateSize = templateSize }
        }

        /// Clusters and TFCE.
        public struct Comparison: Codable, Sendable, Hashable {
            /// Threshold-free cluster enhancement; `nil`: none.
            public var tfce: TFCE?
            /// Thresholds that form clusters.
            public var formingThresholds: [FormingRule] = []
            /// Whether clusters are compared by their number of voxels.
            public var extent = true
            /// How the mass of clusters is measured; `nil`: masses are not compared.
            public var mass: InferenceChoice.ClusterMass? = .excess

            /// Nothing, to be added to.
            public init() {}
        }

        /// A threshold that forms clusters.
        public enum FormingRule: Codable, Sendable, Hashable {
            /// A height of the statistic.
            case height(Double)
            /// An uncorrected p in the test's tail, converted for each statistic.
            case p(Double)
        }

        /// A test with `count` shuffles.
        public init(count: Int, exchange: ExchangeScheme?, seed: UInt64) {
            self.count = count
            self.exchange = exchange
            self.seed = seed
        }
    }

    /// The figures.
    public struct FigureChoice: Codable, Sendable, Hashable {
        /// Where the slices cut, x, y, z in mm; `nil`: at the peak.
        public var cutsMillimeters: [Double]?
        /// File formats.
        public var formats: [Format] = [.png]
        /// The image behind; `nil`: the template.
        public var background: String?
        /// What is drawn of each map; `nil`: orthogonal slices alone.
        public var views: [View]?

        /// Views of a map.
        public enum View: String, Codable, Sendable, CaseIterable {
            /// One sagittal, one coronal and one axial slice.
            case ortho
            /// A row of axial slices.
            case row
            /// A row of slices along each axis.
            case mosaic
            /// The value of greatest size along each line of sight.
            case glass
        }

        /// File formats of figures.
        public enum Format: String, Codable, Sendable, CaseIterable {
            /// Pixels.
            case png
            /// Vectors.
            case svg
            /// Vectors.
            case pdf
        }

        /// Orthogonal slices at the peak, as PNG.
        public init() {}
    }

    /// p-values of peaks, clusters and their number from random field theory, for plain t and F.
    public struct RandomFieldChoice: Codable, Sendable, Hashable {
        /// The family-wise level of peaks.
        public var alpha: Double

        /// Random field theory at a family-wise level.
        public init(alpha: Double) { self.alpha = alpha }
    }

    /// The report.
    public struct ReportChoice: Codable, Sendable, Hashable {
        /// Its title; `nil`: made of the contrasts' names.
        public var title: String?

        /// A report under the usual title.
        public init() {}
    }

    /// How clusters are formed and listed.
    public struct ClusterChoice: Codable, Sendable, Hashable {
        /// Which voxels are neighbours: 6, 18 or 26.
        public var connectivity = 26
        /// Clusters of fewer voxels are dropped.
        public var minimumExtent = 0
        /// Forming threshold on the statistic; `nil`: the strictest corrected threshold that was asked for.
        public var threshold: Double?
        /// The largest number of peaks listed of a cluster besides the first; `nil`: 3.
        public var subpeakLimit: Int?
        /// The smallest distance in mm between two peaks of a cluster; `nil`: 8.
        public var peakDistanceMillimeters: Double?
        /// Labelled images that name the peaks and the parts of clusters; `nil`: none.
        public var atlases: [AtlasChoice]?

        /// Neighbours by faces, edges and corners, no minimum extent.
        public init() {}
    }

    /// A labelled image, such as an anatomical atlas.
    public struct AtlasChoice: Codable, Sendable, Hashable {
        /// The image: whole numbers, 0 where there is no label.
        public var image: String
        /// The names of the labels; `nil`: the file beside the image that goes by its name.
        public var table: String?
        /// What to cite for it; `nil`: what is known of it.
        public var citation: String?

        /// An image with the table beside it.
        public init(image: String, table: String? = nil, citation: String? = nil) {
            self.image = image
            self.table = table
            self.citation = citation
        }
    }

    /// What stands outside the mask in written maps.
    public enum OutsideChoice: String, Codable, Sendable, CaseIterable {
        /// Not a number: nothing was tested here.
        case nan
        /// 0, for software that cannot show NaN.
        case zero
    }
}
