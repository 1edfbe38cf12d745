#if canImport(Darwin)
    import Darwin
#elseif canImport(Musl)
    import Musl
#else
    import Glibc
#endif

/// `base^exponent`.
func power(_ base: Double, _ exponent: Double) -> Double { pow(base, exponent) }
