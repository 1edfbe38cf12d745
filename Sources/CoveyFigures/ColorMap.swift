public import CoveyCanvas

/// How numbers become colours.
///
/// The raw values are the names that other software of the field uses.
public enum ColorMap: String, Sendable, Codable, CaseIterable {
    /// Blue, white, red: for values of either sign.
    case redBlue = "RdBu_r"
    /// Cyan, blue, black, red, yellow: for values of either sign.
    case coldHot = "cold_hot"
    /// Black, violet, orange, yellow; perceptually even.
    case inferno
    /// Black, violet, rose, cream; perceptually even.
    case magma
    /// Blue, violet, orange, yellow; perceptually even.
    case plasma
    /// Violet, green, yellow; perceptually even.
    case viridis
    /// Black, red, yellow, white.
    case hot
    /// Black to white.
    case gray

    /// Whether the middle of the map stands for zero, so that a symmetric range belongs to it.
    public var isDiverging: Bool { self == .redBlue || self == .coldHot }

    /// The colour at `fraction` of the way from the lower to the upper end; beyond them, the end's own.
    public func color(at fraction: Double) -> Color {
        let x = min(max(fraction, 0), 1)
        switch self {
        case .gray: return .gray(x)
        case .hot: return Self.heat(x)
        case .coldHot:
            let color = Self.heat(0.9 * abs(2 * x - 1))
            return x < 0.5 ? Color(red: color.blue, green: color.green, blue: color.red) : color
        case .redBlue: return Self.interpolate(Self.redBluePoints, x)
        case .inferno: return Self.interpolate(Self.infernoPoints, x)
        case .magma: return Self.interpolate(Self.magmaPoints, x)
        case .plasma: return Self.interpolate(Self.plasmaPoints, x)
        case .viridis: return Self.interpolate(Self.viridisPoints, x)
        }
    }

    /// `count` pixels at equal steps from the lower to the upper end.
    func pixels(_ count: Int) -> [UInt32] {
        (0..<count).map { Picture.pixel(color(at: Double($0) / Double(count - 1))) }
    }

    /// Red, then green, then blue rise, one after the other, over about a third of the way each.
    private static func heat(_ x: Double) -> Color {
        func rise(_ start: Double, _ end: Double) -> Double { min(max((x - start) / (end - start), 0), 1) }
        return Color(
            red: 0.04 + 0.96 * rise(0, 0.365), green: rise(0.365, 0.746), blue: rise(0.746, 1))
    }

    private static let redBluePoints = points(ColorTables.redBlue)
    private static let infernoPoints = points(ColorTables.inferno)
    private static let magmaPoints = points(ColorTables.magma)
    private static let plasmaPoints = points(ColorTables.plasma)
    private static let viridisPoints = points(ColorTables.viridis)

    private static func points(_ table: String) -> [Color] {
        let digits = Array(table)
        return stride(from: 0, to: digits.count, by: 6).map {
            Color(hexadecimal: UInt32(String(digits[$0..<($0 + 6)]), radix: 16)!)
        }
    }

    private static func interpolate(_ points: [Color], _ x: Double) -> Color {
        let position = x * Double(points.count - 1)
        let index = min(Int(position), points.count - 2)
        return points[index].mixed(with: points[index + 1], position - Double(index))
    }
}
