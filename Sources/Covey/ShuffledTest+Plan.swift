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
            let permutes = (0..<shuffles.count).contains {
                shuffles[$0].source != Array(0..<shuffles.subjectCount)
            }
            test.listed = .init(
                count: shuffles.count, scheme: !shuffles.flipsSigns ? .permute : permutes ? .both : .flip)
        }
        return test
    }
}
