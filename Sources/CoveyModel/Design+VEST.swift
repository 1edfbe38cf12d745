import CoveyCore
public import CoveyFormats

extension Design {
    /// The design of an FSL `.mat` file; its columns are called `ev1`, `ev2` and so on, as FSL numbers them.
    ///
    /// - Parameters:
    ///   - source: the file, for messages.
    ///   - identifiers: who the rows are, where that is known.
    /// - Throws: ``ModelError`` where the identifiers are not as many as the rows.
    public init(_ file: VEST, source: String, identifiers: [String]? = nil) throws(ModelError) {
        if let identifiers, identifiers.count != file.matrix.rows {
            throw .rowCount(rows: file.matrix.rows, maps: identifiers.count, source: source)
        }
        self.init(
            names: (0..<file.matrix.columns).map { "ev\($0 + 1)" }, matrix: file.matrix,
            identifiers: identifiers, source: source)
    }

    /// The design as an FSL `.mat` file, which has no room for names.
    public var vest: VEST { VEST(matrix: matrix) }
}

extension Contrast {
    /// The contrasts of an FSL `.con` file, one a row, under their names there, else `contrast1` and so on; then
    /// those of a `.fts` file, `ftest1` and so on, each the rows of the contrasts that it marks.
    ///
    /// - Throws: ``ModelError`` where the F tests are not of these contrasts.
    public static func contrasts(
        _ contrasts: VEST, fTests: VEST? = nil, source: String = "contrasts"
    ) throws(ModelError) -> [Contrast] {
        func vector(_ row: Int) -> String {
            "[" + contrasts.matrix.row(row).map(shortest).joined(separator: ", ") + "]"
        }
        var result = (0..<contrasts.matrix.rows).map { row in
            let name = contrasts.contrastNames.isEmpty ? "" : contrasts.contrastNames[row]
            // A name with an equals sign would end there.
            let plain = name.replacing("=", with: "-").replacing("`", with: "'")
            return Contrast("\(trimmed(plain[...]).isEmpty ? "contrast\(row + 1)" : plain) = \(vector(row))")
        }
        guard let fTests else { return result }
        guard fTests.matrix.columns == contrasts.matrix.rows else {
            throw .contrast(
                source,
                .wrongLength(
                    found: fTests.matrix.columns,
                    columns: (0..<contrasts.matrix.rows).map { "contrast\($0 + 1)" }))
        }
        for test in 0..<fTests.matrix.rows {
            let rows = (0..<contrasts.matrix.rows).filter { fTests.matrix[test, $0] != 0 }
            guard !rows.isEmpty else { throw .contrast("ftest\(test + 1)", .zero(referenceLevel: nil)) }
            result.append(
                Contrast("ftest\(test + 1) = F:[\(rows.map(vector).joined(separator: ", "))]"))
        }
        return result
    }
}
