import Testing
@testable import CoveyModel
