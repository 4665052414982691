/// Everything that relief offers to other programs: `import Relief` imports all of its libraries.
@_exported import DepthModels
@_exported import Evaluation
@_exported import Grids
@_exported import PairChecks
@_exported import Pairs
@_exported import Rasters
@_exported import Rendering
@_exported import Scenes
@_exported import Surfaces
@_exported import Tensors
@_exported import Training
