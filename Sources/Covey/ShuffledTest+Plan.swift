import CoveyInference
import CoveyModel

extension AnalysisPlan.PermutationChoice {
    /// What the doctor has to know of the test.
    ///
    /// - Parameter shuffles: those that were used; `nil`: none yet.
    func shuffledTest(_ shuffles: ShuffleSet?) -> ShuffledTest {
        var test = ShuffledTest()
        test.alpha = alpha
        test.stopsEarly = stopsEarly == true
        test.moved =
            switch nuisanceMethod {
            case .freedmanLane: .residuals
            case .terBraak: .modelResiduals
            case .draperStoneman: .regressors
            case .smith: .regressorResiduals
            case .manly: .maps
            }
        if let shuffles, shuffles.origin == .listed {
            let sets = shuffles.setsThatExchange
            let permutes = Set(sets).count < shuffles.subjectCount
            test.listed = .init(
                count: shuffles.count,
                scheme: !shuffles.flipsSigns ? .permute : permutes ? .both : .flip, sets: sets)
        }
        return test
    }
}

extension ShuffleSet {
    /// For each row the number of the set of rows that it changes places with, through others or at once.
    fileprivate var setsThatExchange: [Int] {
        var sets = Array(0..<subjectCount)
        func first(_ row: Int) -> Int {
            var row = row
            while sets[row] != row { row = sets[row] }
            return row
        }
        for index in 1..<max(count, 1) {
            for (row, source) in self[index].source.enumerated() where source != row {
                let (a, b) = (first(row), first(source))
                sets[max(a, b)] = min(a, b)
            }
        }
        return sets.indices.map(first)
    }
}
