import Testing
@testable import CoveyFigures
