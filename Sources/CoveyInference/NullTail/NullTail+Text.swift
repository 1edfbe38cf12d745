import CoveyCore

extension NullTail {
    /// What a result file says of a tail. Numbers that do not apply are absent.
    public struct Summary: Sendable, Hashable, Codable {
        /// What tells the tail, after every check.
        public var method: TailMethod
        /// Why counting alone does, where it does.
        public var reason: Reason?
        /// Number of shuffles, the identity included.
        public var shuffles: Int
        /// The least p that can be given; absent where all distinct shuffles were used: symmetries of the design may
        /// give several of them the observed statistic.
        public var smallestP: Double?
        /// Above which statistic a Pareto distribution was fitted.
        public var threshold: Double?
        /// To how many values.
        public var exceedances: Int?
        /// Its shape.
        public var shape: Double?
        /// Its scale.
        public var scale: Double?
        /// The p-value of its Anderson-Darling test, 0.5 standing for all that is larger.
        public var goodnessOfFitP: Double?
        /// The mean of the values behind a gamma fit.
        public var mean: Double?
        /// Their standard deviation.
        public var standardDeviation: Double?
        /// Their skewness.
        public var skewness: Double?
    }

    /// The fit as it is written to a result file.
    public var summary: Summary {
        var summary = Summary(method: .empirical, shuffles: count, smallestP: floor)
        switch fit {
        case .empirical(.exhaustive): (summary.reason, summary.smallestP) = (.exhaustive, nil)
        case .empirical(let reason): summary.reason = reason
        case .generalizedPareto(let tail):
            summary.method = .generalizedPareto
            summary.threshold = tail.threshold
            summary.exceedances = tail.exceedanceCount
            summary.shape = tail.distribution.shape
            summary.scale = tail.distribution.scale
            summary.goodnessOfFitP = tail.goodnessP
        case .gamma(let approximation):
            summary.method = .gamma
            summary.mean = approximation.distribution.mean
            summary.standardDeviation = approximation.distribution.standardDeviation
            summary.skewness = approximation.distribution.skewness
        }
        return summary
    }

    /// One sentence, without a full stop, that says how small p-values were computed and how small they can be.
    public var text: String {
        let least = "the least p is \(significant(floor, digits: 3))"
        switch fit {
        case .empirical(.exhaustive): return "p by counting \(count) shuffles\(Reason.exhaustive.text)"
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
