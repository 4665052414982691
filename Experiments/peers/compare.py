#!/usr/bin/env python3
"""Compares the networks here with the libraries that they come from, on random weights.

Small networks of transformers (DPT) and diffusers (AutoencoderKL), and an autoencoder of Stable
Diffusion's size, are saved as safetensors, .bin and .pth, imported by `relief model import`, and run by
both. The program prints the largest error of each, relative to the range of its output, and exits with
1 if an error is above 1e-4. Tensors of a U-Net are only compared as stored.

    pip install torch transformers diffusers safetensors
    swift build -c release
    Experiments/peers/compare.py .build/release
"""

import os
import subprocess
import sys
import tempfile

import torch
from diffusers import AutoencoderKL
from safetensors.torch import load_file, save_file
from transformers import DPTConfig, DPTForDepthEstimation
from transformers.utils import logging

TOLERANCE = 1e-4
logging.disable_progress_bar()
programs = os.path.abspath(sys.argv[1] if len(sys.argv) > 1 else ".build/release")
torch.manual_seed(42)
failures = 0


def call(program, *arguments):
    subprocess.run([f"{programs}/{program}", *arguments], check=True, stdout=subprocess.DEVNULL)


def import_bundle(bundle, *arguments):
    card = ["--name", "random", "--license", "none", "--gsd", "1,1"]
    call("relief", "model", "import", bundle, *arguments, *card)
    return bundle


def report(name, error):
    global failures
    failures += not error <= TOLERANCE
    print(f"{name:74}{error:8.1e}", flush=True)


def compare(name, bundle, part, given, expected):
    save_file({"x": given.contiguous()}, "in.safetensors")
    call("run-network", bundle, part, "in.safetensors", "out.safetensors")
    found = load_file("out.safetensors")["x"].reshape(expected.shape)
    spread = expected.max() - expected.min()
    report(name, ((found - expected).abs().max() / spread).item())


def randomized(network):
    """Randomizes all parameters: default values give weak signals, and hide mixed-up norms and biases."""
    with torch.no_grad():
        for parameter in network.parameters():
            if parameter.dim() == 1:
                parameter.add_(0.1 * torch.randn_like(parameter))
            else:
                parameter.normal_(std=parameter[0].numel() ** -0.5)
    return network.eval()


def ways(network, folder, weights, key):
    """Yields the folder as the library writes it, a training program's .pth, and the folder with .bin files."""
    network.save_pretrained(folder)
    yield "safetensors", folder
    if key:
        path = f"{folder}.pth"
        torch.save({"epoch": 1, key: network.state_dict(), "optimizer_state_dict": {}}, path)
        yield ".pth", path
    os.remove(f"{folder}/{weights}.safetensors")
    bin_name = "pytorch_model" if weights == "model" else weights
    torch.save(network.state_dict(), f"{folder}/{bin_name}.bin")
    yield ".bin", folder


def depth_networks():
    common = dict(
        hidden_size=128, num_hidden_layers=4, num_attention_heads=2, intermediate_size=256,
        image_size=96, backbone_out_indices=[0, 1, 2, 3], fusion_hidden_size=32,
    )  # fmt: skip
    yield "DPT plain", DPTConfig(patch_size=16, neck_hidden_sizes=[16, 32, 64, 64], **common)
    backbone = dict(
        model_type="bit", global_padding="same", layer_type="bottleneck", depths=[1, 2, 1],
        hidden_sizes=[64, 128, 256], embedding_size=16, num_groups=8, embedding_dynamic_padding=True,
        out_features=["stage1", "stage2", "stage3"],
    )  # fmt: skip
    yield "DPT hybrid", DPTConfig(
        is_hybrid=True, neck_hidden_sizes=[64, 128, 64, 64], neck_ignore_stages=[0, 1],
        reassemble_factors=[1, 1, 1, 0.5], backbone_featmap_shape=[1, 256, 6, 6],
        backbone_config=backbone, **common,
    )  # fmt: skip


def autoencoders():
    plain = ("DownEncoderBlock2D", "UpDecoderBlock2D")
    attending = ("AttnDownEncoderBlock2D", "AttnUpDecoderBlock2D")
    for name, widths, last, settings in [
        ("two levels", (32, 64), plain, dict(layers_per_block=1)),
        ("three levels, 16 groups, attention", (32, 32, 64), attending, dict(norm_num_groups=16)),
        ("five levels, 32 latents", (32, 32, 32, 32, 64), attending, dict(latent_channels=32)),
        ("Stable Diffusion's size", (128, 256, 512, 512), plain, dict(layers_per_block=2)),
    ]:
        levels = len(widths)
        yield f"AutoencoderKL, {name}", AutoencoderKL(
            block_out_channels=widths,
            down_block_types=[plain[0]] * (levels - 1) + [last[0]],
            up_block_types=[last[1]] + [plain[1]] * (levels - 1),
            **{"latent_channels": 4, "layers_per_block": 1} | settings,
        )


def unet(latents):
    """Returns the tensors of a D3-RSMDE U-Net: one level, one block, attention only in the middle."""
    names = {"time_embed.weight": (6, 128), "input_blocks.0.0.weight": (32, 2 * latents, 3, 3)}
    names |= {"out.0.weight": (32,), "out.0.bias": (32,), "out.2.weight": (latents, 32, 3, 3)}
    names |= {"input_blocks.0.0.bias": (32,), "out.2.bias": (latents,)}
    blocks = [("input_blocks.1.0", 32), ("middle_block.0", 32), ("middle_block.2", 32)]
    for block, inputs in blocks + [("output_blocks.0.0", 64), ("output_blocks.1.0", 64)]:
        names |= {f"{block}.in_layers.0.{part}": (inputs,) for part in ("weight", "bias")}
        names |= {f"{block}.out_layers.0.{part}": (32,) for part in ("weight", "bias")}
        for layer, shape in [
            ("in_layers.2", (32, inputs, 3, 3)), ("out_layers.3", (32, 32, 3, 3)),
            ("emb_layers.1", (32, 128)), ("skip_connection", (32, inputs, 1, 1)),
        ]:  # fmt: skip
            if layer != "skip_connection" or inputs != 32:
                names |= {f"{block}.{layer}.weight": shape, f"{block}.{layer}.bias": (32,)}
    attention = "middle_block.1"
    names |= {f"{attention}.norm.{part}": (32,) for part in ("weight", "bias")}
    names |= {f"{attention}.qkv.weight": (96, 32, 1), f"{attention}.qkv.bias": (96,)}
    names |= {f"{attention}.proj_out.weight": (32, 32, 1), f"{attention}.proj_out.bias": (32,)}
    return {name: torch.randn(shape) for name, shape in names.items()}


def main():
    coarse = None
    with torch.no_grad():
        for name, config in depth_networks():
            network = randomized(DPTForDepthEstimation(config))
            network.head.head[-2].bias.fill_(5)  # otherwise the final ReLU would cut off much of the output
            image = torch.rand(1, 3, 96, 96) * 2 - 1
            expected = network(image).predicted_depth
            for way, path in ways(network, name, "model", None):
                coarse = import_bundle(f"{name} {way}", "--coarse", path)
                compare(f"{name} ({way})", coarse, "coarse", image, expected)
        depth = f"{coarse}/coarse.safetensors"
        taps = ["--heads", "2", "--hooks", "2,3", "--groups", "8"]
        for name, network in autoencoders():
            network = randomized(network)
            latents = network.config.latent_channels
            image = torch.rand(1, 3, 64, 64) * 2 - 1
            moments = network.encode(image).latent_dist.parameters
            latent = moments[:, :latents]
            decoded = network.decode(latent).sample
            denoiser = unet(latents)
            torch.save({"denoise_model_state_dict": denoiser, "epoch": 1}, "unet.pth")
            groups = network.config.norm_num_groups
            key = "model_state_dict" if groups == 32 else None  # 32 is the default without a config
            for way, path in ways(network, name, "diffusion_pytorch_model", key):
                bundle = import_bundle(
                    f"{name} {way}", "--coarse", depth, "--vae", path, "--unet", "unet.pth", *taps
                )
                compare(f"{name}, encoder ({way})", bundle, "encode", image, moments)
                compare(f"{name}, decoder ({way})", bundle, "decode", latent, decoded)
                stored = load_file(f"{bundle}/unet.safetensors")
                same = stored.keys() == denoiser.keys() and all(
                    torch.equal(stored[key], tensor) for key, tensor in denoiser.items()
                )
                report(f"U-Net for {latents} latents, as stored ({way})", 0.0 if same else 1.0)
    return 1 if failures else 0


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        sys.exit(main())
