import CCoveyKernels

/// The component tree (max-tree) of a map, with the scratch space to build one after the other.
///
/// Nodes are the voxels above a floor, the highest first; the subtree of a node is the connected component
/// that holds it among the voxels at least as high. One tree gives the extent and mass of every cluster at
/// every forming threshold, and threshold-free cluster enhancement exactly:
///
///     TFCE(v) = integral over h from 0 to height(v) of extent(v, h)^E h^H dh
///             = sum over the nodes u from v to its root of size(u)^E (G(height(u)) - G(height(parent(u))))
///
/// with `G(h) = h^(H + 1) / (H + 1)`, since the extent is constant between a node and its parent.
///
/// Sorting is by radix, joining by union-find over a bit map of the voxels seen so far: near O(voxels).
public struct ComponentTree: Sendable {
    /// Where the voxels lie.
    public let lattice: VoxelLattice
    /// Nodes of the last map: voxels above the floor.
    public private(set) var count = 0
    /// The heights of the nodes, descending: the first ``count`` entries.
    public private(set) var heights: [Double]

    private var voxels: [Int32]
    private var parents: [Int32]
    private var sizes: [Int32]
    private var masses: [Double]
    private var keys: [UInt64]
    private var spare: [UInt64]
    private var occupied: [UInt8]
    private var labels: [Int32]
    private var links: [Int32]
    private var sets: [covey_set]

    /// Room for the trees of maps over a lattice: about 60 bytes a voxel.
    public init(_ lattice: VoxelLattice) {
        self.lattice = lattice
        let voxels = lattice.count
        let places = lattice.shape.reduce(1, *)
        self.voxels = [Int32](repeating: 0, count: voxels + 1)
        heights = [Double](repeating: 0, count: voxels + 1)
        parents = self.voxels
        sizes = self.voxels
        links = self.voxels
        sets = [covey_set](repeating: covey_set(), count: voxels + 1)
        masses = heights
        keys = [UInt64](repeating: 0, count: voxels)
        spare = keys
        occupied = [UInt8](repeating: 0, count: places / 8 + 9)
        labels = [Int32](repeating: 0, count: places)
    }

    /// Builds the tree of the voxels whose height `sign * value` exceeds `floor`.
    ///
    /// - Parameters:
    ///   - values: holds the map; its voxels begin at `start`.
    ///   - sign: 1 for the peaks of the map, -1 for its troughs.
    ///   - floor: not negative. Voxels at or below it, and NaN, belong to no component.
    public mutating func build(_ values: [Double], from start: Int = 0, sign: Double = 1, floor: Double = 0) {
        sort(values, from: start, sign: sign, floor: floor)
        join()
    }

    /// Builds the tree of a map of which only some voxels are known, those that exceed the floor among them.
    ///
    /// - Parameters:
    ///   - voxels: ascending, each once.
    ///   - values: of the same places.
    ///   - sign: 1 for the peaks of the map, -1 for its troughs.
    ///   - floor: not negative.
    public mutating func build(
        _ voxels: ArraySlice<Int32>, _ values: ArraySlice<Double>, sign: Double = 1, floor: Double = 0
    ) {
        precondition(voxels.count == values.count && voxels.count <= lattice.count && floor >= 0)
        precondition(
            zip(voxels, voxels.dropFirst()).allSatisfy { $0 < $1 }
                && (voxels.first ?? 0) >= 0 && (voxels.last ?? -1) < lattice.count)
        count = unsafe voxels.withUnsafeBufferPointer { voxels in
            unsafe values.withUnsafeBufferPointer { values in
                guard let first = voxels.baseAddress, let map = values.baseAddress else { return 0 }
                return unsafe covey_sort_given_voxels(
                    values.count, first, map, sign, floor, &keys, &spare, &self.voxels, &heights)
            }
        }
        join()
    }

    /// The first half of ``build(_:from:sign:floor:)``: orders the voxels. Public for benchmarks.
    public mutating func sort(_ values: [Double], from start: Int, sign: Double, floor: Double) {
        precondition(start >= 0 && start + lattice.count <= values.count && floor >= 0)
        count = unsafe values.withUnsafeBufferPointer { map in
            guard let base = map.baseAddress else { return 0 }
            return unsafe covey_sort_voxels(
                lattice.count, base + start, sign, floor, &keys, &spare, &voxels, &heights)
        }
    }

    /// The second half of ``build(_:from:sign:floor:)``: joins the ordered voxels.
    public mutating func join() {
        unsafe lattice.positions.withUnsafeBufferPointer { positions in
            var geometry = unsafe covey_lattice(
                count: lattice.count, position: positions.baseAddress, row: Int32(lattice.shape[0]),
                plane: Int32(lattice.shape[0] * lattice.shape[1]), connectivity: Int32(lattice.connectivity))
            unsafe covey_join_voxels(
                &geometry, count, voxels, heights, &occupied, &labels, &links, &sets, &parents, &sizes,
                &masses)
        }
    }

    /// Number of nodes at least as high as `height`: the first ones.
    public func nodes(atLeast height: Double) -> Int {
        var (low, high) = (0, count)
        while low < high {
            let middle = (low + high) / 2
            if heights[middle] >= height { low = middle + 1 } else { high = middle }
        }
        return low
    }

    /// The voxel of a node.
    public func voxel(_ node: Int) -> Int { Int(voxels[node]) }
    /// The height of a node.
    public func height(_ node: Int) -> Double { heights[node] }
    /// The number of voxels of the component under a node.
    public func extent(_ node: Int) -> Int { Int(sizes[node]) }
    /// The sum of the heights of the component under a node.
    public func mass(_ node: Int) -> Double { masses[node] }

    /// Integrates over the tree: for every node the sum, from it down to its root, of
    /// `weights[extent] * (terms[node] - terms[parent])`, the term below a root being 0.
    ///
    /// - Parameters:
    ///   - terms: one number per node, descending.
    ///   - weights: one number per extent from 0 to the number of voxels.
    ///   - integrals: one number per node, out.
    /// - Returns: the greatest integral, 0 without nodes.
    public func integrate(terms: [Double], weights: [Double], into integrals: inout [Double]) -> Double {
        precondition(terms.count >= count && integrals.count >= count && weights.count > lattice.count)
        return unsafe covey_integrate_tree(count, parents, sizes, terms, weights, &integrals)
    }

    /// Cuts the tree: the root of each of the first `nodes` nodes within the component that holds it among
    /// them.
    ///
    /// - Returns: the number of components.
    public func cut(nodes: Int, into roots: inout [Int32]) -> Int {
        precondition(nodes <= count && roots.count >= nodes)
        return unsafe covey_cut_tree(nodes, parents, &roots)
    }

    /// Adds 1 to the count of the voxel of each of the first `nodes` nodes where the node's value reaches the
    /// voxel's threshold.
    public func countNodes(
        _ nodes: Int, values: [Double], reaching thresholds: [Double], into counts: inout [Int32]
    ) {
        precondition(nodes <= count && values.count >= nodes)
        precondition(thresholds.count == lattice.count && counts.count == lattice.count)
        unsafe covey_count_nodes(nodes, voxels, values, thresholds, &counts)
    }
}
