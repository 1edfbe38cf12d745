import CoveyCore
import CoveyImaging
import CoveyInference
import Foundation
import Testing

@Suite("Random fields")
struct RandomFieldTests {
    /// SPM12's tables published with NIDM-Results example001: t with 84 degrees of freedom, 132.9
    /// voxels per resel, clusters formed at the height of family-wise p = 0.05.
    private let published = RandomFieldTest(
        field: .t(degreesOfFreedom: 84), resels: [7, 42.96312274763, 269.40914815306, 467.07642343881])
    private let voxelsPerResel = 132.907586178202

    private func close(_ a: Double, _ b: Double, _ tolerance: Double) -> Bool {
        abs(a - b) <= tolerance * abs(b)
    }

    @Test("peaks: SPM's family-wise p to 1e-9 and its height threshold to 1e-9")
    func peaks() {
        for (t, p) in [
            (6.55745935440063, 9.17574302586877e-05), (6.19558477401733, 3.82453907303626e-04),
            (5.27320194244385, 0.0119099090973821),
        ] {
            #expect(close(exp(published.logPeakP(t)), p, 1e-9), "\(t): \(exp(published.logPeakP(t)))")
        }
        // SPM takes the uncorrected p as one minus a cumulative: 1e-16 of 2e-9 is 5e-8.
        #expect(close(exp(published.field.logSurvival(6.55745935440063)), 2.10478867668229e-09, 2e-7))
        #expect(close(published.height(alpha: 0.05), 4.85241745689539, 1e-9))
    }

    @Test("clusters: SPM's family-wise and uncorrected p and expected size to 1e-8")
    func clusters() {
        let u = 4.85241745689539
        #expect(close(published.expectedClusterResels(at: u) * voxelsPerResel, 4.02834655908613, 1e-8))
        for (size, corrected, uncorrected) in [
            (37.0, 2.55384009130943e-04, 0.00497953247554), (29, 5.65384750377596e-04, 0.0110257032104773),
            (12, 0.00418900977248904, 0.0818393184514307),
        ] {
            let resels = size / voxelsPerResel
            #expect(close(exp(published.logClusterP(resels: resels, threshold: u)), uncorrected, 1e-8))
            #expect(
                close(exp(published.logClusterFamilyWiseP(resels: resels, threshold: u)), corrected, 1e-8))
        }
    }

    @Test("F with one numerator degree of freedom is t squared: twice the densities, in every dimension")
    func squares() {
        for nu in [5.0, 20, 84, 1000] {
            for t in [1.5, 3.0, 6, 40] {
                let f = RandomField.f(numerator: 1, denominator: nu).logDensities(at: t * t)
                let one = RandomField.t(degreesOfFreedom: nu).logDensities(at: t)
                for d in 0...3 {
                    #expect(
                        abs(f[d] - one[d] - log(2)) < 1e-9 * max(1, abs(f[d])), "\(nu), \(t), dimension \(d)")
                }
            }
        }
    }

    @Test(
        "t of many degrees of freedom is z, and z follows Hermite polynomials: each density is minus the slope of the one before"
    )
    func limits() {
        for u in [2.0, 3.5, 6] {
            let z = RandomField.z.logDensities(at: u)
            let t = RandomField.t(degreesOfFreedom: 1e7).logDensities(at: u)
            for d in 0...3 { #expect(abs(z[d] - t[d]) < 1e-4) }
            let step = 1e-5
            for d in 1...3 {
                func height(_ x: Double) -> Double { exp(RandomField.z.logDensities(at: x)[d - 1]) }
                let slope = (height(u - step) - height(u + step)) / (2 * step)
                // rho_d = sqrt(4 ln 2 / 2 pi) times minus the derivative of rho_(d - 1).
                #expect(close(exp(z[d]), sqrt(4 * log(2) / (2 * .pi)) * slope, 1e-7))
            }
        }
    }

    @Test("p falls with height and extent, grows with the region, and never underflows")
    func monotone() {
        let fields: [RandomField] = [.z, .t(degreesOfFreedom: 20), .f(numerator: 3, denominator: 40)]
        let large = [1.0, 60, 600, 2000]
        for field in fields {
            let (small, big) = (
                RandomFieldTest(field: field, resels: large.map { $0 / 2 }),
                RandomFieldTest(field: field, resels: large)
            )
            var last = 1.0
            for u in stride(from: 4.0, to: 60, by: 0.5) {
                let p = big.logPeakP(u)
                #expect(p <= last && p > small.logPeakP(u) - 1e-12 && p >= field.logSurvival(u) && p.isFinite)
                last = p
            }
            #expect(abs(big.logPeakP(big.height(alpha: 0.05)) - log(0.05)) < 1e-9)
            let u = field.quantile(logSurvival: log(0.001))
            let sizes = stride(from: 0.05, to: 3, by: 0.05).map {
                big.logClusterFamilyWiseP(resels: $0, threshold: u)
            }
            #expect(zip(sizes, sizes.dropFirst()).allSatisfy { $0 > $1 })
            #expect(big.logClusterP(resels: 0, threshold: u) == 0)
        }
        #expect(RandomFieldTest(field: .z, resels: large).logPeakP(1e4) < -4e7)
    }

    @Test("a single point has the p of its statistic, and one cluster or more is the cluster's own p")
    func corners() {
        let point = RandomFieldTest(field: .t(degreesOfFreedom: 30), resels: [1, 0, 0, 0])
        // 1 - exp(-p) for p, SPM's Poisson count.
        #expect(abs(exp(point.logPeakP(4)) / exp(point.field.logSurvival(4)) - 1) < 1e-3)
        #expect(point.dimension == 0 && point.logClusterP(resels: 1, threshold: 3) == 0)
        let u = published.field.quantile(logSurvival: log(0.001))
        #expect(
            published.logSetP(count: 1, resels: 0.2, threshold: u)
                == published.logClusterFamilyWiseP(resels: 0.2, threshold: u))
        #expect(published.logSetP(count: 1, resels: 0, threshold: 5) == published.logPeakP(5))
    }

    @Test("set level: the Poisson tail summed term by term")
    func sets() {
        let u = published.field.quantile(logSurvival: log(0.001))
        for extent in [0.0, 0.05, 0.1, 0.3, 1] {
            let mean = exp(
                published.logExpectedClusters(at: u) + published.logClusterP(resels: extent, threshold: u))
            for count in [1, 2, 5, 12] {
                var (tail, term) = (0.0, exp(Double(count) * log(mean) - mean - logGamma(Double(count) + 1)))
                for k in count..<count + 400 {
                    tail += term
                    term *= mean / Double(k + 1)
                }
                #expect(
                    close(exp(published.logSetP(count: count, resels: extent, threshold: u)), tail, 1e-10))
            }
        }
        // Far below the range of Double.
        let far = published.logSetP(count: 50, resels: 6, threshold: 6)
        let mean = published.logExpectedClusters(at: 6) + published.logClusterP(resels: 6, threshold: 6)
        #expect(close(far, 50 * mean - logGamma(51), 1e-12))
    }
}

@Suite("Smoothness")
struct SmoothnessTests {
    private func grid(_ shape: [Int], millimeters: Double = 3) -> Grid {
        Grid(
            shape: shape, affine: Affine([millimeters, 0, 0, 0, 0, millimeters, 0, 0, 0, 0, millimeters, 0]))
    }

    @Test("a box has the resels of a box: 1, the sum, the pair products and the product of its sides in FWHM")
    func box() {
        let mask = Mask(grid: grid([9, 8, 7])) { _ in true }
        let (a, b, c) = (8 / 2.0, 7 / 3.0, 6 / 4.0)
        let found = ReselCount(mask: mask).resels(fwhmVoxels: [2, 3, 4])
        let expected = [1, a + b + c, a * b + a * c + b * c, a * b * c]
        for (x, y) in zip(found, expected) { #expect(abs(x - y) < 1e-12) }
    }

    @Test("R0 is the Euler characteristic: two boxes 2, a ring 0, a hollow shell 2")
    func euler() {
        let cube = grid([5, 5, 5])
        func zero(_ isInside: @escaping (VoxelIndex) -> Bool) -> Double {
            ReselCount(mask: Mask(grid: cube) { isInside(cube.index(at: $0)) }).resels(fwhmVoxels: [1, 1, 1])[
                0]
        }
        #expect(zero { $0.x != 2 } == 2)
        #expect(zero { ($0.x == 0 || $0.x == 4 || $0.y == 0 || $0.y == 4) } == 0)
        #expect(zero { [$0.x, $0.y, $0.z].contains { $0 == 0 || $0 == 4 } } == 2)
    }

    /// White noise, smoothed by a Gaussian along each axis and cut to the middle.
    private func noise(
        _ shape: [Int], sigma: [Double], _ random: inout PhiloxStream
    ) -> [Double] {
        var data = (0..<shape.reduce(1, *)).map { _ in random.normal() }
        let strides = [1, shape[0], shape[0] * shape[1]]
        for axis in 0..<3 where shape[axis] > 1 {
            let reach = Int(4 * sigma[axis] + 1)
            let weights = (-reach...reach).map { exp(-0.5 * pow(Double($0) / sigma[axis], 2)) }
            let source = data
            for offset in data.indices {
                let place = offset / strides[axis] % shape[axis]
                data[offset] = weights.indices.reduce(0) { sum, k in
                    // Around the end: the noise is the same everywhere.
                    let there = (place + k - reach + shape[axis]) % shape[axis]
                    return sum + weights[k] * source[offset + (there - place) * strides[axis]]
                }
            }
        }
        return data
    }

    @Test(
        "the width of the smoothing that made the noise is found, axis by axis",
        arguments: [[20, 18, 16], [60, 50, 1], [400, 1, 1]])
    func recovery(_ shape: [Int]) throws {
        let sigma = [1.5, 1.9, 1.3]
        let mask = Mask(grid: grid(shape)) { $0 % 97 != 0 }
        let subjects = 16
        var random = PhiloxStream(seed: 12, domain: 0, index: 0)
        let maps = (0..<subjects).map { _ -> [Double] in
            let volume = noise(shape, sigma: sigma, &random)
            return mask.offsets.map { 7 * volume[Int($0)] + 100 }
        }
        let means = (0..<mask.count).map { v in maps.reduce(0) { $0 + $1[v] } / Double(subjects) }
        let residuals = maps.map { map in zip(map, means).map { $0 - $1 } }
        let squares = (0..<mask.count).map { v in residuals.reduce(0) { $0 + $1[v] * $1[v] } }
        var estimator = SmoothnessEstimator(mask: mask, residualSumOfSquares: squares)
        for map in residuals { estimator.add(map) }
        let found = try #require(estimator.smoothness())
        for axis in 0..<3 {
            guard shape[axis] > 1 else {
                #expect(found.fwhmVoxels[axis] == 1)
                continue
            }
            // What differences of neighbours see: correlation exp(-1 / 4 sigma^2) at a distance of one voxel.
            let lambda = 2 * (1 - exp(-1 / (4 * sigma[axis] * sigma[axis])))
            let expected = sqrt(4 * log(2) / lambda)
            #expect(
                abs(found.fwhmVoxels[axis] / expected - 1) < 0.1, "axis \(axis): \(found) for \(expected)")
            #expect(abs(found.fwhmMillimeters[axis] - 3 * found.fwhmVoxels[axis]) < 1e-9)
        }
        #expect(found.voxelCount < mask.count && found.voxelCount > mask.count / 2)
        #expect(found.resels == ReselCount(mask: mask).resels(fwhmVoxels: found.fwhmVoxels))
    }

    @Test("voxels without variance and their neighbours are left out; without any voxel there is no estimate")
    func missing() {
        let mask = Mask(grid: grid([4, 4, 4])) { _ in true }
        let none = SmoothnessEstimator(mask: mask, residualSumOfSquares: [Double](repeating: 0, count: 64))
        #expect(none.smoothness() == nil)
        var random = PhiloxStream(seed: 1, domain: 0, index: 0)
        let maps = (0..<9).map { _ in (0..<64).map { _ in random.normal() } }
        var squares = (0..<64).map { v in maps.reduce(0) { $0 + $1[v] * $1[v] } }
        squares[21] = .nan
        var estimator = SmoothnessEstimator(mask: mask, residualSumOfSquares: squares)
        for map in maps { estimator.add(map) }
        // Voxel 21 is (1, 1, 1), a corner of 8 of the 27 cubes.
        #expect(estimator.smoothness()?.voxelCount == 19)
    }
}
