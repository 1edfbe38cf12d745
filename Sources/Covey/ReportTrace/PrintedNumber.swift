import CoveyCore

/// A number as a page prints it, and the words around it.
struct PrintedNumber {
    /// As it stands there.
    let text: String
    /// What it says.
    let value: Double
    /// The unit of its last digit.
    let unit: Double
    /// What stands before it.
    let before: String
    /// What stands after it.
    let after: String

    /// Whether a value is printed so: rounded to the digits that are shown.
    ///
    /// Zeros at the end of a fraction are left out where significant digits are counted: 0.42 then stands for 0.420,
    /// and 7 for 7.00. A value from a file of single precision, or from another order of summation, may lie a hair
    /// beyond the middle between two digits.
    ///
    /// - Parameter significantDigits: at least so many are shown; `nil` where decimals are counted.
    func prints(_ value: Double, significantDigits: Int? = nil) -> Bool {
        var reach = 0.5 * unit
        let isFixed = text.contains("e") || text.contains(".") && text.hasSuffix("0")
        if let significantDigits, !isFixed {
            var power = 1.0
            while power * 10 <= abs(value) { power *= 10 }
            while power > abs(value), power > 1e-300 { power /= 10 }
            for _ in 1..<significantDigits { power /= 10 }
            reach = min(reach, 0.5 * power)
        }
        return abs(value - self.value) <= reach + 1e-6 * abs(value)
    }

    /// The numbers of a text, in its order.
    ///
    /// What is joined to a letter or an underscore, as in `sub-18`, `R2` or `h0`, is a name, not a number. A minus
    /// sign belongs to a number where nothing but a space or a bracket stands before it.
    static func all(in text: String) -> [PrintedNumber] {
        let characters = Array(text.replacing("−", with: "-"))
        var found: [PrintedNumber] = []
        var at = 0
        func isDigit(_ place: Int) -> Bool {
            place < characters.count && characters[place].isASCII && characters[place].isNumber
        }
        func joins(_ character: Character) -> Bool { character.isLetter || character == "_" }
        while at < characters.count {
            guard isDigit(at) else {
                at += 1
                continue
            }
            var start = at
            while isDigit(at) { at += 1 }
            if at < characters.count, characters[at] == ".", isDigit(at + 1) {
                at += 1
                while isDigit(at) { at += 1 }
            }
            if at < characters.count, characters[at] == "e" {
                let sign = at + 1 < characters.count && characters[at + 1] == "-" ? 1 : 0
                if isDigit(at + 1 + sign) {
                    at += 1 + sign
                    while isDigit(at) { at += 1 }
                }
            }
            let isNameAfter = at < characters.count && joins(characters[at])
            var isNameBefore = start > 0 && joins(characters[start - 1])
            if start > 0, characters[start - 1] == "-" {
                let previous = start > 1 ? characters[start - 2] : " "
                if previous.isWhitespace || "([{=,|".contains(previous) {
                    start -= 1
                } else if joins(previous) || previous.isNumber {
                    isNameBefore = true
                }
            }
            guard !isNameBefore, !isNameAfter else { continue }
            let text = String(characters[start..<at])
            guard let value = decimalNumber(text) else { continue }
            found.append(
                PrintedNumber(
                    text: text, value: value, unit: unit(of: text),
                    before: String(characters[max(0, start - 60)..<start]),
                    after: String(characters[at..<min(at + 40, characters.count)])))
        }
        return found
    }

    /// A text that is one number and nothing else.
    static func only(_ text: String) -> PrintedNumber? {
        let found = all(in: text)
        return found.count == 1 && found[0].before.isEmpty && found[0].after.isEmpty ? found[0] : nil
    }

    /// What one step of the last digit is worth.
    private static func unit(of text: String) -> Double {
        let parts = text.split(separator: "e")
        let decimals = parts[0].split(separator: ".").dropFirst().first?.count ?? 0
        let exponent = (parts.count > 1 ? Int(parts[1]) ?? 0 : 0) - decimals
        return Double("1e\(exponent)") ?? 1
    }
}
