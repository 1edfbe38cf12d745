import CCoveyKernels

/// Shuffled rows in single precision, with how far their projections may be off: what decides nearly every
/// comparison of a score with a threshold or a maximum at half the cost of double precision.
///
/// A projection of a voxel's unit-length data of `n` subjects on a row of length at most `R`, computed in floats
/// with any rounding of each step, differs from the same in doubles by at most
///
///     error = 1.01 ((n + 8) 2^-24 + n 2^-52) R
///
/// (Higham 2002, Accuracy and Stability of Numerical Algorithms, section 3.1). Comparisons within that distance
/// are settled in double precision, so that counts and maxima are those of double precision to the bit.
public struct RowScreen: Sendable {
    /// With more, so many comparisons would be settled in double that little would be gained.
    public static let mostSubjects = 1024

    let elements: [Float]
    let error: Float
    private let rounding: Float
    private let slope: Float

    /// The screen of some rows; `nil` where there are so many subjects that nothing is gained.
    public init?(_ rows: ShuffledRows) {
        guard rows.subjects <= Self.mostSubjects else { return nil }
        var length = 0.0
        elements = unsafe [Float](unsafeUninitializedCapacity: rows.elements.count) { buffer, count in
            unsafe ScoreKernel.run([], 0, rows, false, .best) { block in
                length = unsafe covey_screen_rows(&block, buffer.baseAddress)
            }
            count = rows.elements.count
        }
        let n = Double(rows.subjects)
        error = Float(1.01 * length * ((n + 8) * 0x1p-24 + n * 0x1p-52))
        rounding = Float(2 * (rows.tested + rows.nuisance) + 10) * 0x1p-24
        let m = Float(rows.nuisance)
        slope = 2.02 * error * (m.squareRoot() * Float(max(length, 1)) + m * error) + rounding
    }

    /// Bytes that a thread works in, for blocks of at most `panels` panels.
    public static func workBytes(panels: Int, subjects: Int, shuffles: Int) -> Int {
        (panels + 1) / 2 * Int(COVEY_SCREEN_PANEL) * (subjects + 3) * 4
            + ShuffledRows.tiles(for: shuffles) * ShuffledRows.tile * 12
    }

    /// Scores the block, whose rows are those of this screen.
    ///
    /// - Parameter kept: where high scores are kept; `nil`: nowhere.
    func score(
        _ block: inout covey_block, keeping kept: UnsafeMutablePointer<covey_kept>?, _ level: InstructionLevel
    ) {
        let columns = unsafe (block.panels + 1) / 2 * Int(COVEY_SCREEN_PANEL)
        let shuffles = unsafe block.tiles * ShuffledRows.tile
        let floats = unsafe columns * block.subjects + 2 * columns + shuffles
        unsafe elements.withUnsafeBufferPointer { elements in
            unsafe withUnsafeTemporaryAllocation(byteCount: 4 * floats, alignment: 64) { bytes in
                let work = unsafe bytes.bindMemory(to: Float.self)
                unsafe withUnsafeTemporaryAllocation(of: Int32.self, capacity: columns) { counts in
                    unsafe withUnsafeTemporaryAllocation(of: Double.self, capacity: shuffles) { greatest in
                        unsafe withUnsafePointer(to: block) { block in
                            var screen = unsafe covey_screen()
                            unsafe screen.block = block
                            unsafe screen.rows = elements.baseAddress
                            unsafe screen.error = error
                            unsafe screen.rounding = rounding
                            unsafe screen.slope = slope
                            unsafe screen.data = work.baseAddress
                            unsafe screen.low = screen.data + columns * block.pointee.subjects
                            unsafe screen.high = screen.low + columns
                            unsafe screen.floors = screen.high + columns
                            unsafe screen.counts = counts.baseAddress
                            unsafe screen.greatest = greatest.baseAddress
                            unsafe screen.kept = kept
                            unsafe covey_screen_block(level.rawValue, &screen)
                        }
                    }
                }
            }
        }
    }
}
