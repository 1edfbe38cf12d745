/// What is shuffled where the model has nuisance columns (Winkler et al. 2014, NeuroImage 92:381-397, table 2).
///
/// `P` is the shuffle, `R` the residual-forming matrix of the nuisance columns `Z`, `X` the tested columns.
public enum NuisanceMethod: String, Sendable, Codable, CaseIterable {
    /// Residuals on the nuisance columns: `P R Y = X b + Z g + e` (Freedman and Lane 1983). The default:
    /// nearly exact with any confound, and exact without.
    case freedmanLane = "freedman-lane"
    /// Residuals on the whole model, compared with the observed statistic (ter Braak 1992).
    case terBraak = "ter-braak"
    /// The tested columns: `Y = P X b + Z g + e` (Draper and Stoneman 1966).
    case draperStoneman = "draper-stoneman"
    /// The tested columns' residuals: `Y = P R X b + Z g + e` (Smith; orthogonalised regressors).
    case smith
    /// The data as they are: `P Y = X b + Z g + e` (Manly 1986). Wrong with a strong confound; for comparison.
    case manly

    /// Whether the columns of the design are shuffled rather than the data.
    public var shufflesColumns: Bool { self == .draperStoneman || self == .smith }

    /// Whether it matters how the model is split: not where the whole model's residuals or the data as they are move.
    public var dependsOnPartition: Bool { self != .terBraak && self != .manly }
}

/// How a model is split into tested and nuisance columns (Winkler et al. 2014, appendix A).
///
/// The splits differ where a contrast weights several columns, such as `a - b`: Guttman's nuisance columns are those
/// that it does not weight, the others' are all that it leaves free, `a + b` among them. The statistic is the same;
/// what is moved to make its null distribution is not. Beckmann's and Ridgway's span the same spaces and give the same
/// p-values here, where bases are orthonormal.
public enum PartitionMethod: String, Sendable, Codable, CaseIterable {
    /// The columns that the contrast weights, as they are (Guttman 1982). What the contrast leaves free among them is
    /// moved with the residuals, which is as wrong as Manly's method where it is strong.
    case guttman
    /// Tested columns orthogonal to the nuisance columns (Beckmann et al. 2001).
    case beckmann
    /// The same spaces by another route (Ridgway 2009).
    case ridgway
}
