/// What the values of an image are, by the NIfTI standard's list.
public struct NIfTIIntent: Sendable, Hashable {
    /// The standard's code.
    public let code: Int
    /// Up to three parameters, such as degrees of freedom.
    public let parameters: [Double]
    /// A name of at most 15 bytes.
    public let name: String

    /// An intent.
    public init(code: Int, parameters: [Double] = [], name: String = "") {
        precondition(parameters.count <= 3 && name.utf8.count <= 15)
        self.code = code
        self.parameters = parameters
        self.name = name
    }

    /// Nothing said.
    public static let none = NIfTIIntent(code: 0)

    /// A code in words; `nil` where the standard has none.
    public static func name(of code: Int) -> String? {
        switch code {
        case 2: "correlation"
        case 3: "Student's t (degrees of freedom)"
        case 4: "Fisher's F (degrees of freedom)"
        case 5: "z score"
        case 6: "chi-squared (degrees of freedom)"
        case 22: "p value"
        case 23: "ln p"
        case 24: "-log10 p"
        case 1001: "estimate"
        case 1002: "label"
        case 1003: "NeuroNames label"
        default: nil
        }
    }
}
