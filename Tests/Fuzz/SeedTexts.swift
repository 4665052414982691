/// Excerpts of files as other programs write them, limited to the parts that are read.
extension FuzzedReader {
  /// The kind of file as one character, followed by its text: Sentinel-2, DIMAP, STAC, Planet, Landsat, Maxar.
  static let productTexts = [
    """
    0<n1:Level-2A_Tile_ID xmlns:n1="x"><General_Info><SENSING_TIME metadataLevel="Standard">2023-07-01T10:07:21.123Z</SENSING_TIME></General_Info>
    <Mean_Sun_Angle><ZENITH_ANGLE unit="deg">27.2</ZENITH_ANGLE><AZIMUTH_ANGLE unit="deg">147.5</AZIMUTH_ANGLE></Mean_Sun_Angle></n1:Level-2A_Tile_ID>
    """,
    """
    4<Dimap_Document><IMAGING_DATE>2020-01-02</IMAGING_DATE><IMAGING_TIME>10:11:12.5Z</IMAGING_TIME><SUN_AZIMUTH unit="deg">150.1</SUN_AZIMUTH></Dimap_Document>
    """,
    """
    1{"stac_version":"1.0.0","type":"Feature","properties":{"datetime":"2023-07-01T10:07:21+02:00","view:sun_azimuth":147.5,"n":[1,2]},"assets":{"a":{"href":"./scene.tif"}}}
    """,
    "1{\"sun_azimuth\":-12.5,\"acquired\":\"2023-07-01T10:07:21Z\"}",
    """
    2GROUP = L1_METADATA_FILE
      DATE_ACQUIRED = 2021-05-06
      SCENE_CENTER_TIME = "10:11:12.1234567Z"
      SUN_AZIMUTH = 142.33
    """,
    "3meanSunAz = 151.7;\nfirstLineTime = 2009-12-08T10:30:18.142149Z;\n",
  ]

  static let huggingFaceTexts = [
    """
    {"model_type":"dpt","is_hybrid":true,"num_attention_heads":12,"layer_norm_eps":1e-12,"backbone_out_indices":[0,1,8,11],\
    "readout_type":"project","hidden_act":"gelu","qkv_bias":true,"add_projection":false,"reassemble_factors":[1,1,1,0.5],\
    "backbone_config":{"num_groups":32,"layer_type":"bottleneck","global_padding":"same","embedding_dynamic_padding":true,"output_stride":32}}
    """,
    """
    {"_class_name":"AutoencoderKL","act_fn":"silu","norm_num_groups":32,"scaling_factor":0.18215,"latents_mean":[],\
    "down_block_types":["DownEncoderBlock2D","AttnDownEncoderBlock2D"],"up_block_types":["AttnUpDecoderBlock2D","UpDecoderBlock2D"]}
    """,
    "{\"weight_map\":{\"a\":\"1.safetensors\",\"b\":\"2.safetensors\"}}",
  ]

  /// The files in the order that `readLimits` expects.
  static let limitTexts = [
    """
    30 20 0:26 / /g rw,nosuid shared:4 - cgroup2 cgroup2 rw
    31 20 0:27 /job\\0401 /g rw - cgroup cgroup rw,memory,cpu
    """,
    "4:memory,cpu:/job 1\n0::/\n",
    "Limit  Soft  Hard  Units\nMax data size  unlimited  unlimited  bytes\nMax address space  4294967296  unlimited  bytes\n",
    "Name: x\nVmSize:   1234 kB\nVmData:\t99 kB\nCpus_allowed_list:\t0-3,8\n",
    "MemTotal: 9 kB\nMemAvailable:   24000000 kB\n", "8589934592\n", "4294967296\n",
    "anon 5\ninactive_file 100\ntotal_inactive_file 7\n", "150000 100000\n",
    "9223372036854771712\n",
    "-1\n", "100000\n",
  ]

  static let pairs = [
    "name,image,dem,site,split,fold,surface,bands,window,azimuth,heights",
    "a,/vsimem/a.tif,/vsimem/b.tif,zion,train,1,DSM,3;2;1,0;0;512;512,147.5,-",
    "\"b, \"\"c\"\"\",/vsimem/a.tif,/vsimem/b.tif,-,test,-,-,1,-,-,/vsimem/h.tif",
  ]

  /// The files in the order that `readTrainingFolder` expects.
  static let trainingTexts = [
    "step,epoch,loss,learning_rate,gradient_norm,seconds\n1,1,0.5,0.001,2.5,0.100\n2,1,0.25,0.001,1.5,0.100\n",
    "epoch,step,training_loss,validation_loss,learning_rate,kept\n1,1,0.5,0.4,0.001,true\n2,2,0.25,0.3,0.001,false\n",
    "[[\"a-image\",\"image\"],[\"a-truth\",\"truth\"]]", "{\"coarse\":{\"weights\":\"1\"}}",
  ]
}
