public import CoveyImaging

#if canImport(Darwin)
    import Darwin
#elseif canImport(Musl)
    import Musl
#else
    import Glibc
#endif

/// How smooth the errors of a fit are: the FWHM along each axis, and the resels of the mask that follow.
public struct Smoothness: Sendable, Hashable, Codable {
    /// The full width at half maximum of the Gaussian that would give white noise this smoothness, in voxels
    /// along each axis of the grid. 1 along an axis of a single voxel.
    public let fwhmVoxels: [Double]
    /// The same in mm.
    public let fwhmMillimeters: [Double]
    /// The resel counts of the mask in dimensions 0 to 3.
    public let resels: [Double]
    /// How many voxels the estimate rests on.
    public let voxelCount: Int

    /// The voxels in one resel: the product of the FWHM. Cluster sizes in voxels over this are resels.
    public var voxelsPerResel: Double { fwhmVoxels.reduce(1, *) }

    /// A smoothness known or estimated elsewhere.
    ///
    /// - Precondition: three positive widths.
    public init(fwhmVoxels: [Double], mask: Mask, voxelCount: Int) {
        precondition(fwhmVoxels.count == 3 && fwhmVoxels.allSatisfy { $0 > 0 && $0.isFinite })
        self.fwhmVoxels = fwhmVoxels
        let zero = mask.grid.affine.world(0, 0, 0)
        fwhmMillimeters = (0..<3).map { axis in
            let step = mask.grid.affine.world(
                axis == 0 ? 1 : 0, axis == 1 ? 1 : 0, axis == 2 ? 1 : 0)
            let (x, y, z) = (step.x - zero.x, step.y - zero.y, step.z - zero.z)
            return fwhmVoxels[axis] * (x * x + y * y + z * z).squareRoot()
        }
        resels = ReselCount(mask: mask).resels(fwhmVoxels: fwhmVoxels)
        self.voxelCount = voxelCount
    }
}

/// The points, edges, faces and cubes of a mask as a lattice of voxel centres, from which its resel counts follow
/// for any smoothness.
///
/// Worsley et al. (1996), Human Brain Mapping 4:58-73: with P points, E_x edges along x, F_xy faces across z, C
/// cubes and widths w,
///
///     R_0 = P - (E_x + E_y + E_z) + (F_xy + F_xz + F_yz) - C
///     R_1 = (E_x - F_xy - F_xz + C) / w_x + (E_y - F_xy - F_yz + C) / w_y + (E_z - F_xz - F_yz + C) / w_z
///     R_2 = (F_xy - C) / (w_x w_y) + (F_xz - C) / (w_x w_z) + (F_yz - C) / (w_y w_z)
///     R_3 = C / (w_x w_y w_z)
public struct ReselCount: Sendable, Hashable {
    /// Number of voxels.
    public let points: Int
    /// Pairs of neighbours along x, y and z.
    public let edges: [Int]
    /// Squares of four across x, y and z: in the planes yz, xz and xy.
    public let faces: [Int]
    /// Cubes of eight.
    public let cubes: Int

    /// The counts of a mask. O(voxels of the grid).
    public init(mask: Mask) {
        let shape = mask.grid.shape
        let columns = mask.columnOfVoxel()
        var (edges, faces, cubes) = ([0, 0, 0], [0, 0, 0], 0)
        for offset in mask.offsets {
            let here = mask.grid.index(at: Int(offset))
            func isInside(_ x: Int, _ y: Int, _ z: Int) -> Bool {
                guard here.x + x < shape[0], here.y + y < shape[1], here.z + z < shape[2] else {
                    return false
                }
                return columns[Int(offset) + x + shape[0] * (y + shape[1] * z)] >= 0
            }
            let (x, y, z) = (isInside(1, 0, 0), isInside(0, 1, 0), isInside(0, 0, 1))
            if x { edges[0] += 1 }
            if y { edges[1] += 1 }
            if z { edges[2] += 1 }
            let (yz, xz, xy) = (
                y && z && isInside(0, 1, 1), x && z && isInside(1, 0, 1), x && y && isInside(1, 1, 0)
            )
            if yz { faces[0] += 1 }
            if xz { faces[1] += 1 }
            if xy { faces[2] += 1 }
            if yz && xz && xy && isInside(1, 1, 1) { cubes += 1 }
        }
        points = mask.count
        self.edges = edges
        self.faces = faces
        self.cubes = cubes
    }

    /// The resel counts in dimensions 0 to 3 for widths in voxels.
    public func resels(fwhmVoxels w: [Double]) -> [Double] {
        let zero = points - edges.reduce(0, +) + faces.reduce(0, +) - cubes
        var (one, two) = (0.0, 0.0)
        for axis in 0..<3 {
            let (next, last) = ((axis + 1) % 3, (axis + 2) % 3)
            one += Double(edges[axis] - faces[next] - faces[last] + cubes) / w[axis]
            two += Double(faces[axis] - cubes) / (w[next] * w[last])
        }
        return [Double(zero), one, two, Double(cubes) / (w[0] * w[1] * w[2])]
    }
}
