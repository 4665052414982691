"""Writes one network of a bundle as ONNX for ONNX Runtime, and as OpenVINO's own format.

Run by speed.py, once for each network and size: `export.py BUNDLE PART SIZE FOLDER`.
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
    """ONNX Runtime's own operator, faster than the products and softmax of the exporter."""
    batch, heads, length, width = query.shape
    y = torch.onnx.ops.symbolic(
        "com.microsoft::MultiHeadAttention",
        [x.transpose(1, 2).flatten(2) for x in (query, key, value)],
        {"num_heads": heads}, dtype=query.dtype, shape=(batch, length, heads * width), version=1,
    )  # fmt: skip
    return y.unflatten(2, (heads, width)).transpose(1, 2)


def separate_attention(query, key, value, **settings):
    """As torch's, but written without products where there are as many positions as heads.

    There OpenVINO 2026.4.1 gives wrong numbers: in these networks, at 128 × 128 pixels alone.
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
    # By way of ONNX: OpenVINO 2026.4.1 crashes on the DPT that it converts from PyTorch itself, and
    # the others are no faster for it. It puts the attention together again.
    model = openvino.convert_model(plain)
    openvino.save_model(model, f"{folder}/{part}.xml", compress_to_fp16=False)
    for path in (plain, f"{plain}.data"):
        os.remove(path)
    export(network, inputs, fused, fused_attention)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]), sys.argv[4])
