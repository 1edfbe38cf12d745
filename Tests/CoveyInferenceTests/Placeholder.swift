import Testing
@testable import CoveyInference
