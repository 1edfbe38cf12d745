/// What a diagnosis has to know of a test by shuffles besides their kind and number, to say what is done and no more.
public struct ShuffledTest: Sendable, Hashable {
    /// What changes places or signs in the presence of other columns.
    public enum Moved: Sendable, Hashable {
        /// The maps' residuals on the other columns (Freedman and Lane).
        case residuals
        /// The maps' residuals on the whole model (ter Braak).
        case modelResiduals
        /// The tested regressors (Draper and Stoneman).
        case regressors
        /// The tested regressors' residuals on the other columns (Smith).
        case regressorResiduals
        /// The maps as they are (Manly).
        case maps
    }

    /// Shuffles that a file lists.
    public struct Listed: Sendable, Hashable {
        /// How many, the identity included.
        public let count: Int
        /// What they do.
        public let scheme: ExchangeScheme
        /// For each row the number of its set: rows of different sets never change places.
        public let sets: [Int]

        /// So many shuffles of a kind.
        public init(count: Int, scheme: ExchangeScheme, sets: [Int]) {
            self.count = count
            self.scheme = scheme
            self.sets = sets
        }
    }

    /// The level of the test.
    public var alpha = 0.05
    /// What is moved.
    public var moved = Moved.residuals
    /// The shuffles that are used instead of drawn ones; `nil`: none.
    public var listed: Listed?

    /// Whether fewer shuffles than planned may do.
    public var stopsEarly = false

    /// The residuals of Freedman and Lane, at 0.05.
    public init() {}
}

extension ShuffledTest.Moved {
    /// What is moved, of one subject.
    ///
    /// - Parameter isAlone: whether no other column is in the model.
    func words(isAlone: Bool) -> String {
        switch self {
        case .residuals: isAlone ? "map" : "residual map"
        case .modelResiduals: "residual map of the whole model"
        case .regressors: "row of the tested regressors"
        case .regressorResiduals: "row of the tested regressors' residuals"
        case .maps: "map"
        }
    }

    /// The same, of many.
    func plural(isAlone: Bool) -> String {
        switch self {
        case .residuals: isAlone ? "maps" : "residual maps"
        case .modelResiduals: "residual maps of the whole model"
        case .regressors: "rows of the tested regressors"
        case .regressorResiduals: "rows of the tested regressors' residuals"
        case .maps: "maps"
        }
    }

    /// What must hold besides where there are other columns.
    var assumption: String {
        switch self {
        case .residuals:
            "residuals given the other columns stand for the errors (Freedman-Lane: exact in large samples)"
        case .modelResiduals:
            "residuals of the whole model stand for the errors (ter Braak: right in large samples)"
        case .regressors:
            "it does no harm that shuffles break the relation between the tested regressors and the other columns (Draper and Stoneman)"
        case .regressorResiduals:
            "the tested regressors' residuals on the other columns may change places (Smith: right in large samples)"
        case .maps:
            "the other columns explain little of the maps (Manly: wrong with a strong confound)"
        }
    }
}
