import CoveyImaging

extension ClusterTable {
    /// The table's own columns, in the order of its file; the first six are named as nilearn's.
    ///
    /// - Parameters:
    ///   - letter: how readers know the statistic.
    ///   - noun: what readers call a row.
    public func columns(letter: String = "Statistic", noun: String = "Cluster") -> [ClusterColumn] {
        ownColumns(letter, noun).map { own in
            ClusterColumn(own.measure, own.level, rank: own.rank, in: self, value: own.value)
        }
    }

    /// The names of ``columns(letter:noun:)``.
    public static let columnNames = [
        "Cluster ID", "X", "Y", "Z", "Peak Stat", "Cluster Size (mm3)", "Sign", "Voxels", "Mass", "CoG X",
        "CoG Y", "CoG Z", "Peak I", "Peak J", "Peak K", "Threshold", "Connectivity",
    ]

    private typealias Own = (
        measure: Measure, level: ClusterColumn.Level, rank: Int, value: (ClusterRow) -> MeasuredValue?
    )

    private func ownColumns(_ letter: String, _ noun: String) -> [Own] {
        func coordinate(_ axis: String, _ heading: String, _ value: @escaping (WorldPoint) -> Double) -> Own {
            let measure = Measure(
                axis, heading: heading, meaning: "World coordinate of the peak (RAS+), to 0.001 mm",
                unit: "mm", style: .decimals(1))
            return (measure, .peak, 0, { .number(thousandths(value($0.peak.world))) })
        }
        func gravity(_ axis: String, _ value: @escaping (WorldPoint) -> Double) -> Own {
            let measure = Measure(
                "CoG \(axis)", heading: nil,
                meaning:
                    "World coordinate of the cluster's centre of gravity, weighted by the magnitude of the "
                    + "statistic, to 0.001 mm", unit: "mm", style: .decimals(1))
            return (
                measure, .cluster, 0,
                { $0.subpeak == nil ? .number(thousandths(value($0.cluster.centreOfGravity))) : nil }
            )
        }
        func index(_ axis: String, _ value: @escaping (VoxelIndex) -> Int) -> Own {
            let measure = Measure(
                "Peak \(axis)", heading: nil, meaning: "Index of the peak's voxel in the grid, from 0",
                style: .count)
            return (measure, .peak, 0, { .number(Double(value($0.peak.voxel))) })
        }
        func ofCluster(_ measure: Measure, _ rank: Int, _ value: @escaping (Cluster) -> Double) -> Own {
            (measure, .cluster, rank, { $0.subpeak == nil ? .number(value($0.cluster)) : nil })
        }
        return [
            (
                Measure(
                    "Cluster ID", heading: noun,
                    meaning:
                        "The \(noun.lowercased())'s value in the label map; with a letter: one of its further peaks",
                    style: .text), .cluster, 0, { .text($0.name) }
            ),
            coordinate("X", "x", \.x), coordinate("Y", "y", \.y), coordinate("Z", "z", \.z),
            (
                Measure(
                    "Peak Stat", heading: letter,
                    meaning:
                        "The statistic at the peak, on the scale that formed the clusters, with its sign",
                    style: .decimals(2)), .peak, 2, { .number($0.peak.statistic) }
            ),
            ofCluster(
                Measure(
                    "Cluster Size (mm3)", heading: "mm³", meaning: "Volume of the cluster", unit: "mm3",
                    style: .decimals(0)), 3
            ) { thousandths($0.volumeCubicMillimeters) },
            (
                Measure(
                    "Sign", heading: "Sign", meaning: "The side of the distribution: positive or negative",
                    style: .sign), .cluster, 1, { .text($0.cluster.sign.rawValue) }
            ),
            ofCluster(
                Measure(
                    "Voxels", heading: "Voxels", meaning: "Number of voxels of the cluster", style: .count), 2
            ) { Double($0.voxelCount) },
            ofCluster(
                Measure(
                    "Mass", heading: "Mass",
                    meaning:
                        "Sum over the cluster's voxels of what the magnitude of the statistic exceeds the "
                        + "threshold", style: .significant(4)), 4, \.mass),
            gravity("X", \.x), gravity("Y", \.y), gravity("Z", \.z),
            index("I", \.x), index("J", \.y), index("K", \.z),
            (
                Measure(
                    "Threshold", heading: nil,
                    meaning: "The magnitude of the statistic that forms clusters", style: .significant(4)),
                .peak, 0, { [threshold] _ in .number(threshold) }
            ),
            (
                Measure(
                    "Connectivity", heading: nil, meaning: "Neighbours of a voxel: 6, 18 or 26", style: .count
                ), .peak, 0, { [connectivity] _ in .number(Double(connectivity.rawValue)) }
            ),
        ]
    }
}

private func thousandths(_ value: Double) -> Double { (value * 1000).rounded() / 1000 + 0 }
