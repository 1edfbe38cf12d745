import Testing
@testable import CoveyKernels
