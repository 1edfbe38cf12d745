import CCoveyKernels

/// The high scores of a block of voxels, with room for all of them.
///
/// Those of one shuffle stand in the order of their voxels.
public struct KeptScores: Sendable {
    /// Scores of at least so much are kept, two-sided those of at least such a size.
    public let least: Double
    /// How many there are.
    public private(set) var count = 0
    /// The shuffle of each; the first ``count`` entries.
    public private(set) var shuffles: [Int32]
    /// The voxel of each within the block.
    public private(set) var columns: [Int32]
    /// Each score, with its sign.
    public private(set) var scores: [Double]

    /// Room for the scores of blocks of at most so many panels.
    public init(least: Double, panels: Int, shuffles: Int) {
        let places = Self.places(panels: panels, shuffles: shuffles)
        self.least = least
        self.shuffles = [Int32](repeating: 0, count: places)
        columns = self.shuffles
        scores = [Double](repeating: 0, count: places)
    }

    /// Bytes of such room.
    public static func bytes(panels: Int, shuffles: Int) -> Int {
        places(panels: panels, shuffles: shuffles) * 16
    }

    private static func places(panels: Int, shuffles: Int) -> Int {
        ShuffledRows.tiles(for: shuffles) * ShuffledRows.tile * panels * Panel.width
    }

    /// Lends the room to the kernel.
    mutating func lend(panels: Int, tiles: Int, _ body: (UnsafeMutablePointer<covey_kept>) -> Void) {
        precondition(tiles * ShuffledRows.tile * panels * Panel.width <= scores.count)
        var kept = unsafe covey_kept()
        unsafe kept.least = least
        unsafe shuffles.withUnsafeMutableBufferPointer { shuffles in
            unsafe columns.withUnsafeMutableBufferPointer { columns in
                unsafe scores.withUnsafeMutableBufferPointer { scores in
                    unsafe kept.shuffle = shuffles.baseAddress
                    unsafe kept.column = columns.baseAddress
                    unsafe kept.score = scores.baseAddress
                    unsafe withUnsafeMutablePointer(to: &kept) { unsafe body($0) }
                }
            }
        }
        count = unsafe kept.count
    }
}
