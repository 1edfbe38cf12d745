/// Why nothing could be drawn.
public enum CanvasError: Error, Sendable, Hashable {
    /// A page without extent, or with more than 32,767 pixels a side.
    case size(pixelsWide: Double, pixelsHigh: Double)
    /// Cairo's own status code and words.
    case cairo(status: Int, text: String)
}
