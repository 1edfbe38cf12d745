extension PhiloxStream {
    /// A number from the standard normal distribution.
    ///
    /// Marsaglia's polar method: of points uniform in a square, those inside the unit circle are kept, and
    /// `u sqrt(-2 ln s / s)` with `s = u^2 + v^2` is normal. The logarithm is computed with additions,
    /// multiplications and divisions alone, so that the same stream gives the same bits on every machine.
    /// Marsaglia and Bray 1964, "A convenient method for generating normal variables", SIAM Review 6:260-264.
    public mutating func normal() -> Double {
        while true {
            let u = 2 * uniform() - 1
            let v = 2 * uniform() - 1
            let s = u * u + v * v
            if s > 0 && s < 1 { return u * (-2 * portableLogarithm(s) / s).squareRoot() }
        }
    }
}

/// The natural logarithm of a positive normal number, to a few units in the last place, the same bits on
/// every machine: `ln(2^k m) = k ln 2 + 2 artanh((m - 1) / (m + 1))` with m in [sqrt(1/2), sqrt(2)).
func portableLogarithm(_ x: Double) -> Double {
    var exponent = Double(x.exponent)
    var m = x.significand
    if m > 1.414_213_562_373_095_1 {
        m /= 2
        exponent += 1
    }
    let f = (m - 1) / (m + 1)
    let square = f * f
    // |f| < 0.1716, so that the first term left out is below 1e-18 of the sum.
    var sum = 0.0
    for odd in stride(from: 23.0, through: 1, by: -2) { sum = sum * square + 1 / odd }
    return exponent * 0.693_147_180_559_945_3 + 2 * f * sum
}
