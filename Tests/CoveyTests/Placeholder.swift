import Testing
@testable import Covey
