import CoveyCore

extension NullTail {
    /// One sentence, without a full stop, that says how small p-values were computed and how small they can be.
    public var text: String {
        let least = "the least p is \(significant(floor, digits: 3))"
        switch fit {
        case .empirical(let reason): return "p by counting \(count) shuffles\(reason.text); \(least)"
        case .generalizedPareto(let tail):
            return
                "p below \(shortest(Self.empiricalAbove)) from a generalised Pareto fit to the \(tail.exceedanceCount) greatest of "
                + "\(tail.sampleCount) shuffles (above \(significant(tail.threshold, digits: 4)), shape "
                + "\(significant(tail.distribution.shape, digits: 3)), scale "
                + "\(significant(tail.distribution.scale, digits: 3)), Anderson-Darling p "
                + "\(tail.goodnessP >= 0.5 ? "at least 0.5" : significant(tail.goodnessP, digits: 2))); \(least)"
        case .gamma(let approximation):
            let distribution = approximation.distribution
            return
                "p below \(shortest(Self.empiricalAbove)) from a gamma distribution with the first three moments of "
                + "\(approximation.sampleCount) shuffles (mean \(significant(distribution.mean, digits: 4)), sd "
                + "\(significant(distribution.standardDeviation, digits: 3)), skewness "
                + "\(significant(distribution.skewness, digits: 3))); \(least)"
        }
    }
}

extension NullTail.Reason {
    /// The reason as it follows "by counting N shuffles".
    fileprivate var text: String {
        switch self {
        case .asked: ""
        case .exhaustive: ", which are all the distinct ones"
        case .fewShuffles: ", too few for a fit of their tail"
        case .noAcceptableFit: ", since no fit of their tail passed its test"
        }
    }
}
