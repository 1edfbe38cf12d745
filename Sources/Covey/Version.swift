/// The version that every output names.
public let coveyVersion = "0.1.0"
