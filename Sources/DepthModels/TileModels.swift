// A program that imports the networks also needs the protocols that they conform to.
@_exported public import TileModels
