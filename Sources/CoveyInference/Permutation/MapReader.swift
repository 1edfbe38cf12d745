import CoveyImaging
import CoveyKernels
import CoveyModel
import Synchronization

/// Reads every tested quantity off maps of a statistic, one map after the other: the scratch space of a thread.
///
/// One component tree per side of the map gives TFCE, and the extents and masses of the clusters at every
/// forming threshold.
struct MapReader: Sendable {
    /// What is read, the voxel first.
    let quantities: [TestedQuantity]
    private let choice: InferenceChoice
    private let tail: Tail
    private let tables: EnhancementTables?
    private var tree: ComponentTree?
    /// Voxels at or below this height belong to no tree.
    private let floor: Double
    /// Voxels that TFCE leaves out, by their place in the map.
    private let outer: [Int]
    /// A map without them.
    private var inner: [Double] = []

    private var terms: [Double] = []
    private var values: [Double] = []
    private var roots: [Int32] = []
    /// Of each cluster of the quantity at hand.
    private var clusters: [Double] = []

    /// - Parameters:
    ///   - lattice: where the voxels of the maps lie; `nil` where only voxels are compared.
    ///   - tables: for TFCE.
    ///   - outer: voxels that TFCE leaves out, by their place in the map.
    init(
        _ choice: InferenceChoice, tail: Tail, lattice: VoxelLattice?, tables: EnhancementTables?,
        outer: [Int] = []
    ) {
        self.choice = choice
        self.outer = outer
        self.tail = tail
        self.tables = tables
        quantities = choice.quantities
        floor =
            choice.tfce != nil ? 0 : max(0, (choice.formingHeights.min().map(TieRule.forming) ?? 0).nextDown)
        if !choice.isVoxelwise, let lattice {
            tree = ComponentTree(lattice, measuresMass: choice.mass != nil && !choice.formingHeights.isEmpty)
            terms = [Double](repeating: 0, count: lattice.count)
            values = terms
            roots = [Int32](repeating: 0, count: lattice.count)
        }
    }

    /// Which sides of a map count: 1 for large values, -1 for small ones.
    private var sides: [Double] {
        switch tail {
        case .greater: [1]
        case .less: [-1]
        case .twoSided: [1, -1]
        }
    }

    /// Every quantity of one map at every voxel, and of each cluster, in the direction of the tail.
    mutating func observe(_ map: [Double]) -> (values: [[Double]], clusters: [[Double]]) {
        var found = quantities.map { _ in [Double](repeating: 0, count: map.count) }
        var clusters = quantities.map { _ in [Double]() }
        found[0] = map.map { tail == .greater ? $0 : tail == .less ? -$0 : abs($0) }
        forEachQuantity(of: .map(map, 0)) { quantity, nodes, tree, values, _, ofClusters in
            for node in 0..<nodes { found[quantity][tree.voxel(node)] = values[node] }
            clusters[quantity] += ofClusters
        }
        return (found, clusters)
    }

    /// What maps of shuffles are counted into.
    struct Counts {
        /// For each quantity and voxel, the maps that reach what was observed there.
        var voxels: [[Int32]]
        /// For each quantity, the steps of ``ClusterPool``; empty for those that are of no cluster.
        var clusters: [[Int64]]

        /// Nothing was counted.
        init(_ observation: PermutationTest.Observation) {
            voxels = observation.thresholds.map { [Int32](repeating: 0, count: $0.count) }
            clusters = observation.ladders.map { [Int64](repeating: 0, count: $0.count) }
        }

        /// Adds what was counted elsewhere.
        static func += (a: inout Counts, b: Counts) {
            for quantity in a.voxels.indices {
                for voxel in a.voxels[quantity].indices {
                    a.voxels[quantity][voxel] += b.voxels[quantity][voxel]
                }
                for rung in a.clusters[quantity].indices {
                    a.clusters[quantity][rung] += b.clusters[quantity][rung]
                }
            }
        }
    }

    /// Counts where one of several maps reaches what was observed, and takes its greatest quantities.
    ///
    /// - Parameters:
    ///   - maps: maps one after the other; the one to read begins at `start`.
    ///   - counts: added to.
    /// - Returns: the greatest value of every quantity, 0 where there is no cluster, and the number of clusters.
    mutating func count(
        _ maps: [Double], from start: Int, reaching observation: PermutationTest.Observation,
        into counts: inout Counts
    ) -> (greatest: [Double], clusters: [Int32]) {
        var found = count(.map(maps, start), reaching: observation, into: &counts)
        found.greatest[0] = MapKernel.count(
            maps, from: start, direction: tail == .greater ? 1 : tail == .less ? -1 : 0,
            reaching: observation.thresholds[0], into: &counts.voxels[0])
        return found
    }

    /// Counts where the clusters of a shuffle reach what was observed, and takes their greatest quantities; voxels are
    /// not counted.
    ///
    /// - Parameter high: all voxels of the least forming height, and more.
    /// - Precondition: TFCE is not compared.
    mutating func count(
        _ high: HighVoxels, of shuffle: Int, reaching observation: PermutationTest.Observation,
        into counts: inout Counts
    ) -> (greatest: [Double], clusters: [Int32]) {
        precondition(choice.tfce == nil)
        return count(.high(high, shuffle), reaching: observation, into: &counts)
    }

    private mutating func count(
        _ source: Source, reaching observation: PermutationTest.Observation, into counts: inout Counts
    ) -> (greatest: [Double], clusters: [Int32]) {
        var greatest = [Double](repeating: 0, count: quantities.count)
        var numbers = [Int32](repeating: 0, count: quantities.count)
        forEachQuantity(of: source) { quantity, nodes, tree, values, maximum, clusters in
            greatest[quantity] = max(greatest[quantity], maximum)
            tree.countNodes(
                nodes, values: values, reaching: observation.thresholds[quantity],
                into: &counts.voxels[quantity])
            numbers[quantity] += Int32(clusters.count)
            for value in clusters {
                let beyond = observation.ladders[quantity].firstIndex(beyond: value)
                if beyond > 0 { counts.clusters[quantity][beyond - 1] += 1 }
            }
        }
        return (greatest, numbers)
    }

    /// Where trees come from.
    private enum Source {
        /// A map that begins somewhere among others.
        case map([Double], Int)
        /// The high voxels of a shuffle.
        case high(HighVoxels, Int)

        func build(_ tree: inout ComponentTree, sign: Double, floor: Double) {
            switch self {
            case .map(let maps, let start): tree.build(maps, from: start, sign: sign, floor: floor)
            case .high(let high, let shuffle):
                let places = high.places(of: shuffle)
                tree.build(high.voxels[places], high.values[places], sign: sign, floor: floor)
            }
        }
    }

    /// Builds the tree of each side and hands on every quantity but the first: its place, how many nodes have
    /// a value, the tree, the values by node, the greatest, and those of the clusters.
    private mutating func forEachQuantity(
        of source: Source,
        _ body: (Int, Int, ComponentTree, [Double], Double, [Double]) -> Void
    ) {
        guard var tree else { return }
        self.tree = nil
        for side in sides {
            var quantity = 1
            if outer.isEmpty { source.build(&tree, sign: side, floor: floor) }
            if let tables {
                if case .map(let maps, let start) = source, !outer.isEmpty {
                    inner = Array(maps[start..<start + tree.lattice.count])
                    for voxel in outer { inner[voxel] = .nan }
                    tree.build(inner, sign: side, floor: floor)
                }
                tables.fill(&terms, upTo: tree.heights[..<tree.count])
                let greatest = tree.integrate(terms: terms, weights: tables.weights, into: &values)
                body(quantity, tree.count, tree, values, greatest, [])
                quantity += 1
                if !outer.isEmpty, !choice.formingHeights.isEmpty {
                    source.build(&tree, sign: side, floor: floor)
                }
            }
            for height in choice.formingHeights {
                let nodes = tree.nodes(atLeast: TieRule.forming(height))
                _ = tree.cut(nodes: nodes, into: &roots)
                if choice.usesExtent {
                    let greatest = spread(nodes) { Double(tree.extent($0)) }
                    body(quantity, nodes, tree, values, greatest, clusters)
                    quantity += 1
                }
                if let mass = choice.mass {
                    let taken = mass == .excess ? height : 0
                    let greatest = spread(nodes) { tree.mass($0) - taken * Double(tree.extent($0)) }
                    body(quantity, nodes, tree, values, greatest, clusters)
                    quantity += 1
                }
            }
        }
        self.tree = tree
    }

    /// Gives every node the value of its root and lists those of the roots; returns the greatest.
    private mutating func spread(_ nodes: Int, _ value: (Int) -> Double) -> Double {
        var greatest = 0.0
        clusters.removeAll(keepingCapacity: true)
        // Roots come after the nodes that hang on them.
        for node in stride(from: nodes - 1, through: 0, by: -1) {
            let root = Int(roots[node])
            if root == node {
                values[node] = value(node)
                greatest = max(greatest, values[node])
                clusters.append(values[node])
            } else {
                values[node] = values[root]
            }
        }
        return greatest
    }
}

/// Readers that the threads of one batch of shuffles leave to those of the next: their memory is as large as some maps.
final class MapReaderPool: Sendable {
    private let first: MapReader
    private let idle = Mutex<[MapReader]>([])

    /// A pool of readers like `first`.
    init(_ first: MapReader) { self.first = first }

    /// A reader that nobody else has.
    func take() -> MapReader { idle.withLock { $0.popLast() } ?? first }

    /// Leaves a reader to whoever comes next.
    func give(_ reader: MapReader) { idle.withLock { $0.append(reader) } }
}
