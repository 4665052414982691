import Tensors

/// The translation of a network's tensor names in checkpoints into the names that bundles use.
///
/// Each kind of network has its own file.
package struct CheckpointNames {
  /// The meaning of a name in a checkpoint.
  package enum Meaning: Hashable {
    /// A tensor of the network, with its name in bundles.
    case tensor(String)
    /// A part of the file that the network does not use.
    case unused(String)
    /// A name that is not supported.
    case unknown
  }

  /// Returns the meaning of a name in the checkpoint.
  package let meaning: (String) -> Meaning
  private let stage: Manifest.Stage

  /// Creates the translation for a checkpoint with given names.
  ///
  /// - Throws: `ModelError` if the names are those of another kind of network.
  package init(
    of stage: Manifest.Stage, in names: some Collection<String>, path: String
  ) throws(ModelError) {
    self.stage = stage
    switch stage {
    case .coarse: meaning = Self.coarse
    case .vae: meaning = try Self.autoencoder(in: names, path: path)
    case .unet: meaning = try Self.denoiser(in: names, path: path)
    }
  }

  /// Returns the shape of a tensor in bundles, in which attention matrices are two-dimensional.
  func shape(of canonical: String, stored: Shape) -> Shape {
    guard stage == .vae, canonical.contains(".attentions."), stored.rank == 4,
      stored.dims.suffix(2) == [1, 1]
    else { return stored }
    return Shape(Array(stored.dims.prefix(2)))
  }

  /// Returns the dot-separated parts of a name, without the wrappers at its beginning.
  static func parts(of name: String, without wrappers: Set<String>) -> NameTemplates.Parts {
    Array(name.split(separator: ".").drop { wrappers.contains(String($0)) })
  }
}
