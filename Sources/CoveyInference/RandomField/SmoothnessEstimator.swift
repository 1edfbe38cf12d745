public import CoveyImaging

#if canImport(Darwin)
    import Darwin
#elseif canImport(Musl)
    import Musl
#else
    import Glibc
#endif

/// Estimates the smoothness of the errors from the residuals of a fit, one map at a time.
///
/// Residuals are scaled to length 1 at each voxel, `r = e / sqrt(RSS)`, and the covariance of their gradients is
/// summed over the maps,
///
///     Lambda_ab = sum over maps of (d_a r)(d_b r)
///
/// which estimates that of the error field without bias (Worsley 1996; Kiebel, Poline, Friston, Holmes and
/// Worsley 1999, NeuroImage 10:756-766). Gradients are differences to the next voxel. Resels per voxel are
/// `sqrt(det Lambda / (4 ln 2)^D)`, averaged over the voxels whose next neighbours along every axis, and those'
/// neighbours, all lie in the mask; the widths along the axes are in the ratio of the averages of
/// `sqrt(Lambda_aa)` and their product is one over the resels per voxel, as in SPM12's `spm_est_smoothness`.
///
/// The difference to the next voxel is a poor gradient of a rough field: below a FWHM of 2 to 3 voxels the
/// estimate is too large.
public struct SmoothnessEstimator: Sendable {
    private let mask: Mask
    /// 1 / sqrt(RSS), 0 where there is none.
    private let scale: [Double]
    /// The axes with more than one voxel.
    private let axes: [Int]
    /// For each voxel used, its column and those of its next neighbours along the axes.
    private let corners: [Int32]
    /// The products of gradients, voxel by voxel: the upper triangle of Lambda, row by row.
    private var products: [Double]
    /// Number of maps.
    public private(set) var mapCount = 0

    /// An estimate without maps.
    ///
    /// - Parameter residualSumOfSquares: one per voxel of the mask; voxels without variance, 0 or NaN, are left
    ///   out with those beside them.
    public init(mask: Mask, residualSumOfSquares: [Double]) {
        precondition(residualSumOfSquares.count == mask.count, "\(residualSumOfSquares.count) sums")
        self.mask = mask
        let scale = residualSumOfSquares.map { $0 > 0 && $0.isFinite ? 1 / $0.squareRoot() : 0 }
        let shape = mask.grid.shape
        let axes = (0..<3).filter { shape[$0] > 1 }
        let strides = [1, shape[0], shape[0] * shape[1]]
        let columns = mask.columnOfVoxel()
        var corners: [Int32] = []
        for (column, offset) in mask.offsets.enumerated() {
            let index = mask.grid.index(at: Int(offset))
            let place = [index.x, index.y, index.z]
            guard axes.allSatisfy({ place[$0] + 1 < shape[$0] }) else { continue }
            // Every corner of the cube towards the next voxels.
            let isWhole = (0..<1 << axes.count).allSatisfy { corner in
                let there = axes.enumerated().reduce(Int(offset)) {
                    corner >> $1.offset & 1 == 1 ? $0 + strides[$1.element] : $0
                }
                return columns[there] >= 0 && scale[Int(columns[there])] > 0
            }
            guard isWhole else { continue }
            corners.append(Int32(column))
            corners += axes.map { columns[Int(offset) + strides[$0]] }
        }
        self.corners = corners
        (self.scale, self.axes) = (scale, axes)
        let voxels = corners.count / (axes.count + 1)
        products = [Double](repeating: 0, count: voxels * axes.count * (axes.count + 1) / 2)
    }

    /// Takes the residuals of one map, in the units of ``init(mask:residualSumOfSquares:)``. Every map must be
    /// given, in the same order for the same bits.
    ///
    /// - Precondition: one number per voxel of the mask.
    public mutating func add(_ residuals: [Double]) {
        precondition(residuals.count == mask.count, "\(residuals.count) residuals for \(mask.count) voxels")
        mapCount += 1
        let d = axes.count
        var (corner, product) = (0, 0)
        var gradient = [Double](repeating: 0, count: d)
        while corner < corners.count {
            let here = Int(corners[corner])
            let value = residuals[here] * scale[here]
            for axis in 0..<d {
                let next = Int(corners[corner + 1 + axis])
                gradient[axis] = residuals[next] * scale[next] - value
            }
            for a in 0..<d {
                for b in a..<d {
                    products[product] += gradient[a] * gradient[b]
                    product += 1
                }
            }
            corner += d + 1
        }
    }

    /// The smoothness of the maps so far; `nil` where no voxel has all its neighbours in the mask, or the
    /// residuals do not vary between them.
    public func smoothness() -> Smoothness? {
        let d = axes.count
        let size = d * (d + 1) / 2
        let voxels = d == 0 ? 0 : products.count / size
        guard voxels > 0, mapCount > 0 else { return nil }
        let fourLn2 = 4 * 0.693_147_180_559_945_309
        var reselsPerVoxel = 0.0
        var roots = [Double](repeating: 0, count: d)
        for voxel in 0..<voxels {
            let l = products[voxel * size..<(voxel + 1) * size]
            let s = l.startIndex
            let determinant: Double
            switch d {
            case 1:
                determinant = l[s]
                roots[0] += l[s].squareRoot()
            case 2:
                determinant = l[s] * l[s + 2] - l[s + 1] * l[s + 1]
                for axis in 0..<2 { roots[axis] += l[s + 2 * axis].squareRoot() }
            default:
                let (xx, xy, xz, yy, yz, zz) = (l[s], l[s + 1], l[s + 2], l[s + 3], l[s + 4], l[s + 5])
                determinant = xx * (yy * zz - yz * yz) - xy * (xy * zz - yz * xz) + xz * (xy * yz - yy * xz)
                roots[0] += xx.squareRoot()
                roots[1] += yy.squareRoot()
                roots[2] += zz.squareRoot()
            }
            reselsPerVoxel += (max(0, determinant) / pow(fourLn2, Double(d))).squareRoot()
        }
        reselsPerVoxel /= Double(voxels)
        let widths = roots.map { 1 / ($0 / Double(voxels)) }
        // Scaled so that their product is one over the resels per voxel.
        let factor = pow(1 / (reselsPerVoxel * widths.reduce(1, *)), 1 / Double(d))
        let fwhm = (0..<3).map { axis in axes.firstIndex(of: axis).map { widths[$0] * factor } ?? 1 }
        guard fwhm.allSatisfy({ $0.isFinite && $0 > 0 }) else { return nil }
        return Smoothness(fwhmVoxels: fwhm, mask: mask, voxelCount: voxels)
    }
}
