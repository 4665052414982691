"""The bundle's networks in PyTorch, with tensor names that match the bundle's.

All engines run what is built here. The U-Net is implemented from its description; the autoencoder
and Marigold's U-Net are those of diffusers.
"""

import json

import torch
import torch.nn.functional as F
from dpt import DPT, convolution3
from safetensors.torch import load_file
from torch import nn


class TimedBlock(nn.Module):
    def __init__(self, inputs, outputs, moment, groups, epsilon):
        super().__init__()
        norm, convolution = nn.GroupNorm(groups, inputs, epsilon), convolution3(inputs, outputs)
        self.in_layers = nn.Sequential(norm, nn.SiLU(), convolution)
        self.emb_layers = nn.Sequential(nn.SiLU(), nn.Linear(moment, outputs))
        norm, convolution = nn.GroupNorm(groups, outputs, epsilon), convolution3(outputs, outputs)
        self.out_layers = nn.Sequential(norm, nn.SiLU(), nn.Identity(), convolution)
        if inputs != outputs:
            self.skip_connection = nn.Conv2d(inputs, outputs, 1)

    def forward(self, x, moment):
        y = self.in_layers(x) + self.emb_layers(moment)[:, :, None, None]
        x = self.skip_connection(x) if hasattr(self, "skip_connection") else x
        return x + self.out_layers(y)


class MapAttention(nn.Module):
    """Rows of `qkv` are the queries, keys and values of one head, then of the next."""

    def __init__(self, channels, heads, groups, epsilon):
        super().__init__()
        self.heads = heads
        self.norm = nn.GroupNorm(groups, channels, epsilon)
        self.qkv = nn.Conv1d(channels, 3 * channels, 1)
        self.proj_out = nn.Conv1d(channels, channels, 1)

    def forward(self, x, moment):
        tokens = self.norm(x).flatten(2).transpose(1, 2)
        qkv = F.linear(tokens, self.qkv.weight[:, :, 0], self.qkv.bias)
        qkv = qkv.unflatten(2, (self.heads, 3, -1)).permute(3, 0, 2, 1, 4)
        y = F.scaled_dot_product_attention(*qkv).transpose(1, 2).flatten(2)
        y = F.linear(y, self.proj_out.weight[:, :, 0], self.proj_out.bias)
        return x + y.transpose(1, 2).unflatten(2, x.shape[2:])


class Resized(nn.Module):
    """Half or twice the size, as the parameter's name says."""

    def __init__(self, name, channels):
        super().__init__()
        self.grows = name == "conv"
        self.add_module(name, convolution3(channels, channels, stride=1 if self.grows else 2))

    def forward(self, x, moment):
        return self.conv(F.interpolate(x, scale_factor=2.0)) if self.grows else self.op(x)


class DenoiseUNet(nn.Module):
    """The U-Net of D3-RSMDE and SegRefiner (arXiv:2312.12425), with a learned, additive step embedding."""

    def __init__(self, sizes, steps):
        super().__init__()
        width, norm = sizes["width"], (sizes["groups"], sizes["normEpsilon"])
        moment, depth = 4 * width, sizes["blocksPerLevel"]
        widths = [width * factor for factor in sizes["multipliers"]]

        def block(inputs, outputs):
            return TimedBlock(inputs, outputs, moment, *norm)

        def step(inputs, outputs, level):
            attends = 1 << level in sizes["attentionReductions"]
            attention = [MapAttention(outputs, sizes["heads"], *norm)] if attends else []
            return nn.ModuleList([block(inputs, outputs), *attention])

        self.time_embed = nn.Embedding(steps, moment)
        self.input_blocks = nn.ModuleList([nn.ModuleList([convolution3(sizes["inputs"], width)])])
        skips = [width]
        for level, outputs in enumerate(widths):
            for _ in range(depth):
                self.input_blocks.append(step(skips[-1], outputs, level))
                skips.append(outputs)
            if level < len(widths) - 1:
                self.input_blocks.append(nn.ModuleList([Resized("op", outputs)]))
                skips.append(outputs)
        x = skips[-1]
        attention = MapAttention(x, sizes["heads"], *norm)
        self.middle_block = nn.ModuleList([block(x, x), attention, block(x, x)])
        self.output_blocks = nn.ModuleList()
        for level, outputs in reversed(list(enumerate(widths))):
            for index in range(depth + 1):
                blocks = step(x + skips.pop(), outputs, level)
                if level and index == depth:
                    blocks.append(Resized("conv", outputs))
                self.output_blocks.append(blocks)
                x = outputs
        exit = convolution3(width, sizes["outputs"])
        self.out = nn.Sequential(nn.GroupNorm(norm[0], width, norm[1]), nn.SiLU(), exit)

    def forward(self, x, step):
        moment = self.time_embed(step)
        x = self.input_blocks[0][0](x)
        skips = [x]
        for blocks in self.input_blocks[1:]:
            for block in blocks:
                x = block(x, moment)
            skips.append(x)
        for block in self.middle_block:
            x = block(x, moment)
        for blocks in self.output_blocks:
            x = torch.cat([x, skips.pop()], 1)
            for block in blocks:
                x = block(x, moment)
        return self.out(x)


class Half(nn.Module):
    """Half of the autoencoder: `encode` to moments, or `decode` from a latent."""

    def __init__(self, autoencoder, part):
        super().__init__()
        encodes = part == "encode"
        self.first = autoencoder.encoder if encodes else autoencoder.post_quant_conv
        self.second = autoencoder.quant_conv if encodes else autoencoder.decoder

    def forward(self, x):
        return self.second(self.first(x))


def autoencoder(sizes):
    from diffusers import AutoencoderKL

    levels = len(sizes["widths"])
    return AutoencoderKL(
        block_out_channels=sizes["widths"], layers_per_block=sizes["blocksPerLevel"],
        latent_channels=sizes["latentChannels"], norm_num_groups=sizes["groups"],
        down_block_types=["DownEncoderBlock2D"] * levels,
        up_block_types=["UpDecoderBlock2D"] * levels,
    )  # fmt: skip


def load(bundle, part, size):
    """Loads a network of a bundle for images of one size; its tensors stay mapped to the file."""
    with open(f"{bundle}/model.json") as file:
        manifest = json.load(file)
    refiner = manifest["refiner"]
    with torch.device("meta"):
        if part == "coarse":
            network, file = DPT(manifest["coarse"]), "coarse"
        elif part == "step":
            network = DenoiseUNet(refiner["denoiser"], refiner["blending"]["steps"])
            file = "unet"
        else:
            network, file = autoencoder(refiner["autoencoder"]), "vae"
    network.load_state_dict(load_file(f"{bundle}/{file}.safetensors"), strict=True, assign=True)
    if part == "coarse":
        network.prepare(size)
    network = Half(network, part) if file == "vae" else network
    return network.requires_grad_(False).eval()


class Marigold(nn.Module):
    """Marigold's U-Net: Stable Diffusion 2's with eight input channels, for a prompt of two tokens.

    Its weights are random, which does not affect its speed.
    """

    def __init__(self):
        super().__init__()
        from diffusers import UNet2DConditionModel

        self.unet = UNet2DConditionModel(
            in_channels=8, out_channels=4, block_out_channels=(320, 640, 1280, 1280),
            attention_head_dim=(5, 10, 20, 20), cross_attention_dim=1024,
            use_linear_projection=True,
        ).requires_grad_(False)  # fmt: skip
        self.register_buffer("prompt", torch.randn(1, 2, 1024))

    def forward(self, x, step):
        return self.unet(x, step, self.prompt, return_dict=False)[0]
