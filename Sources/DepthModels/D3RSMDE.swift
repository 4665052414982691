public import Tensors

/// A model that estimates relative height from one image with the networks of D3-RSMDE (arXiv:2603.16362).
///
/// A dense prediction transformer produces the coarse heights; `LatentRefiner`, if present, refines them.
public struct D3RSMDE: TileModel {
  /// The manifest of the bundle.
  public let manifest: Manifest
  /// The hash of the bundle.
  public let identity: String
  /// The memory of all weights, in bytes.
  public let weightBytes: Int
  /// The refiner, or nil if the bundle has none.
  public let refiner: (any TileRefiner)?
  private let coarse: DPT

  /// Checks the hashes of a bundle's files and loads its networks.
  ///
  /// - Throws: `ModelError` naming a file that has changed, or a tensor that is missing, extra or has the wrong shape.
  public init(_ bundle: ModelBundle) throws {
    let files = try bundle.verifiedFiles()
    func weights(_ stage: Manifest.Stage) throws -> Weights {
      guard let file = files[stage.fileName] else {
        preconditionFailure("a validated manifest lists \(stage.fileName)")
      }
      return Weights(try Safetensors(file))
    }
    let coarseWeights = try weights(.coarse)
    coarse = try DPT(coarseWeights, bundle.manifest.coarse)
    try coarseWeights.finish(ignoring: CheckpointNames.isUnused)
    let latent = try bundle.manifest.refiner.map { architecture in
      try LatentRefiner(
        vae: architecture.autoencoder == nil ? nil : weights(.vae), unet: weights(.unet),
        architecture)
    }
    refiner = latent
    weightBytes = coarseWeights.byteCount + (latent?.weightBytes ?? 0)
    manifest = bundle.manifest
    identity = bundle.hash
  }

  /// The number that rows and columns of a tile must be multiples of.
  public var sizeMultiple: Int { CoarseArchitecture.sizeMultiple }
  /// The model card of the bundle.
  public var card: ModelCard { manifest.card }
  /// 1 if the bundle transforms its output, as bundles trained by this package do; nil otherwise.
  ///
  /// Such an output spans about 0…1 over a tile.
  public var typicalRelief: Float? { manifest.coarse.output == .unchanged ? nil : 1 }

  /// Returns the relative height from the coarse network, after the affine transformation that the bundle specifies.
  ///
  /// - Throws: `ModelError` if the result is not finite.
  public func coarseHeight(of image: Tensor) throws -> Tensor {
    let (batch, rows, columns, channels) = image.shape.image
    precondition(
      batch == 1 && channels == 3 && rows > 0 && columns > 0 && rows % sizeMultiple == 0
        && columns % sizeMultiple == 0,
      "the image is \(image.shape), expected [1, row, column, 3] with sides that are multiples of \(sizeMultiple)"
    )
    var height = coarse(manifest.coarse.normalization.applied(to: image))
    let (scale, offset) = (manifest.coarse.output.scale, manifest.coarse.output.offset)
    height.withMutableSpan { height in
      for i in height.indices { height[i] = Float(scale * Double(height[i]) + offset) }
    }
    guard height.scalars.allSatisfy(\.isFinite) else {
      throw ModelError(
        .badData,
        image.scalars.allSatisfy(\.isFinite)
          ? "the model \(manifest.card.name) returned heights that are not finite for a finite image"
          : "the image contains values that are not finite")
    }
    return height
  }

  /// Returns the peak memory of the activations of the coarse network for a tile, in bytes.
  public func peakBytes(rows: Int, columns: Int) -> Int {
    manifest.coarse.peakBytes(rows: rows, columns: columns, workers: Parallel.workers)
  }

  /// Returns the number of additions and multiplications of the coarse network for a tile.
  public func operationCount(rows: Int, columns: Int) -> Double {
    manifest.coarse.operationCount(rows: rows, columns: columns)
  }
}
