import CoveyCanvas
import Foundation
import Testing

@testable import CoveyFigures

/// A colour in CIELAB, under daylight (D65).
private struct Lab {
    let lightness, a, b: Double

    /// - Parameter linear: red, green and blue of sRGB without its transfer curve.
    init(linear rgb: [Double]) {
        // IEC 61966-2-1, divided by the white point.
        let rows = [
            [0.4124564, 0.3575761, 0.1804375], [0.2126729, 0.7151522, 0.0721750],
            [0.0193339, 0.1191920, 0.9503041],
        ]
        let white = [0.95047, 1, 1.08883]
        let f = zip(rows, white).map { row, white -> Double in
            let value = max(0, zip(row, rgb).reduce(0) { $0 + $1.0 * $1.1 }) / white
            return value > 216 / 24389.0 ? cbrt(value) : (24389 / 27.0 * value + 16) / 116
        }
        (lightness, a, b) = (116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2]))
    }

    /// Delta E of 1976: 2 is just noticed side by side.
    func distance(_ other: Lab) -> Double {
        let (x, y, z) = (lightness - other.lightness, a - other.a, b - other.b)
        return (x * x + y * y + z * z).squareRoot()
    }
}

@Suite("Colours for every eye")
struct ColorVisionTests {
    private func linear(_ color: Color) -> [Double] {
        [color.red, color.green, color.blue].map {
            $0 <= 0.04045 ? $0 / 12.92 : pow(($0 + 0.055) / 1.055, 2.4)
        }
    }

    private func lab(_ map: ColorMap, _ x: Double) -> Lab { Lab(linear: linear(map.color(at: x))) }

    /// Colours as those see them who lack a kind of cone: Machado, Oliveira and Fernandes (2009), IEEE Transactions on
    /// Visualization and Computer Graphics 15:1291-1298, severity 1.
    enum Vision: CaseIterable {
        case protanopia, deuteranopia

        var rows: [[Double]] {
            switch self {
            case .protanopia:
                [
                    [0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216],
                    [-0.003882, -0.048116, 1.051998],
                ]
            case .deuteranopia:
                [
                    [0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413],
                    [-0.011820, 0.042940, 0.968881],
                ]
            }
        }
    }

    @Test("the default map darkens evenly to either side of its middle")
    func diverging() {
        let steps = (0...64).map { lab(.redBlue, 0.5 + Double($0) / 128).lightness }
        let others = (0...64).map { lab(.redBlue, 0.5 - Double($0) / 128).lightness }
        for side in [steps, others] {
            for (lighter, darker) in zip(side, side.dropFirst()) { #expect(darker < lighter + 1e-9) }
        }
        // Equal sizes of opposite sign are about as dark: within 8 of 100.
        for (positive, negative) in zip(steps, others) { #expect(abs(positive - negative) < 8) }
    }

    @Test(
        "the sequential maps lighten or darken all the way",
        arguments: [ColorMap.viridis, .inferno, .magma, .plasma, .hot, .gray])
    func sequential(map: ColorMap) {
        let lightness = (0...128).map { lab(map, Double($0) / 128).lightness }
        for (darker, lighter) in zip(lightness, lightness.dropFirst()) { #expect(lighter > darker - 0.3) }
        #expect(lightness[128] - lightness[0] > 60)
    }

    @Test("signs stay apart for those who lack a kind of cone", arguments: Vision.allCases)
    func deficient(vision: Vision) {
        func seen(_ x: Double) -> Lab {
            let rgb = linear(ColorMap.redBlue.color(at: x))
            return Lab(
                linear: vision.rows.map { row in min(1, max(0, zip(row, rgb).reduce(0) { $0 + $1.0 * $1.1 }))
                })
        }
        // From a quarter of the range on, ten times what is just noticed.
        for k in 8...32 {
            let x = Double(k) / 64
            #expect(seen(0.5 + x).distance(seen(0.5 - x)) > 20, "at \(x)")
        }
    }
}
