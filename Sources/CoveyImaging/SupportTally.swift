public import CoveyCore

/// How many maps have a value at each voxel, counted map by map.
///
/// Maps can be added in any order, by several tallies that are merged: counts and sums of whole numbers come
/// out the same.
public struct SupportTally: Sendable {
    /// Where the voxels lie.
    public let grid: Grid
    /// Number of maps added.
    public private(set) var mapCount = 0
    /// Number of maps with a value at each voxel, in storage order.
    public private(set) var counts: [Int32]
    /// Sum of the numbers of the maps without a value at each voxel, modulo 2^32: where only one lacks it,
    /// the number of that map.
    private var absentSum: [UInt32]

    /// A tally of no maps.
    public init(grid: Grid) {
        self.grid = grid
        counts = [Int32](repeating: 0, count: grid.count)
        absentSum = [UInt32](repeating: 0, count: grid.count)
    }

    /// Adds the values of map number `map` (counted from 0).
    ///
    /// A voxel has a value where it is finite and, with `zeroIsMissing`, not exactly 0.
    ///
    /// - Precondition: `values.count == grid.count`; each map is added once.
    public mutating func add(_ values: [Double], map: Int, zeroIsMissing: Bool) {
        precondition(values.count == counts.count, "\(values.count) values for \(counts.count) voxels")
        mapCount += 1
        let number = UInt32(map)
        // A magnitude of 0 fails `> limit` for a limit of 0 and passes for one below it.
        let limit = zeroIsMissing ? 0.0 : -1.0
        for i in values.indices {
            let magnitude = abs(values[i])
            let has = magnitude > limit && magnitude < .infinity
            counts[i] &+= has ? 1 : 0
            absentSum[i] &+= has ? 0 : number
        }
    }

    /// Adds what another tally of the same grid has counted.
    public mutating func merge(_ other: SupportTally) {
        precondition(grid.shape == other.grid.shape, "tallies of different grids")
        mapCount += other.mapCount
        for i in counts.indices {
            counts[i] &+= other.counts[i]
            absentSum[i] &+= other.absentSum[i]
        }
    }

    /// For each map that alone lacks a value at some voxels, how many voxels all others have and it lacks.
    ///
    /// - Parameter isInside: which voxels count, asked with their storage offset.
    /// - Precondition: the maps added are those numbered `0..<mapCount`.
    public func soleAbsences(where isInside: (Int) -> Bool = { _ in true }) -> [Int: Int] {
        var absences: [Int: Int] = [:]
        guard mapCount > 1 else { return absences }
        for i in counts.indices where Int(counts[i]) == mapCount - 1 && isInside(i) {
            absences[Int(absentSum[i]), default: 0] += 1
        }
        return absences
    }

    /// For each `k` of `0...mapCount`, the number of voxels with a value in at least `k` maps.
    ///
    /// - Parameter isInside: which voxels count, asked with their storage offset.
    public func voxelCounts(where isInside: (Int) -> Bool = { _ in true }) -> [Int] {
        var exactly = [Int](repeating: 0, count: mapCount + 1)
        for offset in counts.indices where isInside(offset) { exactly[Int(counts[offset])] += 1 }
        var sum = 0
        return exactly.reversed().map { count in
            sum += count
            return sum
        }.reversed()
    }

    /// The number of maps with a value at each voxel, as an image.
    public var volume: Volume { Volume(grid: grid, values: counts.map(Double.init)) }

    /// A warning for the maps that cost most voxels: those that alone lack a value where all others have
    /// one. Empty where there are none.
    ///
    /// - Parameter names: the maps' names by their numbers.
    public func notes(names: [String]) -> [Note] {
        let absences = soleAbsences().sorted { ($0.value, $1.key) > ($1.value, $0.key) }
        guard !absences.isEmpty else { return [] }
        let voxels = absences.reduce(0) { $0 + $1.value }
        let shown = absences.prefix(3).map { "\($0.value) in \(quoted(names[$0.key]))" }
        let more = absences.count > 3 ? " and the rest in \(absences.count - 3) more maps" : ""
        return [
            .warning(
                "\(voxels) voxel\(voxels == 1 ? "" : "s") left out because one map alone has no value there "
                    + "(NaN, infinite or background): \(shown.joined(separator: ", "))\(more)")
        ]
    }
}
