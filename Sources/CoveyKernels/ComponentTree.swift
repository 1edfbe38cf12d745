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
/// Voxels are looked at once in the order of the lattice, several at a time: which of their neighbours are higher, and
/// whether these hang together. Sorting is by radix. Joining them is by union-find over the local maxima, and most voxels
/// need look at one neighbour only: near O(voxels).
public struct ComponentTree: Sendable {
    /// Where the voxels lie.
    public let lattice: VoxelLattice
    /// Nodes of the last map: voxels above the floor.
    public private(set) var count = 0
    /// The heights of the nodes, descending: the first ``count`` entries.
    public private(set) var heights: [Double]

    private let level: InstructionLevel
    private var voxels: [Int32]
    private var places: [Int32]
    private var joins: [UInt8]
    private var parents: [Int32]
    private var sizes: [Int32]
    private var masses: [Double]
    private var entries: [UInt64]
    private var spare: [UInt64]
    private var steepness: [Int32]
    private var labels: [Int32]
    private var links: [Int32]
    private var sets: [covey_set]

    /// Room for the trees of maps over a lattice; see ``byteCount(voxels:places:)``.
    ///
    /// - Parameter measuresMass: whether ``mass(_:)`` is asked for.
    public init(_ lattice: VoxelLattice, measuresMass: Bool = true, level: InstructionLevel = .best) {
        self.lattice = lattice
        self.level = level
        let room = lattice.count + 1
        voxels = [Int32](repeating: 0, count: room)
        heights = [Double](repeating: 0, count: room)
        (places, parents, sizes, links) = (voxels, voxels, voxels, voxels)
        joins = [UInt8](repeating: 0, count: room)
        sets = [covey_set](repeating: covey_set(), count: room)
        masses = measuresMass ? heights : []
        entries = [UInt64](repeating: 0, count: room)
        spare = entries
        steepness = [Int32](repeating: 0, count: lattice.placeCount + Int(COVEY_PLACES_BEYOND))
        labels = [Int32](repeating: 0, count: lattice.placeCount)
    }

    /// Bytes that a tree takes.
    public static func byteCount(voxels: Int, places: Int) -> Int { voxels * 69 + places * 8 }

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
        unsafe lattice.withGeometry { geometry in
            count = unsafe voxels.withUnsafeBufferPointer { voxels in
                unsafe values.withUnsafeBufferPointer { values in
                    guard let first = voxels.baseAddress, let map = values.baseAddress else { return 0 }
                    return unsafe covey_order_given_voxels(
                        geometry, values.count, first, map, sign, floor, &entries, &spare, &self.voxels,
                        &places,
                        &joins, &heights)
                }
            }
        }
        join()
    }

    /// The first half of ``build(_:from:sign:floor:)``: orders the voxels. Public for benchmarks.
    public mutating func sort(_ values: [Double], from start: Int, sign: Double, floor: Double) {
        precondition(start >= 0 && start + lattice.count <= values.count && floor >= 0)
        unsafe lattice.withGeometry { geometry in
            count = unsafe values.withUnsafeBufferPointer { map in
                guard let base = map.baseAddress else { return 0 }
                return unsafe covey_order_voxels(
                    level.rawValue, geometry, base + start, sign, floor, &steepness, &entries, &spare,
                    &voxels,
                    &places, &joins, &heights)
            }
        }
    }

    /// The second half of ``build(_:from:sign:floor:)``: joins the ordered voxels.
    public mutating func join() {
        unsafe lattice.withGeometry { geometry in
            if masses.isEmpty {
                unsafe covey_join_nodes(
                    geometry, count, places, joins, heights, &labels, &links, &sets, &parents, &sizes, nil)
            } else {
                unsafe covey_join_nodes(
                    geometry, count, places, joins, heights, &labels, &links, &sets, &parents, &sizes, &masses
                )
            }
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
    ///
    /// - Precondition: the tree measures masses.
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
