import CoveyImaging

extension ClusterTable {
    /// The names of the columns of ``text``; the first six are nilearn's.
    public static let columnNames = [
        "Cluster ID", "X", "Y", "Z", "Peak Stat", "Cluster Size (mm3)", "Sign", "Voxels", "Mass", "CoG X",
        "CoG Y", "CoG Z", "Peak I", "Peak J", "Peak K", "Threshold", "Connectivity",
    ]

    /// The table as tab-separated text: a header, a row per cluster, and a row for each of its subpeaks, named
    /// `1a`, `1b` and so on, in which what belongs to the cluster is `n/a`.
    ///
    /// X, Y, Z and the centre of gravity (CoG) are in mm, to 0.001 mm; I, J, K count voxels from 0. Other
    /// numbers are written so that they read back the same.
    public var text: String { text(with: nil) }

    /// ``text`` with columns of p-values after the table's own.
    public func text(with pValues: ClusterPValues?) -> String {
        var lines = [(Self.columnNames + (pValues?.names ?? [])).joined(separator: "\t")]
        for (k, cluster) in clusters.enumerated() {
            func append(_ row: String, _ place: Int) {
                let p = pValues?.rows[k][place].map { $0.map(number) ?? "n/a" } ?? []
                lines.append(([row] + p).joined(separator: "\t"))
            }
            append(
                row(
                    "\(cluster.id)", cluster.peak, cluster.sign,
                    size: number(thousandths(cluster.volumeCubicMillimeters)),
                    rest: ["\(cluster.voxelCount)", number(cluster.mass)] + world(cluster.centreOfGravity)), 0
            )
            for (index, peak) in cluster.subpeaks.enumerated() {
                append(
                    row(
                        "\(cluster.id)\(letters(index))", peak, cluster.sign, size: "n/a",
                        rest: [String](repeating: "n/a", count: 5)), index + 1)
            }
        }
        return lines.joined(separator: "\n") + "\n"
    }

    private func row(
        _ name: String, _ peak: Peak, _ sign: Cluster.Sign, size: String, rest: [String]
    ) -> String {
        let place = ["\(peak.voxel.x)", "\(peak.voxel.y)", "\(peak.voxel.z)"]
        return
            ([name] + world(peak.world) + [number(peak.statistic), size, sign.rawValue] + rest + place
            + [number(threshold), "\(connectivity.rawValue)"]).joined(separator: "\t")
    }
}

private func world(_ point: WorldPoint) -> [String] {
    [point.x, point.y, point.z].map { number(thousandths($0)) }
}

private func thousandths(_ value: Double) -> Double { (value * 1000).rounded() / 1000 + 0 }

/// The shortest decimal that reads back the same, without the `.0` of a whole number.
private func number(_ value: Double) -> String {
    let text = "\(value)"
    return text.hasSuffix(".0") ? String(text.dropLast(2)) : text
}

/// 0, 1, ... as a, b, ..., z, aa, ab, ...
private func letters(_ index: Int) -> String {
    let letter = String(UnicodeScalar(UInt8(97 + index % 26)))
    return index < 26 ? letter : letters(index / 26 - 1) + letter
}
