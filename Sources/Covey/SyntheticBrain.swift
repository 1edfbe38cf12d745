import CoveyImaging

/// A smooth bump of compact support: `(1 - r^2 / R^2)^3` within the radius R, 0 beyond.
///
/// Its full width at half maximum is 0.91 R. Made of multiplications, so that it has the same bits everywhere.
struct Bump: Sendable {
    /// Where the bump is 1, in mm.
    let centre: WorldPoint
    /// Where it ends, in mm.
    let radius: Double
    /// What it is multiplied by.
    let height: Double

    init(_ x: Double, _ y: Double, _ z: Double, radius: Double, height: Double = 1) {
        centre = WorldPoint(x, y, z)
        self.radius = radius
        self.height = height
    }

    func value(at point: WorldPoint) -> Double {
        let (x, y, z) = (point.x - centre.x, point.y - centre.y, point.z - centre.z)
        let left = 1 - (x * x + y * y + z * z) / (radius * radius)
        return left > 0 ? height * left * left * left : 0
    }
}

/// The shape of a brain in MNI space, and where the synthetic effects lie.
enum SyntheticBrain {
    /// An ellipsoid with its axes along x, y and z, mirrored to the other side unless it is on the midline.
    private struct Ellipsoid: Sendable {
        let centre: (Double, Double, Double)
        let radii: (Double, Double, Double)

        func contains(_ p: WorldPoint) -> Bool {
            let x = ((centre.0 == 0 ? p.x : abs(p.x)) - centre.0) / radii.0
            let y = (p.y - centre.1) / radii.1
            let z = (p.z - centre.2) / radii.2
            return x * x + y * y + z * z <= 1
        }
    }

    private static let cerebrum = Ellipsoid(centre: (26, -18, 18), radii: (40, 82, 56))
    private static let parts = [
        Ellipsoid(centre: (45, -14, -22), radii: (21, 38, 22)),  // temporal lobe
        Ellipsoid(centre: (20, 32, -4), radii: (23, 32, 20)),  // orbitofrontal cortex
        Ellipsoid(centre: (23, -64, -34), radii: (28, 27, 19)),  // cerebellum
        Ellipsoid(centre: (0, -24, -30), radii: (13, 15, 30)),  // brain stem
        Ellipsoid(centre: (0, -20, 10), radii: (28, 42, 28)),  // deep structures
    ]

    /// The plane between the hemispheres is brain within this ellipse only.
    private static let commissures = Ellipsoid(centre: (0, -18, 12), radii: (1, 60, 36))

    /// Whether a point lies in the brain.
    static func contains(_ p: WorldPoint) -> Bool {
        if abs(p.x) < 2 && p.z > -20 && !commissures.contains(WorldPoint(0, p.y, p.z)) { return false }
        // Above the temporal poles and the cerebellum the cerebrum is cut off flat.
        return (cerebrum.contains(p) && p.z > -20) || parts.contains { $0.contains(p) }
    }

    /// What pressing a button with the left hand after a spoken instruction does on average.
    static let mainEffect = [
        Bump(38, -24, 56, radius: 24),  // right motor cortex
        Bump(-20, -52, -24, radius: 20, height: 0.7),  // left cerebellum
        Bump(2, -6, 56, radius: 18, height: 0.6),  // supplementary motor area
        Bump(54, -20, 8, radius: 20, height: 0.6),  // auditory cortex, right
        Bump(-54, -20, 8, radius: 20, height: 0.6),  // auditory cortex, left
        Bump(-38, -24, 56, radius: 20, height: -0.35),  // left motor cortex
    ]

    /// Where the maps follow the score.
    static let association = [
        Bump(-46, -5, 40, radius: 22),  // left premotor cortex
        Bump(10, -6, 10, radius: 18),  // right thalamus
    ]
}
