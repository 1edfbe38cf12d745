import CoveyCore

#if canImport(Darwin)
    import Darwin
#elseif canImport(Musl)
    import Musl
#else
    import Glibc
#endif

/// Compares the maps of a cohort over the voxels that at least half of them have.
///
/// Values are held as Float, maps x voxels, NaN where a map has none. Sums run in the order of the maps, so that
/// the number of threads changes nothing.
public struct MapComparison: Sendable {
    private let mask: Mask
    private let names: [String]
    private let rows: [[Float]]
    private let soleLosses: [Int]
    private let lostShares: [Double]?
    private let threads: Int

    /// A comparison of maps.
    ///
    /// - Parameters:
    ///   - mask: the voxels compared.
    ///   - names: the maps' names.
    ///   - rows: one row per map with one value per voxel of the mask, NaN where the map has none.
    ///   - soleLosses: per map, the voxels that it alone lacks.
    ///   - lostShares: per map, the share of voxels that it lacks; `nil`: of those of the mask.
    /// - Precondition: as many names, rows and losses; every row as long as the mask.
    public init(
        mask: Mask, names: [String], rows: [[Float]], soleLosses: [Int], lostShares: [Double]? = nil,
        threads: Int
    ) {
        precondition(names.count == rows.count && soleLosses.count == rows.count)
        precondition(lostShares.map { $0.count == rows.count } ?? true)
        precondition(rows.allSatisfy { $0.count == mask.count })
        (self.mask, self.names, self.rows) = (mask, names, rows)
        (self.soleLosses, self.lostShares, self.threads) = (soleLosses, lostShares, threads)
    }

    /// Mean and standard deviation of a row over its voxels.
    private struct Moments {
        let mean: Double
        let deviation: Double
        let count: Int

        init(_ row: [Float]) {
            var (sum, count) = (0.0, 0)
            for value in row where value.isFinite {
                sum += Double(value)
                count += 1
            }
            let mean = sum / Double(count)
            var squares = 0.0
            for value in row where value.isFinite {
                let d = Double(value) - mean
                squares += d * d
            }
            (self.mean, self.count) = (mean, count)
            deviation = count > 1 ? (squares / Double(count - 1)).squareRoot() : .nan
        }
    }

    /// One quality per map.
    public func qualities() -> [MapQuality] {
        let moments = mapBlocks(rows.count, threads: threads) { Moments(rows[$0]) }
        let usable = rows.indices.filter { moments[$0].deviation > 0 && moments[$0].deviation.isFinite }
        let (sums, counts) = standardisedSums(usable, moments)
        let mirror = mirrorColumns()
        let pairs = mapBlocks(rows.count, threads: threads) {
            (map: Int) -> (plain: Double?, mirrored: Double?) in
            guard usable.contains(map), usable.count > 1 else { return (nil, nil) }
            let m = moments[map]
            return (
                correlation(map, m, sums, counts, columns: nil),
                mirror.flatMap { correlation(map, m, sums, counts, columns: $0) }
            )
        }
        let correlations = pairs.map { $0.plain.map(Self.fisher) }
        let correlationScores = robustScores(correlations)
        let typicalCorrelation = median(correlations.compactMap { $0 })
        let gains = pairs.map { pair in
            pair.plain.flatMap { plain in pair.mirrored.map { Self.fisher($0) - Self.fisher(plain) } }
        }
        let gainScores = robustScores(gains)
        let levelScores = robustScores(moments.map { $0.count > 0 ? $0.mean : nil })
        let spreadScores = robustScores(
            moments.map { $0.deviation > 0 && $0.deviation.isFinite ? log($0.deviation) : nil })
        let typicalSpread = median(moments.map(\.deviation).filter { $0 > 0 && $0.isFinite })
        let copies = copies(usable, moments)

        return rows.indices.map { map in
            let lost =
                lostShares?[map] ?? Double(mask.count - moments[map].count) / Double(max(mask.count, 1))
            var found: [MapQuality.Suspicion] = []
            if let r = pairs[map].plain, let score = correlationScores[map] {
                let ordinary = 0.5 * max(typicalCorrelation ?? 0, 0)
                // Among maps that are not alike, the opposite of one is nothing odd.
                let areAlike = (typicalCorrelation ?? 0) > MapQuality.likenessLimit
                let isFlipped =
                    areAlike && r < 0 && score < MapQuality.flipLimit && Self.fisher(-r) > ordinary
                if areAlike, let mirrored = pairs[map].mirrored, let gain = gainScores[map],
                    mirrored > r + 0.1,
                    gain > MapQuality.scoreLimit, score < -1, Self.fisher(mirrored) > ordinary
                {
                    found.append(.leftAndRight(mirrored: mirrored, correlation: r))
                } else if isFlipped {
                    found.append(.flippedSign(correlation: r))
                } else if score < MapQuality.correlationLimit {
                    found.append(.unlikeOthers(correlation: r))
                }
            }
            if let score = spreadScores[map], abs(score) > MapQuality.scoreLimit, let typicalSpread {
                found.append(.scale(factor: moments[map].deviation / typicalSpread))
            } else if let score = levelScores[map], abs(score) > MapQuality.scoreLimit {
                found.append(.level(score: score))
            }
            if lost > MapQuality.lossLimit { found.append(.holes(share: lost)) }
            if let copy = copies[map] { found.append(.copy(of: names[copy.other], correlation: copy.r)) }
            return MapQuality(
                name: names[map], lostShare: lost, soleLossCount: soleLosses[map],
                correlation: pairs[map].plain,
                mirroredCorrelation: pairs[map].mirrored, level: moments[map].mean,
                spread: moments[map].deviation, correlationScore: correlationScores[map],
                levelScore: levelScores[map], spreadScore: spreadScores[map], suspicions: found)
        }
    }

    /// For every voxel, the sum of the standardised maps and how many maps it has.
    private func standardisedSums(_ usable: [Int], _ moments: [Moments]) -> (sums: [Double], counts: [Int32])
    {
        let width = 4096
        let blocks = mapBlocks((mask.count + width - 1) / width, threads: threads) {
            (block: Int) -> (sums: [Double], counts: [Int32]) in
            let range = block * width..<min(mask.count, (block + 1) * width)
            var sums = [Double](repeating: 0, count: range.count)
            var counts = [Int32](repeating: 0, count: range.count)
            for map in usable {
                let (mean, scale) = (moments[map].mean, 1 / moments[map].deviation)
                for place in range where rows[map][place].isFinite {
                    sums[place - range.lowerBound] += (Double(rows[map][place]) - mean) * scale
                    counts[place - range.lowerBound] += 1
                }
            }
            return (sums, counts)
        }
        return (blocks.flatMap(\.sums), blocks.flatMap(\.counts))
    }

    /// The correlation of a map, read at `columns` (-1: nowhere), with the mean of the others.
    private func correlation(
        _ map: Int, _ m: Moments, _ sums: [Double], _ counts: [Int32], columns: [Int32]?
    ) -> Double? {
        let row = rows[map]
        var (n, sx, sy, sxx, syy, sxy) = (0.0, 0.0, 0.0, 0.0, 0.0, 0.0)
        for place in row.indices {
            let from = columns.map { Int($0[place]) } ?? place
            guard from >= 0, row[from].isFinite else { continue }
            let x = (Double(row[from]) - m.mean) / m.deviation
            // The mean of the others leaves the map's own value at this very voxel out.
            let own = row[place].isFinite ? 1 : 0
            let others = Int(counts[place]) - own
            guard others > 0 else { continue }
            let ownValue = own == 1 ? (Double(row[place]) - m.mean) / m.deviation : 0
            let y = (sums[place] - ownValue) / Double(others)
            n += 1
            sx += x
            sy += y
            sxx += x * x
            syy += y * y
            sxy += x * y
        }
        let (vx, vy) = (sxx - sx * sx / n, syy - sy * sy / n)
        guard n >= 3, vx > 1e-12 * sxx, vy > 1e-12 * syy else { return nil }
        return max(-1, min(1, (sxy - sx * sy / n) / (vx * vy).squareRoot()))
    }

    /// For every voxel of the mask the one across x = 0 mm, -1 where it is not in the mask; `nil` where fewer than
    /// half have one.
    private func mirrorColumns() -> [Int32]? {
        guard let inverse = mask.grid.affine.inverse else { return nil }
        let column = mask.columnOfVoxel()
        var found = 0
        let mirrored = (0..<mask.count).map { place -> Int32 in
            let world = mask.world(of: place)
            let v = inverse.world(-world.x, world.y, world.z)
            guard abs(v.x) < 1e6, abs(v.y) < 1e6, abs(v.z) < 1e6 else { return -1 }
            let index = VoxelIndex(Int(v.x.rounded()), Int(v.y.rounded()), Int(v.z.rounded()))
            guard mask.grid.contains(index) else { return -1 }
            let across = column[mask.grid.offset(of: index)]
            found += across >= 0 ? 1 : 0
            return across
        }
        return found * 2 >= mask.count ? mirrored : nil
    }

    /// For each map that is another one times a number, which, by a sample of voxels.
    private func copies(_ usable: [Int], _ moments: [Moments]) -> [Int: (other: Int, r: Double)] {
        let step = max(1, mask.count / 1000)
        let places = Array(stride(from: 0, to: mask.count, by: step))
        guard places.count >= 30, usable.count <= 2000 else { return [:] }
        let found = mapBlocks(usable.count, threads: threads) { (k: Int) -> (other: Int, r: Double)? in
            let map = usable[k]
            for other in usable[..<k] {
                var (n, sx, sy, sxx, syy, sxy) = (0.0, 0.0, 0.0, 0.0, 0.0, 0.0)
                for place in places where rows[map][place].isFinite && rows[other][place].isFinite {
                    let x = (Double(rows[map][place]) - moments[map].mean) / moments[map].deviation
                    let y = (Double(rows[other][place]) - moments[other].mean) / moments[other].deviation
                    n += 1
                    sx += x
                    sy += y
                    sxx += x * x
                    syy += y * y
                    sxy += x * y
                }
                let r = (sxy - sx * sy / n) / ((sxx - sx * sx / n) * (syy - sy * sy / n)).squareRoot()
                if n >= 30, abs(r) > MapQuality.copyLimit { return (other, r) }
            }
            return nil
        }
        var copies: [Int: (other: Int, r: Double)] = [:]
        for (k, copy) in found.enumerated() { copies[usable[k]] = copy }
        return copies
    }

    /// Fisher's transform of a correlation, finite also at 1.
    private static func fisher(_ r: Double) -> Double {
        let bounded = max(-0.999999, min(0.999999, r))
        return 0.5 * log((1 + bounded) / (1 - bounded))
    }
}
