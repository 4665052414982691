import FoundationEssentials

/// What `config.json` of diffusers' `AutoencoderKL` says beyond its tensors' shapes, with its documented defaults.
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

  /// Reads a configuration and refuses what the network here does not do.
  init(reading path: String) throws {
    let json = try Data(reading: path)
    do {
      self = try JSONDecoder().decode(Self.self, from: json)
    } catch {
      throw ModelError(.badData, "\(path) is no configuration of an autoencoder: \(error)")
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
    // Attention may stand in the coarsest level alone, in both halves; shapes say whether it does.
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

  /// What stands in the file where the library's own default would count.
  var unseen: AutoencoderArchitecture.Unseen {
    AutoencoderArchitecture.Unseen(
      groups: norm_num_groups ?? 32, latentScale: scaling_factor ?? 0.18215)
  }
}
