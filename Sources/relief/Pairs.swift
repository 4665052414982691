import ArgumentParser

/// The command `relief pairs`, which checks and splits lists of image and DEM pairs.
struct Pairs: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Checks lists of image and DEM pairs, and splits them for training and testing.",
    discussion: """
      A list is a CSV file with a header. The columns image and dem are required. Optional columns are:
        name        unique name of the pair
        site        name of the place, shared by pairs of the same area
        split       train, validation or test
        fold        1, 2, …: the fold that holds out the pair in cross-fitting
        surface     DSM (roofs and tree crowns) or DTM (bare ground)
        bands       band numbers of red, green and blue, such as 3;2;1, or one band
        window      column;row;width;height in pixels of the image
        azimuth     sun azimuth of the image, in degrees clockwise from north
        heights     a height raster that was inferred from the image
      Use “-” for a missing value. Paths are relative to the list. A list may also be a JSON file with an array of \
      objects that have the same keys, or a folder ImageToDEM-AREA of RS3DBench.
      """,
    subcommands: [PairsDoctor.self, PairsSplit.self])
}
