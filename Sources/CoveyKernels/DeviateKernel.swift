import CCoveyKernels

/// Normal deviates of t and of F by interpolation; `deviates.h` has the formulas.
public enum DeviateKernel {
    /// Coefficients of an interval.
    public static let order = Int(COVEY_DEVIATE_ORDER)
    /// Intervals of F to the unit of its logarithm.
    public static let intervalsOfF = Int(COVEY_F_INTERVALS)

    /// The deviates of t with one number of degrees of freedom, or one each.
    ///
    /// - Parameters:
    ///   - degreesOfFreedom: as many as `t`, or a single one for all.
    ///   - scales: intervals x 3.
    ///   - coefficients: intervals x orders x ``order``.
    ///   - deviates: as many as `t`, out; NaN where t lies beyond the last interval.
    /// - Returns: how many do.
    public static func deviates(
        of t: [Double], degreesOfFreedom: [Double], scales: [Double], coefficients: [Double],
        deviates: inout [Double], level: InstructionLevel = .best
    ) -> Int {
        precondition(degreesOfFreedom.count == 1 || degreesOfFreedom.count == t.count)
        precondition(deviates.count == t.count && !scales.isEmpty)
        let intervals = scales.count / 3
        let orders = coefficients.count / intervals / order
        precondition(
            orders > 0 && coefficients.count == intervals * orders * order && scales.count == 3 * intervals)
        let single = degreesOfFreedom.count == 1
        return unsafe degreesOfFreedom.withUnsafeBufferPointer { degrees in
            unsafe covey_t_deviates(
                level.rawValue, t.count, t, single ? nil : degrees.baseAddress, degrees[0], scales,
                coefficients, intervals, orders, &deviates)
        }
    }

    /// The deviates of F.
    ///
    /// - Parameters:
    ///   - first: ln F at which the first interval begins.
    ///   - coefficients: intervals x ``order``.
    ///   - deviates: as many as `f`, out; NaN where F lies beyond the intervals.
    /// - Returns: how many do.
    public static func deviates(
        ofF f: [Double], from first: Double, coefficients: [Double], deviates: inout [Double],
        level: InstructionLevel = .best
    ) -> Int {
        precondition(deviates.count == f.count && coefficients.count % order == 0)
        return unsafe covey_f_deviates(
            level.rawValue, f.count, f, first, coefficients, coefficients.count / order, &deviates)
    }
}
