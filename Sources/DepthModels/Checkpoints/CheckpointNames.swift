import Tensors

/// The names of a network's tensors in the wild, and the one naming that bundles use; a file for each network.
package struct CheckpointNames {
  package enum Meaning: Hashable {
    /// A tensor of the network, by the bundle's name for it.
    case tensor(String)
    /// A part of the file that the network does not use.
    case unused(String)
    case unknown
  }

  /// What a name of the file means.
  package let meaning: (String) -> Meaning
  private let stage: Manifest.Stage

  /// The naming of a network in a file with these names.
  ///
  /// - Throws: `ModelError` where the names are those of another kind of network.
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

  /// The shape that bundles have: matrices of attention are two-dimensional.
  func shape(of canonical: String, stored: Shape) -> Shape {
    guard stage == .vae, canonical.contains(".attentions."), stored.rank == 4,
      stored.dims.suffix(2) == [1, 1]
    else { return stored }
    return Shape(Array(stored.dims.prefix(2)))
  }

  /// The parts between a name's dots, without wrappers at its beginning.
  static func parts(of name: String, without wrappers: Set<String>) -> NameTemplates.Parts {
    Array(name.split(separator: ".").drop { wrappers.contains(String($0)) })
  }
}
