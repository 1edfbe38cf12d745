import Testing
@testable import CoveyImaging
