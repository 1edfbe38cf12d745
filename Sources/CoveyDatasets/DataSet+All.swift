extension DataSet {
    /// Every data set that can be fetched.
    public static let all: [DataSet] = [localizer, emotionRegulation, pain, neuroVault]

    /// The data set of a name, in any case.
    ///
    /// - Throws: `DatasetError.unknownDataSet`.
    public static func named(_ name: String) throws(DatasetError) -> DataSet {
        guard let found = all.first(where: { $0.name == name.lowercased() }) else {
            throw .unknownDataSet(name, known: all.map(\.name))
        }
        return found
    }
}
