import CoveyImaging
import CoveyKernels
import CoveyModel
import CoveyTestSupport
import Testing

@testable import CoveyInference

/// Maps on small random masks, with ties, troughs and holes.
private struct TreeExample {
    let mask: Mask
    let map: [Double]

    init(seed: UInt64, shape: [Int] = [6, 5, 4], ties: Bool = false) {
        var numbers = TestNumbers(seed)
        let grid = Grid(shape: shape, affine: Affine([1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0]))
        let inside = (0..<grid.count).map { _ in numbers.normal() > -0.6 }
        mask = Mask(grid: grid) { inside[$0] }
        map = (0..<mask.count).map { _ in
            let value = 2 * numbers.normal()
            return ties ? value.rounded() : value
        }
    }

    func lattice(_ connectivity: Connectivity) -> VoxelLattice {
        VoxelLattice(
            gridShape: mask.grid.shape, offsets: mask.offsets, connectivity: connectivity.rawValue)
    }

    /// TFCE by cutting the map at the middle of every interval between heights and labelling what is above.
    func bruteTFCE(_ tfce: TFCE, _ connectivity: Connectivity) -> [Double] {
        let adjacency = Adjacency(mask, connectivity)
        let heights = [0] + Set(map.filter { $0 > 0 }).sorted()
        var enhanced = [Double](repeating: 0, count: map.count)
        for (low, high) in zip(heights, heights.dropFirst()) {
            let labelling = adjacency.components(of: map.map { $0 >= high })
            let h = tfce.heightExponent + 1
            let slice = (power(high, h) - power(low, h)) / h
            for voxel in map.indices where labelling.labels[voxel] > 0 {
                let extent = Double(labelling.sizes[Int(labelling.labels[voxel]) - 1])
                enhanced[voxel] += power(extent, tfce.extentExponent) * slice
            }
        }
        return enhanced
    }

    func observe(_ choice: InferenceChoice, tail: Tail = .greater) -> [[Double]] {
        let greatest = map.map { tail == .less ? -$0 : tail == .twoSided ? abs($0) : $0 }.max() ?? 0
        var reader = MapReader(
            choice, tail: tail, lattice: lattice(choice.connectivity),
            tables: choice.tfce.map {
                EnhancementTables($0, voxels: mask.count, greatestObserved: greatest)
            })
        return reader.observe(map).values
    }
}

@Suite("Component tree")
struct ComponentTreeTests {
    @Test("exact TFCE is the brute-force integral", arguments: Connectivity.allCases)
    func exactTFCE(connectivity: Connectivity) {
        for seed in 0..<12 as Range<UInt64> {
            let example = TreeExample(seed: seed, ties: seed % 3 == 0)
            for (e, h) in [(0.5, 2.0), (1, 1), (0.7, 1.5), (1, 2)] {
                let tfce = TFCE(extentExponent: e, heightExponent: h)
                var choice = InferenceChoice()
                choice.tfce = tfce
                choice.connectivity = connectivity
                let found = example.observe(choice)[1]
                let expected = example.bruteTFCE(tfce, connectivity)
                for (a, b) in zip(found, expected) { #expect(abs(a - b) <= 1e-12 * max(b, 1e-3)) }
            }
        }
    }

    @Test("the two sides of a map are enhanced apart, and a voxel belongs to one")
    func twoSided() {
        let example = TreeExample(seed: 5)
        var choice = InferenceChoice()
        choice.tfce = TFCE()
        let both = example.observe(choice, tail: .twoSided)[1]
        let greater = example.observe(choice, tail: .greater)[1]
        let less = example.observe(choice, tail: .less)[1]
        #expect(both == zip(greater, less).map { $0 + $1 })
        #expect(zip(greater, less).allSatisfy { $0 == 0 || $1 == 0 })
    }

    @Test("TFCE(c t) = c^(H + 1) TFCE(t); n equal voxels of height h give n^E h^3 / 3")
    func closedForms() {
        let example = TreeExample(seed: 8)
        var choice = InferenceChoice()
        choice.tfce = TFCE()
        let tree = { (map: [Double], mask: Mask) -> [Double] in
            var reader = MapReader(
                choice, tail: .greater,
                lattice: VoxelLattice(gridShape: mask.grid.shape, offsets: mask.offsets, connectivity: 26),
                tables: EnhancementTables(TFCE(), voxels: map.count, greatestObserved: 1))
            return reader.observe(map).values[1]
        }
        let plain = tree(example.map, example.mask)
        let scaled = tree(example.map.map { 3 * $0 }, example.mask)
        for (a, b) in zip(scaled, plain) { #expect(abs(a - 27 * b) <= 1e-12 * a) }
        let grid = Grid(shape: [3, 3, 3], affine: example.mask.grid.affine)
        let flat = tree([Double](repeating: 1.7, count: 27), Mask(grid: grid) { _ in true })
        for value in flat { #expect(abs(value - 27.0.squareRoot() * 1.7 * 1.7 * 1.7 / 3) < 1e-12) }
    }

    @Test(
        "a stepped sum approaches the integral as its step shrinks, and FSL's is a hundredth of the greatest")
    func stepped() {
        let example = TreeExample(seed: 2)
        func enhanced(_ integration: TFCE.Integration) -> [Double] {
            var choice = InferenceChoice()
            choice.tfce = TFCE(integration: integration)
            return example.observe(choice)[1]
        }
        let exact = enhanced(.exact)
        let fine = enhanced(.stepped(1e-4)).map { $0 * 1e-4 }
        for (a, b) in zip(fine, exact) { #expect(abs(a - b) <= 2e-3 * max(b, 0.1)) }
        // The last step alone depends on how steps are added up.
        let greatest = example.map.max()!
        for (a, b) in zip(enhanced(.steppedAsFSL), enhanced(.stepped(greatest / 100))) {
            #expect(abs(a - b) <= 1e-5 * b || abs(abs(a - b) - greatest * greatest) <= 1e-5 * b)
        }
    }

    @Test(
        "extent and mass at any thresholds are those of an independent labelling",
        arguments: Connectivity.allCases)
    func clusters(connectivity: Connectivity) {
        for seed in 20..<32 as Range<UInt64> {
            let example = TreeExample(seed: seed, ties: seed % 4 == 0)
            var choice = InferenceChoice()
            choice.formingHeights = [1, 0.3, 2.5]
            choice.connectivity = connectivity
            if seed % 2 == 0 { choice.tfce = TFCE() }
            choice.mass = seed % 3 == 0 ? .total : .excess
            for tail in Tail.allCases {
                let found = example.observe(choice, tail: tail)
                for (quantity, values) in zip(choice.quantities, found) {
                    guard let height = quantity.formingThreshold?.height else { continue }
                    let isMass = if case .clusterMass = quantity { true } else { false }
                    var expected = [Double](repeating: 0, count: example.map.count)
                    for side in tail == .greater ? [1.0] : tail == .less ? [-1] : [1, -1] {
                        let heights = example.map.map { side * $0 }
                        let members = Adjacency(example.mask, connectivity)
                            .components(of: heights.map { $0 >= height }).members
                        for cluster in members {
                            let mass = cluster.reduce(0) {
                                $0 + heights[$1] - (choice.mass == .excess ? height : 0)
                            }
                            for voxel in cluster { expected[voxel] = isMass ? mass : Double(cluster.count) }
                        }
                    }
                    for (a, b) in zip(values, expected) { #expect(abs(a - b) <= 1e-12 * max(1, b)) }
                }
            }
        }
    }

    @Test("the tree of the high voxels alone is that of the whole map", arguments: Connectivity.allCases)
    func givenVoxels(connectivity: Connectivity) {
        for seed in 40..<52 as Range<UInt64> {
            let example = TreeExample(seed: seed, shape: [12, 9, 8], ties: seed % 3 == 0)
            var (whole, given) = (
                ComponentTree(example.lattice(connectivity)), ComponentTree(example.lattice(connectivity))
            )
            for (height, known) in [(0.5, -1.0), (1, 0.8), (3.9, 3), (3.9, 1), (50, 2)] {
                for sign in [1.0, -1] {
                    whole.build(example.map, sign: sign, floor: height)
                    // More is known than belongs to the tree, of both signs.
                    let voxels = example.map.indices.filter { abs(example.map[$0]) > known }
                    given.build(
                        voxels.map(Int32.init)[...], voxels.map { example.map[$0] }[...], sign: sign,
                        floor: height)
                    #expect(given.count == whole.count)
                    for node in 0..<whole.count {
                        #expect(given.voxel(node) == whole.voxel(node))
                        #expect(given.height(node) == whole.height(node))
                        #expect(given.extent(node) == whole.extent(node))
                        #expect(given.mass(node) == whole.mass(node))
                    }
                }
            }
        }
    }

    @Test(
        "one neighbour that stands for many gives the tree that every neighbour gives, on every instruction set",
        arguments: Connectivity.allCases)
    func everyNeighbour(connectivity: Connectivity) {
        // Rows longer and shorter than a vector, with gaps; heights that are equal, equal to 26 bits, tiny, huge.
        let shape = [41, 7, 6]
        let grid = Grid(shape: shape, affine: Affine([1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0]))
        for seed in 0..<12 as Range<UInt64> {
            var numbers = TestNumbers(seed)
            let mask = Mask(grid: grid) { _ in seed % 2 == 0 || numbers.uniform() < 0.8 }
            let map = (0..<mask.count).map { voxel -> Double in
                let x = numbers.normal()
                return switch seed % 4 {
                case 0, 1: x
                case 2: (x * 3).rounded() * (1 + 1e-10 * Double(voxel % 3))
                default: x * [1e-12, 1, 1e12][voxel % 3]
                }
            }
            let lattice = VoxelLattice(
                gridShape: shape, offsets: mask.offsets, connectivity: connectivity.rawValue)
            var plain = ComponentTree(lattice)
            for level in InstructionLevel.available {
                var tree = ComponentTree(lattice, level: level)
                for sign in [1.0, -1] {
                    plain.build(map.indices.map(Int32.init)[...], map[...], sign: sign)
                    tree.build(map, sign: sign)
                    #expect(tree.count == plain.count)
                    var (a, b) = (
                        [Double](repeating: 0, count: map.count), [Double](repeating: 0, count: map.count)
                    )
                    let weights = (0...map.count).map { Double($0).squareRoot() }
                    let greatest = tree.integrate(terms: tree.heights, weights: weights, into: &a)
                    #expect(greatest == plain.integrate(terms: plain.heights, weights: weights, into: &b))
                    #expect(a == b)
                    for node in 0..<tree.count {
                        #expect(
                            tree.voxel(node) == plain.voxel(node) && tree.extent(node) == plain.extent(node))
                        #expect(abs(tree.mass(node) - plain.mass(node)) <= 1e-12 * plain.mass(node))
                    }
                }
            }
        }
    }

    @Test("heights that differ in the last bit, or lie far below the greatest, are put in order")
    func order() {
        let grid = Grid(shape: [400, 1, 1], affine: Affine([1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0]))
        let mask = Mask(grid: grid) { _ in true }
        var numbers = TestNumbers(4)
        for (base, spread) in [(1.0, 1e-15), (1e-9, 1e-9), (3, 2)] {
            var map = (0..<400).map { _ in base + spread * numbers.normal() }
            if base == 1e-9 { map[7] = 1e6 }
            var tree = ComponentTree(
                VoxelLattice(gridShape: grid.shape, offsets: mask.offsets, connectivity: 6))
            tree.build(map)
            let expected = map.indices.filter { map[$0] > 0 }.sorted {
                (map[$1], $0) < (map[$0], $1)
            }
            #expect((0..<tree.count).map(tree.voxel) == expected)
        }
    }

    @Test("NaN and values that are not positive belong to no component")
    func nothing() {
        let grid = Grid(shape: [5, 1, 1], affine: Affine([1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0]))
        let mask = Mask(grid: grid) { _ in true }
        var tree = ComponentTree(
            VoxelLattice(gridShape: grid.shape, offsets: mask.offsets, connectivity: 18))
        tree.build([.nan, -1, 0, -0.0, -.infinity])
        #expect(tree.count == 0)
        tree.build([1, .nan, 2, .infinity, 3])
        #expect((0..<tree.count).map(tree.voxel) == [3, 4, 2, 0])
        #expect(tree.extent(2) == 3)
    }
}
