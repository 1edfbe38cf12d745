import CoveyImaging

/// Finds the local maxima of clusters; the rules are those of ``ClusterTable``.
struct PeakFinder {
    let mask: Mask
    let distanceMillimeters: Double
    /// The largest number of peaks of a cluster.
    let limit: Int
    private let columns: [Int32]
    private let steps = Connectivity.corners.steps

    init(mask: Mask, distanceMillimeters: Double, limit: Int) {
        self.mask = mask
        self.distanceMillimeters = distanceMillimeters
        self.limit = max(1, limit)
        columns = mask.columnOfVoxel()
    }

    /// The peaks of every cluster of at least `minimumVoxelCount` columns, by descending size of the statistic.
    func clusters(
        of labelling: Labelling, sizes: [Double], minimumVoxelCount: Int
    ) -> [(columns: [Int], peaks: [Int])] {
        var isVisited = [Bool](repeating: false, count: sizes.count)
        return labelling.members.filter { $0.count >= minimumVoxelCount }.map { cluster in
            let maxima = localMaxima(
                of: cluster, labels: labelling.labels, sizes: sizes, isVisited: &isVisited)
            return (cluster, pruned(maxima, sizes: sizes))
        }
    }

    /// The largest maxima, the first in storage order of equal ones, that keep their distance.
    private func pruned(_ maxima: [Int], sizes: [Double]) -> [Int] {
        var kept: [Int] = []
        var places: [WorldPoint] = []
        for maximum in maxima.sorted(by: { (sizes[$1], $0) < (sizes[$0], $1) }) {
            guard kept.count < limit else { break }
            let place = mask.world(of: maximum)
            if places.allSatisfy({ distance($0, place) >= distanceMillimeters }) {
                kept.append(maximum)
                places.append(place)
            }
        }
        return kept
    }

    private func localMaxima(
        of cluster: [Int], labels: [Int32], sizes: [Double], isVisited: inout [Bool]
    ) -> [Int] {
        let label = labels[cluster[0]]
        func neighbours(_ column: Int) -> [Int] {
            let here = mask.voxel(of: column)
            return steps.compactMap { step in
                let there = VoxelIndex(here.x + step.x, here.y + step.y, here.z + step.z)
                guard mask.grid.contains(there) else { return nil }
                let column = Int(columns[mask.grid.offset(of: there)])
                return column >= 0 && labels[column] == label ? column : nil
            }
        }
        var maxima: [Int] = []
        for column in cluster where !isVisited[column] {
            // The plateau of this column's value, and whether a neighbour of any of its voxels exceeds it.
            let value = sizes[column]
            var plateau = [column]
            var isMaximum = true
            isVisited[column] = true
            var next = 0
            while next < plateau.count {
                for neighbour in neighbours(plateau[next]) {
                    if sizes[neighbour] > value { isMaximum = false }
                    if sizes[neighbour] == value, !isVisited[neighbour] {
                        isVisited[neighbour] = true
                        plateau.append(neighbour)
                    }
                }
                next += 1
            }
            if isMaximum { maxima.append(middle(of: plateau.sorted())) }
        }
        return maxima
    }

    /// The voxel of a plateau that lies nearest to its centre of gravity, the first of several.
    private func middle(of plateau: [Int]) -> Int {
        guard plateau.count > 1 else { return plateau[0] }
        let places = plateau.map(mask.world)
        let n = Double(places.count)
        let centre = WorldPoint(
            places.reduce(0) { $0 + $1.x } / n, places.reduce(0) { $0 + $1.y } / n,
            places.reduce(0) { $0 + $1.z } / n)
        let distances = places.map { distance($0, centre) }
        let nearest = distances.min() ?? 0
        // Voxels on either side of the centre differ by rounding only; the first of them is taken.
        let first = distances.firstIndex { $0 <= nearest * (1 + 1e-9) } ?? 0
        return plateau[first]
    }
}

private func distance(_ a: WorldPoint, _ b: WorldPoint) -> Double {
    let (x, y, z) = (a.x - b.x, a.y - b.y, a.z - b.z)
    return (x * x + y * y + z * z).squareRoot()
}
