/// A rectangle of pixels, rows from the top, each pixel red, green, blue and opacity from 0 to 255 (not
/// premultiplied).
public struct Picture: Sendable, Hashable {
    /// Pixels in a row.
    public let width: Int
    /// Number of rows.
    public let height: Int
    /// `0xAABBGGRR` per pixel: red in the lowest byte.
    public var pixels: [UInt32]

    /// A picture of `pixels`.
    ///
    /// - Precondition: `pixels.count == width * height`.
    public init(width: Int, height: Int, pixels: [UInt32]) {
        precondition(
            width > 0 && height > 0 && pixels.count == width * height,
            "\(pixels.count) pixels for a picture of \(width) x \(height)")
        self.width = width
        self.height = height
        self.pixels = pixels
    }

    /// A picture without anything in it: every pixel is invisible.
    public init(width: Int, height: Int) {
        self.init(width: width, height: height, pixels: [UInt32](repeating: 0, count: width * height))
    }

    /// The pixel of components from 0 to 255.
    @inlinable
    public static func pixel(red: UInt8, green: UInt8, blue: UInt8, alpha: UInt8 = 255) -> UInt32 {
        UInt32(red) | UInt32(green) << 8 | UInt32(blue) << 16 | UInt32(alpha) << 24
    }

    /// The pixel nearest to a colour.
    public static func pixel(_ color: Color) -> UInt32 {
        func byte(_ x: Double) -> UInt8 { UInt8((min(max(x, 0), 1) * 255).rounded()) }
        return pixel(
            red: byte(color.red), green: byte(color.green), blue: byte(color.blue), alpha: byte(color.alpha))
    }
}
