extension ExchangeScheme {
    /// What should be shuffled for a contrast where the user does not say.
    ///
    /// Signs, where the constant belongs to the model but not to its null hypothesis: the hypothesis is then
    /// about the level of the data (a one-sample mean, the intercept, a group's mean), which exchanging subjects
    /// would leave as it is. Labels otherwise: the null hypothesis has an intercept of its own, or the model has
    /// none, and the errors may be exchanged among the subjects, whatever their distribution. Not where groups have
    /// variances of their own and rows would change places between them: flipping signs leaves every error its variance.
    ///
    /// Winkler et al. 2014, NeuroImage 92:381-397, section 2.2: exchangeable errors and independent and
    /// symmetric errors.
    ///
    /// - Parameters:
    ///   - groups: which rows share a variance; `nil`: all do.
    ///   - blocks: which rows are exchanged with which; `nil`: every row with every other.
    public static func recommended(
        for partition: ContrastPartition, groups: VarianceGroups? = nil, blocks: ExchangeabilityBlocks? = nil
    ) -> ExchangeScheme {
        if partition.model.constantProjection != nil, !partition.constantIsNuisance { return .flip }
        return (groups?.count ?? 1) > 1 && blocks?.isFree ?? true ? .flip : .permute
    }
}
