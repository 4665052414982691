import FoundationEssentials

/// The settings in `config.json` of a `DPTForDepthEstimation`, with their documented defaults.
struct HuggingFaceConfig: Decodable {
  struct Backbone: Decodable {
    var num_groups: Int?
    var layer_type: String?
    var global_padding: String?
    var embedding_dynamic_padding: Bool?
    var hidden_act: String?
    var output_stride: Int?
  }

  var model_type: String
  var is_hybrid: Bool?
  var num_attention_heads: Int?
  var layer_norm_eps: Double?
  var backbone_out_indices: [Int]?
  var readout_type: String?
  var hidden_act: String?
  var qkv_bias: Bool?
  var add_projection: Bool?
  var use_batch_norm_in_fusion_residual: Bool?
  var reassemble_factors: [Double]?
  var backbone_config: Backbone?

  /// Reads a configuration.
  ///
  /// - Throws: `ModelError` if it has a setting that this package's networks do not support.
  init(reading path: String) throws {
    let json = try Data(reading: path)
    do {
      self = try JSONDecoder().decode(Self.self, from: json)
    } catch {
      throw ModelError(.badData, "\(path) is not a valid configuration of a DPT: \(error)")
    }
    func require<Value: Equatable>(_ name: String, _ found: Value, _ expected: Value) throws {
      guard found == expected else {
        throw ModelError(.badData, "\(path): \(name) is \(found), only \(expected) is supported")
      }
    }
    try require("model_type", model_type, "dpt")
    try require("readout_type", readout_type ?? "project", "project")
    try require("hidden_act", hidden_act ?? "gelu", "gelu")
    try require("qkv_bias", qkv_bias ?? true, true)
    try require("add_projection", add_projection ?? false, false)
    try require(
      "use_batch_norm_in_fusion_residual", use_batch_norm_in_fusion_residual ?? false, false)
    let factors = reassemble_factors ?? [4, 2, 1, 0.5]
    try require(
      "reassemble_factors", isHybrid ? Array(factors.suffix(2)) : factors,
      isHybrid ? [1, 0.5] : [4, 2, 1, 0.5])
    if isHybrid {
      try require(
        "backbone_config.layer_type", backbone_config?.layer_type ?? "bottleneck", "bottleneck")
      try require(
        "backbone_config.global_padding", backbone_config?.global_padding?.uppercased() ?? "SAME",
        "SAME")
      // Without it, the first pooling is not padded, which moves all later positions.
      try require(
        "backbone_config.embedding_dynamic_padding",
        backbone_config.map { $0.embedding_dynamic_padding ?? false } ?? true, true)
      try require("backbone_config.hidden_act", backbone_config?.hidden_act ?? "relu", "relu")
      try require("backbone_config.output_stride", backbone_config?.output_stride ?? 32, 32)
    }
  }

  var isHybrid: Bool { is_hybrid ?? false }
  var heads: Int { num_attention_heads ?? 12 }
  var layerNormEpsilon: Double { layer_norm_eps ?? 1e-12 }
  var groups: Int { backbone_config?.num_groups ?? 32 }
  /// The zero-based indices of the tapped transformer blocks.
  ///
  /// Of a hybrid network's four indices, the first two are stages of the backbone and are dropped.
  var hooks: [Int] {
    let indices = backbone_out_indices ?? [2, 5, 8, 11]
    return isHybrid ? Array(indices.dropFirst(2)) : indices
  }
}
