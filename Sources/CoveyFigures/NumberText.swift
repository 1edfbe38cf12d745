/// A number as a figure prints it: rounded to so many significant digits, without trailing zeros, with a
/// true minus sign; whole digits are never rounded away.
func numberText(_ value: Double, significantDigits: Int = 3) -> String {
    guard value.isFinite else { return value.isNaN ? "undefined" : value > 0 ? "∞" : "−∞" }
    guard value != 0 else { return "0" }
    let magnitude = abs(value)
    let exponent = decimalExponent(magnitude)
    let sign = value < 0 ? "−" : ""
    if exponent < -4 || exponent > 6 {
        let mantissa = fixed(magnitude / powerOfTen(exponent), decimals: significantDigits - 1)
        return mantissa == "10" ? sign + "1e\(minus(exponent + 1))" : sign + mantissa + "e\(minus(exponent))"
    }
    let text = fixed(magnitude, decimals: max(0, significantDigits - 1 - exponent))
    return text == "0" ? text : sign + text
}

/// A position as a figure prints it: to a tenth of a millimetre at most.
func millimeterText(_ value: Double) -> String {
    let text = fixed(abs(value), decimals: 1)
    return value < 0 && text != "0" ? "−" + text : text
}

private func minus(_ value: Int) -> String { value < 0 ? "−\(-value)" : "\(value)" }

/// A number of at least 0 with at most so many decimals.
private func fixed(_ magnitude: Double, decimals: Int) -> String {
    let scale = powerOfTen(decimals)
    let whole = (magnitude * scale).rounded()
    guard whole < 0x1p53 else { return "\(magnitude)" }
    var digits = String(Int(whole))
    guard decimals > 0 else { return digits }
    while digits.count <= decimals { digits = "0" + digits }
    var fraction = String(digits.suffix(decimals))
    while fraction.hasSuffix("0") { fraction.removeLast() }
    let integer = String(digits.dropLast(decimals))
    return fraction.isEmpty ? integer : integer + "." + fraction
}

/// 10 to a whole power, the nearest Double to it.
func powerOfTen(_ exponent: Int) -> Double { Double("1e\(exponent)")! }

/// The largest e with `10^e <= value`, for a finite positive value.
func decimalExponent(_ value: Double) -> Int {
    var exponent = Int((Double(value.exponent) * 0.30103).rounded(.down))
    while powerOfTen(exponent + 1) <= value { exponent += 1 }
    while powerOfTen(exponent) > value { exponent -= 1 }
    return exponent
}
