import FoundationEssentials

/// The settings in `config.json` of diffusers' `AutoencoderKL`, with their documented defaults.
struct DiffusersConfig: Decodable {
  var _class_name: String?
  var act_fn: String?
  var norm_num_groups: Int?
  var scaling_factor: Double?
  var shift_factor: Double?
  var latents_mean: [Double]?
  var latents_std: [Double]?
  var use_quant_conv: Bool?
  var use_post_quant_conv: Bool?
  var mid_block_add_attention: Bool?
  var down_block_types: [String]?
  var up_block_types: [String]?

  /// Reads a configuration.
  ///
  /// - Throws: `ModelError` if it has a setting that this package's network does not support.
  init(reading path: String) throws {
    let json = try Data(reading: path)
    do {
      self = try JSONDecoder().decode(Self.self, from: json)
    } catch {
      throw ModelError(
        .badData, "\(path) is not a valid configuration of an autoencoder: \(error)")
    }
    func require<Value: Equatable>(_ name: String, _ found: Value, _ expected: Value) throws {
      guard found == expected else {
        throw ModelError(.badData, "\(path): \(name) is \(found), only \(expected) is supported")
      }
    }
    try require("_class_name", _class_name ?? "missing", "AutoencoderKL")
    try require("act_fn", act_fn ?? "silu", "silu")
    try require("shift_factor", shift_factor ?? 0, 0)
    try require("latents_mean", latents_mean ?? [], [])
    try require("latents_std", latents_std ?? [], [])
    try require("use_quant_conv", use_quant_conv ?? true, true)
    try require("use_post_quant_conv", use_post_quant_conv ?? true, true)
    try require("mid_block_add_attention", mid_block_add_attention ?? true, true)
    // Attention is supported only in the coarsest level, in both halves; shapes determine whether it is present.
    let down = down_block_types ?? ["DownEncoderBlock2D"]
    let up = up_block_types ?? ["UpDecoderBlock2D"]
    let attends = down.last == "AttnDownEncoderBlock2D"
    let plain = (down: "DownEncoderBlock2D", up: "UpDecoderBlock2D")
    try require(
      "down_block_types", down,
      down.dropLast().map { _ in plain.down } + [attends ? "AttnDownEncoderBlock2D" : plain.down])
    try require(
      "up_block_types", up,
      [attends ? "AttnUpDecoderBlock2D" : plain.up] + up.dropFirst().map { _ in plain.up })
  }

  /// The settings of the file, or the library's defaults.
  var hyperparameters: AutoencoderArchitecture.Hyperparameters {
    AutoencoderArchitecture.Hyperparameters(
      groups: norm_num_groups ?? 32, latentScale: scaling_factor ?? 0.18215)
  }
}
