public import CoveyCore

/// What a report says of one contrast.
public struct ReportContrast: Codable, Sendable, Hashable {
    /// Its name, for headings.
    public var name: String
    /// Its name in files.
    public var label: String
    /// Its weights: rows x regressors.
    public var weights: Matrix
    /// The answer in one sentence.
    public var answer: String
    /// What else is to be said of it: null hypothesis, thresholds, remarks.
    public var remarks: [String]
    /// The maps of the viewer; the first is the one that was tested.
    public var maps: [ReportMap]
    /// The map that the viewer shows at the beginning, by its file; `nil`: the first.
    public var opening: String?
    /// Where the viewer begins, in mm.
    public var start: [Double]
    /// Figures for print.
    public var figures: [ReportFigure]
    /// Clusters, peaks, and any other table.
    public var tables: [ReportTable]
    /// How subjects' values are plotted against the contrast.
    public var scatter: ReportScatter
    /// Subjects' values at single voxels.
    public var places: [ReportPlace]
    /// Lower bounds on true discoveries, for whatever set of voxels a reader chooses; `nil`: none.
    public var bounds: ReportBounds?
    /// What single subjects do to its peaks; `nil` where that is not told.
    public var influence: ReportInfluence?

    /// A contrast from its parts.
    ///
    /// - Precondition: there is at least one map, and `start` has three coordinates.
    public init(
        name: String, label: String, weights: Matrix, answer: String, remarks: [String], maps: [ReportMap],
        start: [Double], figures: [ReportFigure], tables: [ReportTable], scatter: ReportScatter,
        places: [ReportPlace], bounds: ReportBounds? = nil, influence: ReportInfluence? = nil
    ) {
        precondition(!maps.isEmpty && start.count == 3)
        self.name = name
        self.label = label
        self.weights = weights
        self.answer = answer
        self.remarks = remarks
        self.maps = maps
        self.start = start
        self.figures = figures
        self.tables = tables
        self.scatter = scatter
        self.places = places
        self.bounds = bounds
        self.influence = influence
    }
}

/// Bounds on true discoveries that hold for all sets of voxels together.
public struct ReportBounds: Codable, Sendable, Hashable {
    /// What they come from: "all-resolutions inference".
    public var method: String
    /// The error rate of all of them together.
    public var alpha: Double
    /// Which voxels of a threshold's survivors hang together: 6, 18 or 26.
    public var connectivity: Int
    /// The packed steps (``BoundSteps``) below the result folder; also the key of ``ReportImages/steps``.
    public var file: String

    /// Bounds by a method.
    public init(method: String, alpha: Double, connectivity: Int, file: String) {
        self.method = method
        self.alpha = alpha
        self.connectivity = connectivity
        self.file = file
    }
}

/// A map that the viewer shows and whose value it tells under the cursor.
public struct ReportMap: Codable, Sendable, Hashable {
    /// How exactly the page keeps the map's values.
    public enum Precision: String, Codable, Sendable {
        /// In single precision, as the NIfTI file has them.
        case exact
        /// In single precision less its last 8 bits: a relative error of 2^-16 at most.
        case relative
        /// Within a 32,767th of the greatest magnitude, but never rounded across a marked threshold.
        case rounded
    }

    /// Which values count against the null hypothesis.
    public enum Side: String, Codable, Sendable {
        /// Large positive ones.
        case greater
        /// Large negative ones.
        case less
        /// Large ones of either sign.
        case both
    }

    /// What the numbers are: "t (28)", "−log₁₀ p (FWE)".
    public var name: String
    /// The NIfTI file below the result folder; also the key of ``ReportImages/maps``.
    public var file: String
    /// Whether the numbers are −log10 p, so that p is told beside them.
    public var isNegativeLog10: Bool
    /// How exactly the values are kept.
    public var precision: Precision
    /// Which values count.
    public var side: Side
    /// The colour map the viewer begins with, by ``ReportColors`` name.
    public var colorMap: String
    /// The threshold the viewer begins with; 0: everything is shown.
    public var threshold: Double
    /// Thresholds marked on the slider.
    public var marks: [ReportMark]

    /// A map.
    public init(
        name: String, file: String, isNegativeLog10: Bool = false, precision: Precision, side: Side,
        colorMap: String, threshold: Double = 0, marks: [ReportMark] = []
    ) {
        self.name = name
        self.file = file
        self.isNegativeLog10 = isNegativeLog10
        self.precision = precision
        self.side = side
        self.colorMap = colorMap
        self.threshold = threshold
        self.marks = marks
    }
}

/// A threshold with a meaning.
public struct ReportMark: Codable, Sendable, Hashable {
    /// The value that must be reached, on the scale of its map; positive on either side.
    public var value: Double
    /// What it controls: "FDR q ≤ .05".
    public var name: String
    /// Whether it is corrected for the number of tests.
    public var isCorrected: Bool

    /// A threshold.
    public init(value: Double, name: String, isCorrected: Bool) {
        self.value = value
        self.name = name
        self.isCorrected = isCorrected
    }
}

/// A figure for print.
public struct ReportFigure: Codable, Sendable, Hashable {
    /// Its name; the key of ``ReportImages/figures``.
    public var name: String
    /// The map it shows, by its file.
    public var map: String
    /// Which sign of the map's values it shows.
    public var side: ReportMap.Side
    /// Values of this magnitude and above are drawn in full.
    public var threshold: Double
    /// Its title.
    public var title: String
    /// The words beside its colour bar.
    public var label: String
    /// Whether the colours begin at the threshold, as for −log10 p.
    public var isSequential: Bool
    /// Where the slices cut, in mm; `nil`: at the peak.
    public var cutsMillimeters: [Double]?
    /// Whether it is a glass brain instead of slices; `nil`: it is not.
    public var isGlass: Bool?
    /// What it shows, for those who cannot see it.
    public var alternative: String

    /// A figure.
    public init(
        name: String, map: String, side: ReportMap.Side, threshold: Double, title: String, label: String,
        isSequential: Bool, cutsMillimeters: [Double]?, isGlass: Bool? = nil, alternative: String
    ) {
        self.isGlass = isGlass
        self.name = name
        self.map = map
        self.side = side
        self.threshold = threshold
        self.title = title
        self.label = label
        self.isSequential = isSequential
        self.cutsMillimeters = cutsMillimeters
        self.alternative = alternative
    }
}

/// A table whose rows may stand for places in the brain.
public struct ReportTable: Codable, Sendable, Hashable {
    /// A row.
    public struct Row: Codable, Sendable, Hashable {
        /// One text per column; empty where there is nothing to say.
        public var cells: [String]
        /// Where the viewer goes when the row is chosen, in mm; `nil`: nowhere.
        public var place: [Double]?
        /// Whether the row belongs to the one above it, as a subpeak does to its cluster.
        public var isSubordinate: Bool

        /// A row.
        public init(_ cells: [String], place: [Double]? = nil, isSubordinate: Bool = false) {
            self.cells = cells
            self.place = place
            self.isSubordinate = isSubordinate
        }
    }

    /// The title.
    public var title: String
    /// What the columns mean and how the rows came about.
    public var caption: String
    /// The columns' names.
    public var columns: [String]
    /// The rows.
    public var rows: [Row]
    /// The same table as a file below the result folder; `nil` where there is none.
    public var file: String?
    /// The columns that are seen first, where there are too many to be read side by side; `nil`: all.
    public var chosenColumns: [Int]?

    /// A table.
    ///
    /// - Precondition: every row has one cell per column.
    public init(
        title: String, caption: String, columns: [String], rows: [Row], file: String? = nil,
        chosenColumns: [Int]? = nil
    ) {
        precondition(rows.allSatisfy { $0.cells.count == columns.count }, "a row of another width")
        self.title = title
        self.caption = caption
        self.columns = columns
        self.rows = rows
        self.file = file
        self.chosenColumns = chosenColumns
    }
}
