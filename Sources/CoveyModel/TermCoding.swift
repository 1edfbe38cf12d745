/// Which factors of a term get a column for every level, and which one fewer, so that no column of the design
/// repeats what others already span.
///
/// A factor with all its levels spans the constant and its contrasts, `g = 1 + g-`. A term is expanded into
/// such parts, `a:b = 1 + a- + b- + a-:b-`, the parts that earlier terms span are struck out, and what is left
/// is put together again. Terms with different covariates are independent of one another. This is the rule of
/// R (Chambers and Hastie 1992, Statistical Models in S, section 2.4) in the form patsy gives it, which is
/// right where R's own is not (`~ 0 + a:x + a:b`).
struct TermCoding {
    /// The parts that earlier terms span, by the covariates they are multiplied with.
    private var spanned: [Set<Int>: Set<Set<Int>>] = [:]

    /// A set of columns of a term: for each factor in it, whether all its levels have a column.
    typealias Subterm = [Int: Bool]

    /// The column sets of the next term, given those before; terms must come by degree.
    ///
    /// - Parameters:
    ///   - factors: the categorical variables of the term, in its order.
    ///   - covariates: the others.
    mutating func next(factors: [Int], covariates: Set<Int>) -> [Subterm] {
        var parts: [Subterm] = []
        for subset in subsets(of: factors) {
            if spanned[covariates, default: []].insert(Set(subset)).inserted {
                parts.append(Dictionary(uniqueKeysWithValues: subset.map { ($0, false) }))
            }
        }
        while absorbOne(&parts) {}
        return parts
    }

    /// Puts one part together with the one that has one contrast more: `a- + a-:b- = a-:b`.
    private func absorbOne(_ parts: inout [Subterm]) -> Bool {
        for short in parts.indices {
            for long in parts.indices.dropFirst(short + 1) where parts[long].count == parts[short].count + 1 {
                guard parts[short].allSatisfy({ parts[long][$0.key] == $0.value }) else { continue }
                let extra = parts[long].keys.first { parts[short][$0] == nil }!
                guard parts[long][extra] == false else { continue }
                parts[long][extra] = true
                parts.remove(at: short)
                return true
            }
        }
        return false
    }

    /// All subsets, the short ones first, each in the given order.
    private func subsets(of factors: [Int]) -> [[Int]] {
        (0..<(1 << factors.count)).map { bits in
            factors.indices.filter { bits >> $0 & 1 == 1 }
        }.sorted { a, b in
            a.count != b.count ? a.count < b.count : a.lexicographicallyPrecedes(b)
        }.map { places in places.map { factors[$0] } }
    }
}
