import DepthModels
import Foundation
import Tensors
import Testing

/// Tests of the shipped model, run from its bundle.
@Suite(.serialized) struct BundledModelTests {
  /// Returns pixels in 0…255, the input of a bundle, for reference inputs normalized to −1…1.
  static func pixels(_ normalized: Tensor) -> Tensor {
    Tensor(normalized.shape, normalized.scalars.map { ($0 + 1) * 127.5 })
  }

  /// Returns planes `[channel, row, column]` as an image `[1, row, column, channel]`.
  static func image(_ planes: Tensor) -> Tensor {
    let (channels, rows, columns) = (planes.shape[0], planes.shape[1], planes.shape[2])
    return Tensor(
      [1, rows, columns, channels],
      (0..<rows * columns * channels).map {
        planes.scalars[$0 % channels * rows * columns + $0 / channels]
      })
  }

  /// Returns an image of hills lit from one side, computed by a formula, in −1…1: `[1, side, side, 3]`.
  static func hills(side: Int) -> Tensor {
    let hill = (0..<side * side).map { index in
      let (y, x) = (Double(index / side), Double(index % side))
      return sin(0.031 * x) * cos(0.027 * y) + 0.5 * sin(0.083 * x + 0.061 * y)
        + 0.25 * sin(0.19 * x - 0.13 * y)
    }
    func slope(_ index: Int, _ step: Int, _ place: Int) -> Double {
      let after = place == side - 1 ? index : index + step
      let before = place == 0 ? index : index - step
      return (hill[after] - hill[before]) / Double((after - before) / step)
    }
    return Tensor(
      [1, side, side, 3],
      hill.indices.flatMap { index in
        let shade = slope(index, 1, index % side) + 0.5 * slope(index, side, index / side)
        let bands = [
          -0.3 + 0.2 * hill[index] + 2 * shade, -0.2 + 0.1 * hill[index] + 2 * shade,
          -0.5 - 0.1 * hill[index] + 1.5 * shade,
        ]
        return bands.map { Float(min(max($0, -1), 1)) }
      })
  }

  /// Calls `body` with a model whose heights are the raw outputs of a network with known PyTorch results.
  private func withReferenceModel(_ body: (D3RSMDE) throws -> Void) throws {
    try Places.withTemporaryFolder { folder in
      let card = ModelCard(
        name: "reference", summary: "", licence: "", gsdInMeters: 21...60, tileSize: 512,
        surface: "mixed")
      let bundle = try ModelBundle.importing(
        coarse: Places.bootstrap, to: folder + "/bundle", options: ImportOptions(card: card)
      ).bundle
      try body(try D3RSMDE(bundle))
    }
  }

  @Test(
    .enabled(
      if: Places.exists(Places.bootstrap), "the reference outputs are not next to the checkout"),
    arguments: [256, 320, 512])
  func `a trained network matches its PyTorch outputs`(side: Int) throws {
    let reference = try Safetensors(reading: Places.bootstrap + "/reference.safetensors")
    let input =
      side == 512 ? Self.hills(side: 512) : Self.image(try reference.tensor("input.\(side)"))
    let output = try reference.tensor("output.\(side)")
    try withReferenceModel { model in
      let height = try model.coarseHeight(of: Self.pixels(input))
      let step = side / output.shape[0]  // the largest output is stored at every 8th row and column
      let error = output.scalars.indices.map { index in
        let (row, column) = index.quotientAndRemainder(dividingBy: output.shape[1])
        return abs(height[0, row * step, column * step, 0] - output.scalars[index])
      }.max()
      // Outputs near 0.4 have a rounding error of 3e-8 each; this allows for several dozen roundings.
      #expect(try #require(error) < 2e-6)
    }
  }

  /// The row, column and PyTorch output of some pixels of the hills.
  static let references: [(row: Int, column: Int, raw: Float)] = [
    (0, 0, 0.37010977), (24, 480, 0.37000003), (136, 72, 0.36993188), (248, 248, 0.37008399),
    (320, 176, 0.36998594), (416, 400, 0.36990705), (504, 0, 0.37028691), (504, 504, 0.37000778),
  ]

  @Test(
    .enabled(if: Places.exists(Places.bootstrap), "the checkpoint is not next to the checkout"))
  func `a trained network gives known heights for hills lit from one side`() throws {
    try withReferenceModel { model in
      let height = try model.coarseHeight(of: Self.pixels(Self.hills(side: 512)))
      for reference in Self.references {
        let found = height[0, reference.row, reference.column, 0]
        #expect(abs(found - reference.raw) < 2e-6, "at \(reference.row), \(reference.column)")
      }
    }
  }

  @Test func `the shipped network gives bit-identical heights on any number of workers`() throws {
    let image = Self.pixels(Self.hills(side: 512))
    let model = try D3RSMDE(ModelBundle(directory: Places.bundle))
    let height = try Parallel.$workers.withValue(2) { try model.coarseHeight(of: image) }
    let alone = try Parallel.$workers.withValue(1) { try model.coarseHeight(of: image) }
    let areEqual = alone == height
    #expect(areEqual, "one worker and two workers give different bits")
    #expect(height.range.minimum < height.range.maximum)
  }

  @Test func `an image that is not finite is an error`() throws {
    let model = try D3RSMDE(ModelBundle(directory: Places.bundle))
    var image = Tensor([1, 64, 96, 3], repeating: 100)
    image.withMutableSpan { $0[50] = .nan }
    let error = #expect(throws: ModelError.self) { try model.coarseHeight(of: image) }
    #expect(error?.message.contains("not finite") == true)
  }

  /// Runs in its own process, so that nothing else uses memory.
  @Test func `the peak memory of a tile is predicted`() async {
    await #expect(processExitsWith: .success) {
      let model = try D3RSMDE(ModelBundle(directory: Places.bundle))
      // The first call allocates the buffers of BLAS.
      _ = try model.coarseHeight(of: Tensor([1, 64, 64, 3], repeating: 9))
      let image = Tensor.random([1, 768, 768, 3], in: 0...255, seed: 1)
      let before = try Memory.resident()
      _ = try model.coarseHeight(of: image)
      let used = Double(try Memory.peak() - before)
      let predicted = Double(model.peakBytes(rows: 768, columns: 768))
      // The prediction includes 42 MB that the allocator may keep, depending on where its blocks are.
      precondition(
        used <= predicted && predicted - 42e6 <= 1.1 * used, "\(used) used, \(predicted) predicted")
    }
  }

  @Test func `the cost of a tile follows from its size`() throws {
    let model = try D3RSMDE(ModelBundle(directory: Places.bundle))
    // The cost of everything but attention is proportional to the number of pixels.
    let ratio =
      model.operationCount(rows: 512, columns: 1024) / model.operationCount(rows: 512, columns: 512)
    #expect(ratio > 2 && ratio < 2.5)
    let stored = try ["coarse", "vae", "unet"].reduce(0) { sum, name in
      try Safetensors(reading: Places.bundle + "/\(name).safetensors").entries.values
        .reduce(sum) { $0 + $1.shape.count }
    }
    #expect(model.weightBytes == 4 * stored)
  }
}

/// The memory of this process as reported by the kernel, in bytes.
enum Memory {
  static func resident() throws -> Int { try status("VmRSS:") }
  static func peak() throws -> Int { try status("VmHWM:") }

  private static func status(_ field: String) throws -> Int {
    let lines = try String(contentsOfFile: "/proc/self/status", encoding: .utf8)
      .split(separator: "\n")
    let line = try #require(lines.first { $0.hasPrefix(field) })
    return try #require(
      line.split(whereSeparator: { " \t".contains($0) }).dropFirst().first.flatMap { Int($0) })
      * 1024
  }
}
