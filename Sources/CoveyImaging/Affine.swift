/// A voxel position counted from 0: x first, then y, then z. Never millimetres.
public struct VoxelIndex: Hashable, Sendable, Codable {
    /// Position along the first, second and third axis of the image.
    public var x: Int, y: Int, z: Int

    /// The voxel at (x, y, z).
    public init(_ x: Int, _ y: Int, _ z: Int) {
        self.x = x
        self.y = y
        self.z = z
    }
}

/// A position in the scanner's or the template's space, in millimetres, RAS+: x grows to the subject's
/// right, y to the front, z to the top.
public struct WorldPoint: Hashable, Sendable, Codable {
    /// Millimetres to the right, to the front, to the top.
    public var x: Double, y: Double, z: Double

    /// The point at (x, y, z) mm.
    public init(_ x: Double, _ y: Double, _ z: Double) {
        self.x = x
        self.y = y
        self.z = z
    }
}

/// The map from voxel positions to millimetres: `world = linear * voxel + translation`.
///
/// Stored as the top three rows of the usual 4 x 4 matrix, row by row, 12 numbers.
public struct Affine: Hashable, Sendable, Codable {
    /// Rows of the 3 x 4 matrix, one after the other.
    public let elements: [Double]

    /// An affine from 12 numbers, row by row.
    ///
    /// - Precondition: `elements.count == 12`.
    public init(_ elements: [Double]) {
        precondition(elements.count == 12, "an affine has 12 elements, not \(elements.count)")
        self.elements = elements
    }

    /// The element of row `row` (0...2) and column `column` (0...3; 3 is the translation in mm).
    public subscript(row: Int, column: Int) -> Double { elements[row * 4 + column] }

    /// Where the centre of a (possibly fractional) voxel position lies, in mm.
    public func world(_ x: Double, _ y: Double, _ z: Double) -> WorldPoint {
        func row(_ r: Int) -> Double {
            self[r, 0] * x + self[r, 1] * y + self[r, 2] * z + self[r, 3]
        }
        return WorldPoint(row(0), row(1), row(2))
    }

    /// Where the centre of a voxel lies, in mm.
    public func world(_ index: VoxelIndex) -> WorldPoint {
        world(Double(index.x), Double(index.y), Double(index.z))
    }

    /// The determinant of the linear part, in mm3 per voxel; negative where the axes are left-handed.
    public var determinant: Double {
        self[0, 0] * (self[1, 1] * self[2, 2] - self[1, 2] * self[2, 1])
            - self[0, 1] * (self[1, 0] * self[2, 2] - self[1, 2] * self[2, 0])
            + self[0, 2] * (self[1, 0] * self[2, 1] - self[1, 1] * self[2, 0])
    }

    /// The length in mm of one step along each voxel axis: the norms of the columns.
    public var voxelSizes: [Double] {
        (0..<3).map { c in
            (self[0, c] * self[0, c] + self[1, c] * self[1, c] + self[2, c] * self[2, c]).squareRoot()
        }
    }

    /// The inverse map, from millimetres to (fractional) voxel positions; `nil` where there is none.
    public var inverse: Affine? {
        let d = determinant
        guard d.isFinite, d != 0 else { return nil }
        var m = [Double](repeating: 0, count: 12)
        for r in 0..<3 {
            for c in 0..<3 {
                let (r1, r2) = ((c + 1) % 3, (c + 2) % 3)
                let (c1, c2) = ((r + 1) % 3, (r + 2) % 3)
                m[r * 4 + c] = (self[r1, c1] * self[r2, c2] - self[r1, c2] * self[r2, c1]) / d
            }
        }
        for r in 0..<3 {
            m[r * 4 + 3] = -(m[r * 4] * self[0, 3] + m[r * 4 + 1] * self[1, 3] + m[r * 4 + 2] * self[2, 3])
        }
        return Affine(m)
    }
}

extension Affine {
    /// The anatomical direction that each voxel axis comes closest to, such as `RAS` or `LPI`.
    public var axisCodes: String {
        let letters = [("R", "L"), ("A", "P"), ("S", "I")]
        var taken = Set<Int>()
        return (0..<3).map { axis in
            let row = (0..<3).filter { !taken.contains($0) }.max {
                abs(self[$0, axis]) < abs(self[$1, axis])
            }!
            taken.insert(row)
            return self[row, axis] >= 0 ? letters[row].0 : letters[row].1
        }.joined()
    }
}
