public import CoveyCore

/// What a report says, as plain values: every sentence, number and table of the page, and the names of the
/// images it shows.
///
/// Made from an analysis, kept as JSON beside its results, and rendered by ``HTMLReport``. The voxels
/// themselves travel in ``ReportImages``, since the result folder has them already. Texts are plain, never
/// HTML: the renderer escapes them.
public struct ReportContent: Codable, Sendable, Hashable {
    /// The version of this layout; content of a later one is refused.
    public static let currentVersion = 1
    /// The version the content was written with.
    public var version = ReportContent.currentVersion
    /// The page's title.
    public var title: String
    /// The program and its version.
    public var software: String
    /// What was analysed, in a sentence or two.
    public var overview: [String]
    /// The model.
    public var model: ReportModel
    /// Subjects left out, and why; empty where all were used.
    public var exclusions: [String]
    /// The design doctor's lines.
    public var doctor: [String]
    /// What should be known: assumptions, repairs.
    public var notes: [Note]
    /// One entry per contrast.
    public var contrasts: [ReportContrast]
    /// The methods section.
    public var methods: ReportMethods
    /// What the COBIDAS checklist asks about the model and the inference.
    public var items: [ReportItem]
    /// The anatomical image behind the maps; `nil`: the library's template.
    public var background: String?
    /// Subjects' values at every voxel, or at those that matter most, where they fit into the page.
    public var subjectValues: ReportSubjectValues?
    /// How each map compares with the others; `nil` where they were not compared.
    public var mapComparison: ReportTable?
    /// Maps that a person should look at, and why.
    public var looks: [String]?
    /// What is said under the cursor where there are no values.
    public var subjectsAbsence =
        "Subjects’ values are kept at the peaks only: all of them would not fit into this page."

    /// Content from its parts.
    public init(
        title: String, software: String, overview: [String], model: ReportModel, exclusions: [String],
        doctor: [String], notes: [Note], contrasts: [ReportContrast], methods: ReportMethods,
        items: [ReportItem], background: String? = nil, subjectValues: ReportSubjectValues? = nil
    ) {
        self.title = title
        self.software = software
        self.overview = overview
        self.model = model
        self.exclusions = exclusions
        self.doctor = doctor
        self.notes = notes
        self.contrasts = contrasts
        self.methods = methods
        self.items = items
        self.background = background
        self.subjectValues = subjectValues
    }
}

/// The model and what its design can tell apart.
public struct ReportModel: Codable, Sendable, Hashable {
    /// The formula, or the file of a ready design.
    public var formula: String
    /// The regressors' names.
    public var names: [String]
    /// Who the rows are.
    public var identifiers: [String]
    /// What a row is: `subjects`, or `maps` where subjects recur.
    public var rowNoun: String
    /// The design: subjects x regressors.
    public var matrix: Matrix
    /// Per regressor; `nil` where it is not defined.
    public var varianceInflation: [Double?]
    /// Per subject: the diagonal of the hat matrix; empty where the design differs by voxel.
    public var leverage: [Double]
    /// The leverage above which a subject is named.
    public var leverageLimit: Double
    /// The regressors that vary.
    public var correlatedNames: [String]
    /// Their correlations.
    public var correlations: Matrix
    /// What the numbers say, in a sentence: rank, degrees of freedom, condition number.
    public var remarks: [String]

    /// A model from its parts.
    ///
    /// - Precondition: one name and one inflation per column, one identifier and one leverage per row, or no
    ///   leverage at all.
    public init(
        formula: String, names: [String], identifiers: [String], rowNoun: String, matrix: Matrix,
        varianceInflation: [Double?], leverage: [Double], leverageLimit: Double, correlatedNames: [String],
        correlations: Matrix, remarks: [String]
    ) {
        precondition(names.count == matrix.columns && varianceInflation.count == matrix.columns)
        precondition(identifiers.count == matrix.rows)
        precondition(leverage.isEmpty || leverage.count == matrix.rows)
        precondition(correlations.rows == correlatedNames.count)
        self.formula = formula
        self.names = names
        self.identifiers = identifiers
        self.rowNoun = rowNoun
        self.matrix = matrix
        self.varianceInflation = varianceInflation
        self.leverage = leverage
        self.leverageLimit = leverageLimit
        self.correlatedNames = correlatedNames
        self.correlations = correlations
        self.remarks = remarks
    }
}

/// The methods section: paragraphs ready to be pasted, and what they cite.
public struct ReportMethods: Codable, Sendable, Hashable {
    /// The paragraphs; citations stand in them as "Author and Author, year".
    public var paragraphs: [String]
    /// The works cited, in alphabetical order.
    public var references: [String]

    /// Paragraphs and references.
    public init(paragraphs: [String], references: [String]) {
        self.paragraphs = paragraphs
        self.references = references
    }
}

/// One line of a reporting checklist, filled in.
public struct ReportItem: Codable, Sendable, Hashable {
    /// The part of the checklist.
    public var section: String
    /// What is asked.
    public var item: String
    /// The answer.
    public var answer: String

    /// An item and its answer.
    public init(_ section: String, _ item: String, _ answer: String) {
        self.section = section
        self.item = item
        self.answer = answer
    }
}

/// How the subjects' values are kept; their bytes are ``ReportImages/subjectValues``.
public struct ReportSubjectValues: Codable, Sendable, Hashable {
    /// The values are whole multiples of this, in the units of the maps.
    public var step: Double
    /// The file below the result folder.
    public var file: String
    /// The file that says at which voxels they are kept; `nil`: at all of them.
    public var voxels: String?
    /// Those are where a contrast's uncorrected p is at most this.
    public var level: Double?

    /// Values kept in a file as multiples of `step`.
    public init(step: Double, file: String, voxels: String? = nil, level: Double? = nil) {
        self.step = step
        self.file = file
        self.voxels = voxels
        self.level = level
    }
}
