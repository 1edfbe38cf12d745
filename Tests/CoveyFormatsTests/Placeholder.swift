import Testing
@testable import CoveyFormats
