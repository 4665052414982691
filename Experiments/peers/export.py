"""Exports one network of a bundle as ONNX for ONNX Runtime, and in OpenVINO's own format.

speed.py runs it once for each network and size: `export.py BUNDLE PART SIZE FOLDER`.
"""

import os
import sys
import warnings
from unittest.mock import patch

import networks
import onnx
import openvino
import torch
import torch.nn.functional as F
from worker import input_shape

warnings.simplefilter("ignore")
torch_attention = F.scaled_dot_product_attention


def fused_attention(query, key, value, **settings):
    """ONNX Runtime's own operator, which is faster than the exporter's products and softmax."""
    batch, heads, length, width = query.shape
    y = torch.onnx.ops.symbolic(
        "com.microsoft::MultiHeadAttention",
        [x.transpose(1, 2).flatten(2) for x in (query, key, value)],
        {"num_heads": heads}, dtype=query.dtype, shape=(batch, length, heads * width), version=1,
    )  # fmt: skip
    return y.unflatten(2, (heads, width)).transpose(1, 2)


def separate_attention(query, key, value, **settings):
    """Attention like torch's, but without matrix products if there are as many positions as heads.

    In that case OpenVINO 2026.4.1 gives wrong results; in these networks only at 128 × 128 pixels.
    """
    if query.shape[1] != query.shape[2]:
        return torch_attention(query, key, value, **settings)
    scores = (query[:, :, :, None] * key[:, :, None]).sum(-1) * query.shape[-1] ** -0.5
    return (scores.softmax(-1)[..., None] * value[:, :, None]).sum(3)


def export(network, inputs, path, attention):
    with patch.object(F, "scaled_dot_product_attention", attention), torch.inference_mode():
        torch.onnx.export(
            network, inputs, path, dynamo=True, opset_version=18, external_data=True, verbose=False,
            input_names=["x", "step"][: len(inputs)], output_names=["y"],
        )  # fmt: skip
    onnx.checker.check_model(path)


def main(bundle, part, size, folder):
    network = networks.load(bundle, part, size)
    inputs = (torch.zeros(input_shape(part, size)),)
    if part == "step":
        inputs += (torch.tensor([0]),)
    os.makedirs(folder, exist_ok=True)
    plain, fused = f"{folder}/{part}-plain.onnx", f"{folder}/{part}.onnx"
    export(network, inputs, plain, separate_attention)
    # Converted from ONNX, because OpenVINO 2026.4.1 crashes when it converts the DPT from PyTorch,
    # and the other networks are no faster that way. OpenVINO fuses the attention again.
    model = openvino.convert_model(plain)
    openvino.save_model(model, f"{folder}/{part}.xml", compress_to_fp16=False)
    for path in (plain, f"{plain}.data"):
        os.remove(path)
    export(network, inputs, fused, fused_attention)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]), sys.argv[4])
