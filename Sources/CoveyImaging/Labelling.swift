/// Which columns of a mask are neighbours, worked out once for any number of labellings.
///
/// Voxels outside the mask connect nothing, and the edges of the grid do not wrap.
public struct Adjacency: Sendable {
    /// Which voxels count as neighbours.
    public let connectivity: Connectivity
    /// Number of columns.
    public let count: Int
    /// Half of ``Connectivity/rawValue`` entries per column: its neighbours stored before it, -1 for none.
    private let earlier: [Int32]

    /// The neighbours among the voxels of a mask. O(voxels of the grid).
    public init(_ mask: Mask, _ connectivity: Connectivity) {
        let steps = connectivity.steps.prefix(connectivity.rawValue / 2)
        let columns = mask.columnOfVoxel()
        let grid = mask.grid
        var earlier = [Int32](repeating: -1, count: mask.count * steps.count)
        var place = 0
        for offset in mask.offsets {
            let here = grid.index(at: Int(offset))
            for step in steps {
                let there = VoxelIndex(here.x + step.x, here.y + step.y, here.z + step.z)
                if grid.contains(there) { earlier[place] = columns[grid.offset(of: there)] }
                place += 1
            }
        }
        self.connectivity = connectivity
        self.earlier = earlier
        count = mask.count
    }

    /// The connected components of the columns for which `isMember` is true. Near O(columns).
    ///
    /// Union-find with path halving; the root of a component is its first column.
    ///
    /// - Precondition: `isMember.count == count`.
    public func components(of isMember: [Bool]) -> Labelling {
        precondition(isMember.count == count, "\(isMember.count) flags for \(count) columns")
        let width = connectivity.rawValue / 2
        var parent = [Int32](repeating: -1, count: count)
        func root(_ column: Int32) -> Int32 {
            var column = column
            while parent[Int(column)] != column {
                parent[Int(column)] = parent[Int(parent[Int(column)])]
                column = parent[Int(column)]
            }
            return column
        }
        for column in 0..<count where isMember[column] {
            parent[column] = Int32(column)
            for neighbour in earlier[column * width..<(column + 1) * width] {
                guard neighbour >= 0, isMember[Int(neighbour)] else { continue }
                let (a, b) = (root(neighbour), root(Int32(column)))
                parent[Int(max(a, b))] = min(a, b)
            }
        }
        // Roots come before the columns that hang on them, so their labels are known by then.
        var labels = [Int32](repeating: 0, count: count)
        var sizes: [Int] = []
        for column in 0..<count where isMember[column] {
            let first = Int(root(Int32(column)))
            if first == column {
                sizes.append(0)
                labels[column] = Int32(sizes.count)
            } else {
                labels[column] = labels[first]
            }
            sizes[Int(labels[column]) - 1] += 1
        }
        return Labelling(labels: labels, sizes: sizes)
    }
}

/// The connected components of a set of columns.
public struct Labelling: Sendable, Hashable {
    /// One label per column: 0 for columns outside the set, else the number of the component counted from 1
    /// in the order of the components' first columns.
    public let labels: [Int32]
    /// The number of columns of each component, that of label 1 first.
    public let sizes: [Int]

    /// Number of components.
    public var count: Int { sizes.count }

    /// The columns of each component, ascending, those of label 1 first.
    public var members: [[Int]] {
        var members = sizes.map { size in
            var columns: [Int] = []
            columns.reserveCapacity(size)
            return columns
        }
        for (column, label) in labels.enumerated() where label > 0 { members[Int(label) - 1].append(column) }
        return members
    }
}
