import CoveyCore
import CoveyModel

/// Every distinct shuffle of a design's rows, numbered; number 0 is the identity.
///
/// Permutations are those of ``BlockArrangements``; signs flip by ``ExchangeabilityBlocks/flipUnits``, `2^units` ways;
/// both together give the product.
struct Arrangements: Sendable {
    /// How many there are; `nil` where the number does not fit in an Int.
    let count: Int?
    /// The logarithm to base 10 of how many there are.
    let log10Count: Double
    private let permutations: BlockArrangements?
    /// The sets of rows whose signs flip together; none where no signs flip.
    let units: [[Int]]
    private let rowCount: Int

    init(design: Matrix, exchanging: ExchangeScheme, blocks: ExchangeabilityBlocks? = nil) {
        let blocks = blocks ?? .free(design.rows)
        rowCount = design.rows
        permutations =
            exchanging == .flip ? nil : BlockArrangements(design: design, blocks: blocks)
        units = exchanging == .permute ? [] : blocks.flipUnits
        let flips = units.count < 62 ? 1 << units.count : nil
        if let moved = permutations.map(\.count) ?? 1, let flips {
            let (product, overflow) = moved.multipliedReportingOverflow(by: flips)
            count = overflow ? nil : product
        } else {
            count = nil
        }
        log10Count = (permutations?.log10Count ?? 0) + Double(units.count) * 0.301_029_995_663_981_2
    }

    /// Shuffle number `index`.
    ///
    /// - Precondition: ``count`` is known and `index` below it.
    func shuffle(_ index: Int) -> Shuffle {
        let (flip, moved) = index.quotientAndRemainder(dividingBy: permutations?.count! ?? 1)
        var signs = [Int8](repeating: 1, count: rowCount)
        for (bit, unit) in units.enumerated() where flip >> bit & 1 == 1 {
            for row in unit { signs[row] = -1 }
        }
        return Shuffle(
            uncheckedSource: permutations?.source(moved) ?? Array(0..<rowCount), signs: signs)
    }
}
