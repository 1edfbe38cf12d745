#if canImport(Darwin)
    import Darwin
#elseif canImport(Musl)
    import Musl
#else
    import Glibc
#endif

extension IncompleteBeta {
    /// `ln x` of the x with `ln I_x(a, b) = logP`: 0 at `logP` = 0, -infinity at -infinity, NaN above 0.
    ///
    /// Newton in ln x, where `ln I_x` rises and, for b >= 1, is concave, inside a bracket that bisection
    /// shrinks when a step would leave it. x is accurate to 1e-13 of the smaller of x and 1 - x, or to the
    /// spacing of Double near 1.
    public func logQuantile(logLower logP: Double) -> Double {
        guard logP <= 0 else { return .nan }
        guard logP < 0 else { return 0 }
        guard logP > -.infinity else { return -.infinity }
        var (low, high) = (-745.0, 0.0)
        var w = log(a / (a + b))
        for _ in 0..<200 {
            let x = exp(w)
            let here = logLower(x)
            if here < logP { low = w } else { high = w }
            // d ln I / d ln x = x^a (1 - x)^(b - 1) / (B(a, b) I).
            let slope = exp(logInverseBeta + a * w + (b - 1) * log1p(-x) - here)
            var next = w - (here - logP) / slope
            if !(next > low && next < high) { next = 0.5 * (low + high) }
            let step = abs(next - w)
            w = next
            if step <= 1e-16 * abs(w) { break }
        }
        return w
    }
}
