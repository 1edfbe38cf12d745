import Testing
@testable import CoveyCore
