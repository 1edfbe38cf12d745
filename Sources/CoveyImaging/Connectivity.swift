/// Which of the 26 voxels around a voxel count as its neighbours.
public enum Connectivity: Int, Sendable, Codable, CaseIterable {
    /// The 6 that share a face.
    case faces = 6
    /// The 18 that share a face or an edge.
    case edges = 18
    /// The 26 that share a face, an edge or a corner.
    case corners = 26

    /// The steps to the neighbours, in storage order: the first half lead to voxels stored earlier.
    public var steps: [(x: Int, y: Int, z: Int)] {
        let axesCrossed =
            switch self {
            case .faces: 1
            case .edges: 2
            case .corners: 3
            }
        var steps: [(x: Int, y: Int, z: Int)] = []
        for z in -1...1 {
            for y in -1...1 {
                for x in -1...1 where (1...axesCrossed).contains(abs(x) + abs(y) + abs(z)) {
                    steps.append((x, y, z))
                }
            }
        }
        return steps
    }
}
