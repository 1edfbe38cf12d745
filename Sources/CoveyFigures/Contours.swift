internal import CoveyCanvas

/// The lines along which a field of numbers on a raster crosses a level (marching squares; Lorensen and Cline
/// 1987 in two dimensions).
enum Contours {
    /// Closed loops around what is at or above `level`, in pixels from the centre of the first pixel.
    ///
    /// A crossing lies where the straight line between two neighbouring centres reaches the level. Numbers that
    /// are not finite and everything beyond the raster count as outside, half a pixel away. Where four
    /// neighbours disagree crosswise, their mean decides whether the inside is joined.
    static func loops(_ values: [Double], width: Int, height: Int, level: Double) -> [[Point]] {
        precondition(values.count == width * height, "\(values.count) values for \(width) x \(height)")
        func value(_ x: Int, _ y: Int) -> Double {
            guard x >= 0, y >= 0, x < width, y < height, values[y * width + x].isFinite else { return .nan }
            return values[y * width + x]
        }
        // An edge belongs to its upper left point: 2n runs to the right, 2n + 1 downward.
        let stride = width + 2
        func edge(_ x: Int, _ y: Int, down: Bool) -> Int { 2 * ((y + 1) * stride + x + 1) + (down ? 1 : 0) }
        var next: [Int: Int] = [:]
        var starts: [Int] = []
        for y in -1..<height {
            for x in -1..<width {
                // Clockwise from the upper left.
                let corners = [value(x, y), value(x + 1, y), value(x + 1, y + 1), value(x, y + 1)]
                let inside = corners.map { $0 >= level }
                guard inside.contains(true), inside.contains(false) else { continue }
                let edges = [
                    edge(x, y, down: false), edge(x + 1, y, down: true), edge(x, y + 1, down: false),
                    edge(x, y, down: true),
                ]
                let exits = (0..<4).filter { inside[$0] && !inside[($0 + 1) % 4] }
                let isJoined = exits.count == 2 && corners.reduce(0, +) / 4 >= level
                for exit in exits {
                    let step = isJoined || exits.count == 1 ? 1 : 3
                    var entry = (exit + step) % 4
                    while !(inside[(entry + 1) % 4] && !inside[entry]) { entry = (entry + step) % 4 }
                    next[edges[exit]] = edges[entry]
                    starts.append(edges[exit])
                }
            }
        }
        func point(_ edge: Int) -> Point {
            let (x, y) = (edge / 2 % stride - 1, edge / 2 / stride - 1)
            let (a, b) = (value(x, y), edge % 2 == 1 ? value(x, y + 1) : value(x + 1, y))
            let share = a.isNaN || b.isNaN ? 0.5 : (level - a) / (b - a)
            return edge % 2 == 1 ? Point(Double(x), Double(y) + share) : Point(Double(x) + share, Double(y))
        }
        var loops: [[Point]] = []
        for start in starts {
            var loop: [Point] = []
            var edge = start
            while let following = next.removeValue(forKey: edge) {
                loop.append(point(edge))
                edge = following
            }
            if !loop.isEmpty { loops.append(loop) }
        }
        return loops
    }
}

extension Contours {
    /// Closed loops along the sides of pixels, around those that are inside, clockwise (holes the other way), in
    /// pixels from the upper left corner of the first. Pixels that meet at a corner alone are not joined; only
    /// corners are listed.
    static func edges(of isInside: [Bool], width: Int, height: Int) -> [[Point]] {
        precondition(isInside.count == width * height)
        func inside(_ x: Int, _ y: Int) -> Bool {
            x >= 0 && y >= 0 && x < width && y < height && isInside[y * width + x]
        }
        // Directions: right, down, left, up. A side runs with the inside on its right.
        let steps = [(1, 0), (0, 1), (-1, 0), (0, -1)]
        let stride = width + 1
        var sides: [Int: [Int]] = [:]
        var starts: [(corner: Int, direction: Int)] = []
        for y in 0..<height {
            for x in 0..<width where isInside[y * width + x] {
                let corner = y * stride + x
                for (direction, from, isBorder) in [
                    (0, corner, !inside(x, y - 1)), (1, corner + 1, !inside(x + 1, y)),
                    (2, corner + stride + 1, !inside(x, y + 1)), (3, corner + stride, !inside(x - 1, y)),
                ] where isBorder {
                    sides[from, default: []].append(direction)
                    starts.append((from, direction))
                }
            }
        }
        var loops: [[Point]] = []
        for start in starts where sides[start.corner]?.contains(start.direction) == true {
            var loop: [Point] = []
            var (corner, direction) = start
            var last = -1
            repeat {
                sides[corner]!.removeAll { $0 == direction }
                if direction != last { loop.append(Point(Double(corner % stride), Double(corner / stride))) }
                last = direction
                corner += steps[direction].0 + steps[direction].1 * stride
                // Turning right first keeps pixels apart that meet at a corner alone.
                let open = sides[corner]! + (corner == start.corner ? [start.direction] : [])
                direction = [1, 0, 3].map { (last + $0) % 4 }.first(where: open.contains)!
            } while (corner, direction) != start
            // The first side may go on from the last one.
            if loop.count > 4, let first = loop.first, let second = loop.dropFirst().first,
                let end = loop.last,
                (first.x == second.x && first.x == end.x) || (first.y == second.y && first.y == end.y)
            {
                loop.removeFirst()
            }
            loops.append(loop)
        }
        return loops
    }
}
