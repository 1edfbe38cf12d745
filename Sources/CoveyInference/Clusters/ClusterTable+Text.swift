import CoveyCore

extension ClusterTable {
    /// The table as tab-separated text: a header, a row per cluster, and a row for each of its further peaks, named
    /// `1a`, `1b` and so on, in which what belongs to the cluster is `n/a`.
    ///
    /// X, Y, Z and the centre of gravity (CoG) are in mm, to 0.001 mm; I, J, K count voxels from 0. Other
    /// numbers are written so that they read back the same.
    public var text: String { text(with: columns()) }

    /// Columns of the table as tab-separated text, in their order.
    public func text(with columns: [ClusterColumn]) -> String {
        let rows = rows
        let header = columns.flatMap(\.fileNames).joined(separator: "\t")
        let lines = rows.indices.map { row in
            columns.flatMap { $0.fileCells(row) }.joined(separator: "\t")
        }
        return ([header] + lines).joined(separator: "\n") + "\n"
    }
}

extension ClusterColumn {
    /// The names of its columns in a file: two where it holds intervals.
    public var fileNames: [String] {
        measure.isInterval ? ["\(measure.name) low", "\(measure.name) high"] : [measure.name]
    }

    /// The texts of a row in a file; `n/a` where there is no value.
    public func fileCells(_ row: Int) -> [String] {
        switch values[row] {
        case .number(let value): [shortest(value)]
        case .interval(let low, let high): [low, high].map { $0.isNaN ? "n/a" : shortest($0) }
        case .text(let text): [text.isEmpty ? "n/a" : oneLine(text)]
        case .shares(let shares):
            [
                shares.map {
                    "\(oneLine($0.name)) \(fixed(100 * $0.share, decimals: 1)) %"
                }.joined(separator: "; ")
            ]
        case nil: [String](repeating: "n/a", count: measure.isInterval ? 2 : 1)
        }
    }
}

/// A text without the tabs and line breaks that would move the cells after it.
private func oneLine(_ text: String) -> String { String(text.map { $0.isWhitespace ? " " : $0 }) }
