import CoveyCore

/// In what a grid differs from the one it should be.
public enum GridDifference: Hashable, Sendable, CustomStringConvertible {
    /// The number of voxels along the axes.
    case shape(found: [Int], expected: [Int])
    /// The place of the voxels: corners lie up to `distance` mm apart; `isMirrored` where one grid is
    /// left-handed and the other is not.
    case affine(distance: Double, isMirrored: Bool)

    /// The difference of `grid` from `reference`; `nil` where they are the same to
    /// ``Grid/sameGridTolerance``.
    public init?(of grid: Grid, from reference: Grid) {
        if grid.isSame(as: reference) { return nil }
        if grid.shape != reference.shape {
            self = .shape(found: grid.shape, expected: reference.shape)
        } else {
            self = .affine(
                distance: grid.greatestDistance(to: reference),
                isMirrored: grid.affine.determinant * reference.affine.determinant < 0)
        }
    }

    /// The difference in a few words.
    public var description: String {
        switch self {
        case .shape(let found, let expected): "shape \(Self.text(found)) instead of \(Self.text(expected))"
        case .affine(let distance, let isMirrored):
            isMirrored
                ? "affine with a flipped axis, \(significant(distance, digits: 4)) mm off"
                : "affine \(significant(distance, digits: 4)) mm off"
        }
    }

    private static func text(_ shape: [Int]) -> String {
        shape.map { "\($0)" }.joined(separator: " x ")
    }
}
