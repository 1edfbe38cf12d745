internal import CoveyFigures

/// The colour maps a reader of a report may choose from.
public enum ReportColors {
    /// For values of either sign: the default, safe for the colour-blind.
    public static let diverging = ColorMap.redBlue.rawValue
    /// For values of one sign, such as −log10 p.
    public static let sequential = ColorMap.viridis.rawValue

    /// The colour maps of the viewer, the default first.
    static let choices: [ColorMap] = [.redBlue, .viridis, .inferno, .magma, .plasma, .coldHot, .hot, .gray]

    /// What the viewer calls a colour map.
    static func name(_ map: ColorMap) -> String {
        switch map {
        case .redBlue: "blue to red"
        case .coldHot: "cyan to yellow (cold, hot)"
        case .hot: "black to white (hot)"
        case .gray: "grey"
        default: map.rawValue
        }
    }

    /// A colour map at 65 equal steps, six hexadecimal digits each.
    static func table(_ map: ColorMap) -> String {
        (0...64).map { step in
            let color = map.color(at: Double(step) / 64)
            return [color.red, color.green, color.blue].map { part in
                let byte = String(Int((part * 255).rounded()), radix: 16)
                return byte.count == 1 ? "0" + byte : byte
            }.joined()
        }.joined()
    }
}
