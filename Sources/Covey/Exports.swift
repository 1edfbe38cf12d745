// The libraries as one import: `import Covey` brings every public name of the layers below.
@_exported public import CoveyCore
@_exported public import CoveyDatasets
@_exported public import CoveyFigures
@_exported public import CoveyFormats
@_exported public import CoveyImaging
@_exported public import CoveyInference
@_exported public import CoveyKernels
@_exported public import CoveyLayouts
@_exported public import CoveyModel
@_exported public import CoveyReport
@_exported public import CoveyServe
