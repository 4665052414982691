import ArgumentParser

/// `relief pairs …`: lists of images with their heights.
struct Pairs: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Lists of images with their DEMs: what is wrong with them, and which are for what.",
    discussion: """
      A list is a CSV file with a header. It has the columns image and dem; it may have
        name        alone of its name
        site        the place, which pairs of one ground share
        split       train, validation or test
        fold        1, 2, …: the part of a training set that a cross-fitting leaves out
        surface     DSM (roofs and crowns) or DTM (bare ground)
        bands       3;2;1 or one number: red, green and blue in the image
        window      column;row;width;height in the image's pixels
        heights     a raster that was inferred from the image
      with “-” where a pair has none. Paths are relative to the list. Of JSON, an array of objects with the same keys. \
      A folder ImageToDEM-AREA of RS3DBench is a list, too.
      """,
    subcommands: [PairsDoctor.self, PairsSplit.self])
}
