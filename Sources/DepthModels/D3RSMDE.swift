public import Tensors

/// Relative height from one image by the networks of D3-RSMDE (arXiv:2603.16362).
///
/// A dense prediction transformer for the coarse half; `LatentRefiner` for the other, where the bundle has it.
public struct D3RSMDE: TileModel {
  public let manifest: Manifest
  public let identity: String
  public let weightBytes: Int
  public let refiner: (any TileRefiner)?
  private let coarse: DPT

  /// Checks the hashes of a bundle's files and loads its networks.
  ///
  /// - Throws: `ModelError` that names a changed file, or a missing, extra or misshapen tensor.
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
    try coarseWeights.finish(ignoring: CheckpointNames.isDead)
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

  public var sizeMultiple: Int { CoarseArchitecture.sizeMultiple }
  public var card: ModelCard { manifest.card }
  /// A bundle that was trained here brings its outputs to about 0…1 over a tile.
  public var reliefRange: Float? { manifest.coarse.output == .unchanged ? nil : 1 }

  /// Relative height by the coarse network, after the bundle's affine.
  ///
  /// - Throws: `ModelError` where the result is not finite.
  public func coarseHeight(of image: Tensor) throws -> Tensor {
    let (batch, rows, columns, channels) = image.shape.image
    precondition(
      batch == 1 && channels == 3 && rows > 0 && columns > 0 && rows % sizeMultiple == 0
        && columns % sizeMultiple == 0,
      "\(image.shape) is not one RGB image with sides of multiples of \(sizeMultiple)")
    var height = coarse(manifest.coarse.normalization.applied(to: image))
    let (scale, offset) = (manifest.coarse.output.scale, manifest.coarse.output.offset)
    height.withMutableSpan { height in
      for i in height.indices { height[i] = Float(scale * Double(height[i]) + offset) }
    }
    guard height.scalars.allSatisfy(\.isFinite) else {
      throw ModelError(
        .badData,
        image.scalars.allSatisfy(\.isFinite)
          ? "\(manifest.card.name) gives heights that are not finite for a finite image"
          : "the image holds numbers that are not finite")
    }
    return height
  }

  public func peakBytes(rows: Int, columns: Int) -> Int {
    manifest.coarse.peakBytes(rows: rows, columns: columns, workers: Parallel.workers)
  }

  public func operationCount(rows: Int, columns: Int) -> Double {
    manifest.coarse.operationCount(rows: rows, columns: columns)
  }
}
