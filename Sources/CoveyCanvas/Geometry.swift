/// A position on a canvas in points (1/72 inch), from its top left corner, y downward.
public struct Point: Sendable, Hashable {
    /// Points from the left edge.
    public var x: Double
    /// Points from the top edge.
    public var y: Double

    /// The position (x, y).
    public init(_ x: Double, _ y: Double) {
        self.x = x
        self.y = y
    }
}

/// An upright box on a canvas, in points.
public struct Rectangle: Sendable, Hashable {
    /// Points from the left edge of the canvas.
    public var x: Double
    /// Points from the top edge of the canvas.
    public var y: Double
    /// Extent to the right.
    public var width: Double
    /// Extent downward.
    public var height: Double

    /// The box whose top left corner is (x, y).
    public init(x: Double, y: Double, width: Double, height: Double) {
        self.x = x
        self.y = y
        self.width = width
        self.height = height
    }

    /// The right edge.
    public var maxX: Double { x + width }
    /// The bottom edge.
    public var maxY: Double { y + height }
    /// Halfway between the left and the right edge.
    public var midX: Double { x + width / 2 }
    /// Halfway between the top and the bottom edge.
    public var midY: Double { y + height / 2 }
}

/// A colour in sRGB with an opacity, every component from 0 to 1.
public struct Color: Sendable, Hashable, Codable {
    /// The red component.
    public var red: Double
    /// The green component.
    public var green: Double
    /// The blue component.
    public var blue: Double
    /// The opacity: 0 is invisible.
    public var alpha: Double

    /// A colour from its components.
    public init(red: Double, green: Double, blue: Double, alpha: Double = 1) {
        self.red = red
        self.green = green
        self.blue = blue
        self.alpha = alpha
    }

    /// A neutral colour: 0 is black, 1 white.
    public static func gray(_ level: Double, alpha: Double = 1) -> Color {
        Color(red: level, green: level, blue: level, alpha: alpha)
    }

    /// The colour of six hexadecimal digits, as `0xFF8000`.
    public init(hexadecimal: UInt32) {
        self.init(
            red: Double(hexadecimal >> 16 & 255) / 255, green: Double(hexadecimal >> 8 & 255) / 255,
            blue: Double(hexadecimal & 255) / 255)
    }

    /// The colour `fraction` of the way from this one to another.
    public func mixed(with other: Color, _ fraction: Double) -> Color {
        Color(
            red: red + (other.red - red) * fraction, green: green + (other.green - green) * fraction,
            blue: blue + (other.blue - blue) * fraction, alpha: alpha + (other.alpha - alpha) * fraction)
    }
}

/// Straight lines to be filled or stroked.
public struct Path: Sendable, Hashable {
    /// The corners, in order.
    public var points: [Point]
    /// Whether the last corner is joined to the first.
    public var isClosed: Bool

    /// A line through `points`.
    public init(_ points: [Point], isClosed: Bool = false) {
        self.points = points
        self.isClosed = isClosed
    }

    /// The outline of a box.
    public init(_ box: Rectangle) {
        self.init(
            [
                Point(box.x, box.y), Point(box.maxX, box.y), Point(box.maxX, box.maxY),
                Point(box.x, box.maxY),
            ], isClosed: true)
    }
}
