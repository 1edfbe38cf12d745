/// Reads a finite decimal number: optional sign, digits with an optional point, optional exponent. Nothing
/// else is a number: no hexadecimal, underscores, thousands, words, or digits of other scripts.
///
/// White space around it is allowed. `nil` also where the value does not fit a Double.
public func decimalNumber(_ text: some StringProtocol) -> Double? {
    var bytes = Array(text.utf8)[...]
    while let first = bytes.first, first == 0x20 || first == 0x09 { bytes = bytes.dropFirst() }
    while let last = bytes.last, last == 0x20 || last == 0x09 { bytes = bytes.dropLast() }
    var rest = bytes
    func isDigit(_ byte: UInt8?) -> Bool { byte.map { $0 >= 0x30 && $0 <= 0x39 } ?? false }
    func takeDigits() -> Int {
        var count = 0
        while isDigit(rest.first) {
            rest = rest.dropFirst()
            count += 1
        }
        return count
    }
    func takeSign() { if rest.first == 0x2B || rest.first == 0x2D { rest = rest.dropFirst() } }
    takeSign()
    var digits = takeDigits()
    if rest.first == 0x2E {
        rest = rest.dropFirst()
        digits += takeDigits()
    }
    guard digits > 0 else { return nil }
    if rest.first == 0x65 || rest.first == 0x45 {
        rest = rest.dropFirst()
        takeSign()
        guard takeDigits() > 0 else { return nil }
    }
    guard rest.isEmpty, bytes.count <= 400 else { return nil }
    let value = Double(String(decoding: bytes, as: UTF8.self))
    return value.flatMap { $0.isFinite ? $0 : nil }
}

/// The shortest decimal that reads back as the same Double, without the `.0` of a whole number.
public func shortest(_ value: Double) -> String {
    let text = "\(value)"
    return text.hasSuffix(".0") ? String(text.dropLast(2)) : text
}

/// A number rounded to `digits` significant digits, in plain notation where its exponent is between -5 and 15.
public func significant(_ value: Double, digits: Int) -> String {
    guard value.isFinite, value != 0 else { return shortest(value) }
    precondition(digits > 0)
    var exponent = 0
    var scaled = abs(value)
    while scaled >= 10, exponent < 330 { (scaled, exponent) = (scaled / 10, exponent + 1) }
    while scaled < 1, exponent > -330 { (scaled, exponent) = (scaled * 10, exponent - 1) }
    if exponent >= 15 || exponent < -5 {
        let mantissa = fixed(scaled, decimals: digits - 1)
        // Rounding may have carried into a second digit.
        if mantissa.hasPrefix("10") { return (value < 0 ? "-" : "") + "1e\(exponent + 1)" }
        return (value < 0 ? "-" : "") + trimmed(mantissa) + "e\(exponent)"
    }
    return trimmed(fixed(value, decimals: max(0, digits - 1 - exponent)))
}

/// A number with a fixed number of decimals, rounded to nearest.
public func fixed(_ value: Double, decimals: Int) -> String {
    guard value.isFinite, abs(value) < 1e15 else { return shortest(value) }
    var power = 1.0
    for _ in 0..<decimals { power *= 10 }
    let units = (abs(value) * power).rounded()
    guard units < 9e18 else { return shortest(value) }
    var digits = String(Int64(units))
    while digits.count <= decimals { digits = "0" + digits }
    let sign = value < 0 && units != 0 ? "-" : ""
    guard decimals > 0 else { return sign + digits }
    return sign + digits.dropLast(decimals) + "." + digits.suffix(decimals)
}

private func trimmed(_ text: String) -> String {
    guard text.contains(".") else { return text }
    var result = text[...]
    while result.last == "0" { result = result.dropLast() }
    if result.last == "." { result = result.dropLast() }
    return String(result)
}
