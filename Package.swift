// swift-tools-version: 6.2
import PackageDescription

/// Strict memory safety is an error everywhere: each unsafe expression must be marked `unsafe`,
/// and `LayeringTests` allows that mark only in the modules that own a system boundary.
let strict: [SwiftSetting] = [
    .strictMemorySafety(),
    .treatWarning("StrictMemorySafety", as: .error),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
]

func library(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
    .target(name: name, dependencies: dependencies, swiftSettings: strict)
}

func tests(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
    .testTarget(name: name, dependencies: dependencies + ["CoveyTestSupport"])
}

let package = Package(
    name: "covey",
    platforms: [.macOS(.v15)],
    products: [
        .library(name: "Covey", targets: ["Covey"]),
        .executable(name: "covey", targets: ["CoveyCommand"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
    ],
    targets: [
        .systemLibrary(
            name: "CDeflate", pkgConfig: "libdeflate",
            providers: [.apt(["libdeflate-dev"]), .brew(["libdeflate"])]),
        .systemLibrary(
            name: "CCairo", pkgConfig: "cairo",
            providers: [.apt(["libcairo2-dev", "fonts-dejavu-core"]), .brew(["cairo"])]),
        .systemLibrary(
            name: "CCurl", pkgConfig: "libcurl",
            providers: [.apt(["libcurl4-openssl-dev"]), .brew(["curl"])]),
        .target(name: "CCoveyKernels"),
        .target(name: "CCoveyBenchmark"),
        .target(name: "CCoveyTransfer", dependencies: ["CCurl"]),
        .target(name: "CCoveyServe"),
        .target(name: "CCoveyTemplate", exclude: ["NOTICE", "mni152-t1-2mm.nii.gz"]),

        library("CoveyCore", []),
        library("CoveyKernels", ["CCoveyKernels", "CDeflate"]),
        library("CoveyCanvas", ["CCairo", "CoveyKernels"]),
        library("CoveyFormats", ["CoveyCore", "CoveyKernels"]),
        library("CoveyImaging", ["CoveyCore", "CoveyKernels", "CoveyFormats"]),
        library("CoveyModel", ["CoveyCore", "CoveyKernels", "CoveyFormats", "CoveyImaging"]),
        library(
            "CoveyInference", ["CoveyCore", "CoveyKernels", "CoveyImaging", "CoveyModel"]),
        library(
            "CoveyFigures",
            [
                "CoveyCore", "CoveyCanvas", "CCoveyTemplate", "CoveyKernels", "CoveyFormats", "CoveyImaging",
                "CoveyModel", "CoveyInference",
            ]),
        library("CoveyLayouts", ["CoveyCore", "CoveyFormats", "CoveyModel"]),
        .target(
            name: "CoveyReport",
            dependencies: [
                "CoveyCore", "CoveyKernels", "CoveyFormats", "CoveyImaging", "CoveyModel", "CoveyInference",
                "CoveyFigures", .product(name: "Crypto", package: "swift-crypto"),
            ],
            resources: [.embedInCode("Assets")], swiftSettings: strict),
        library("CoveyTransfer", ["CCoveyTransfer"]),
        library("CoveyServe", ["CCoveyServe", "CoveyCore"]),
        library(
            "CoveyDatasets",
            [
                "CoveyCore", "CoveyKernels", "CoveyFormats", "CoveyTransfer",
                .product(name: "Crypto", package: "swift-crypto"),
            ]),
        library(
            "Covey",
            [
                "CoveyCore", "CoveyKernels", "CoveyFormats", "CoveyImaging", "CoveyModel",
                "CoveyInference", "CoveyFigures", "CoveyLayouts", "CoveyReport", "CoveyDatasets",
                "CoveyServe",
                .product(name: "Crypto", package: "swift-crypto"),
            ]),
        .executableTarget(
            name: "CoveyCommand",
            dependencies: [
                "Covey", .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ],
            swiftSettings: strict),

        .executableTarget(
            name: "ReferenceAnalysis", dependencies: ["Covey"], path: "Examples/ReferenceAnalysis",
            swiftSettings: strict),
        .executableTarget(
            name: "CoveyBenchmark",
            dependencies: [
                "CCoveyBenchmark", "CoveyCore", "CoveyKernels", "CoveyImaging", "CoveyModel",
                "CoveyInference",
            ],
            swiftSettings: strict),
        .executableTarget(
            name: "CoveyCalibration",
            dependencies: ["CoveyCore", "CoveyImaging", "CoveyModel", "CoveyInference"],
            swiftSettings: strict),

        .target(name: "CoveyTestSupport", path: "Tests/CoveyTestSupport"),
        tests("CoveyCoreTests", ["CoveyCore"]),
        tests("CoveyKernelsTests", ["CoveyKernels", "CoveyCore"]),
        tests("CoveyFormatsTests", ["CoveyFormats", "CoveyCore"]),
        tests("CoveyImagingTests", ["CoveyImaging", "CoveyFormats", "CoveyCore"]),
        tests("CoveyModelTests", ["CoveyModel", "CoveyImaging", "CoveyFormats", "CoveyCore"]),
        tests(
            "CoveyInferenceTests",
            ["CoveyInference", "CoveyModel", "CoveyImaging", "CoveyFormats", "CoveyCore"]),
        tests(
            "CoveyFiguresTests",
            [
                "CoveyFigures", "CoveyCanvas", "CCairo", "CoveyKernels", "CoveyImaging", "CoveyModel",
                "CoveyCore",
            ]),
        tests("CoveyLayoutsTests", ["CoveyLayouts", "CoveyFormats", "CoveyCore"]),
        tests("CoveyReportTests", ["Covey", .product(name: "Crypto", package: "swift-crypto")]),
        tests(
            "CoveyDatasetsTests",
            [
                "CoveyDatasets", "CoveyTransfer", "CoveyFormats", "CoveyKernels", "CoveyCore",
                .product(name: "Crypto", package: "swift-crypto"),
            ]),
        tests("CoveyServeTests", ["CoveyServe", "CoveyCore"]),
        tests("CoveyTests", ["Covey", "CoveyCommand"]),
    ]
)
