extension Contrast {
    /// The contrast's label in file names: its name where it has one, else its expression, in CamelCase letters
    /// and digits (`a - 0.5*b` is `AMinus0p5B`), 60 characters at most.
    ///
    /// The label depends on the text alone. Contrasts of one run may share one: see ``labels(of:)``.
    public var label: String {
        let whole = trimmed(text[...])
        // A name is written for people; an expression's operators carry its meaning.
        let source = whole.firstIndex(of: "=").map { trimmed(whole[..<$0]) } ?? whole
        var result = ""
        var startsWord = true
        func add(_ word: String) {
            result += word
            startsWord = true
        }
        let characters = Array(source.prefix(500))
        for (i, character) in characters.enumerated() {
            let nextIsDigit = i + 1 < characters.count && characters[i + 1].isNumber
            switch character {
            case "a"..."z" where character.isASCII && startsWord:
                result += character.uppercased()
                startsWord = false
            case _ where character.isASCII && (character.isLetter || character.isNumber):
                // A digit does not end a word, but two numbers in a row need something between them.
                result.append(character)
                startsWord = character.isNumber && startsWord
            case "-" where source.count == whole.count: add("Minus")
            case "+": add("Plus")
            case "/": add("Over")
            case ".":
                if nextIsDigit {
                    result += "p"
                } else {
                    startsWord = true
                }
            case ",", ";": add("And")
            default: startsWord = true
            }
            if result.count >= 60 { break }
        }
        return result.isEmpty ? "Contrast" : String(result.prefix(60))
    }

    /// One label per contrast, each different from the others in more than case: a number is added to the
    /// second and later ones of a kind.
    public static func labels(of contrasts: [Contrast]) -> [String] {
        var taken = Set<String>()
        return contrasts.map { contrast in
            let label = contrast.label
            var candidate = label
            var number = 2
            while !taken.insert(candidate.lowercased()).inserted {
                candidate = "\(label)x\(number)"
                number += 1
            }
            return candidate
        }
    }
}
