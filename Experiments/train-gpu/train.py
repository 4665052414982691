"""Trains a bundle for relief with PyTorch, on a CUDA GPU if there is one, like `relief train`.

    relief train tiles training.json run      # on any machine: tiles as the networks' input
    python3 train.py training.json run        # on the machine with the GPU
    relief infer scene.tif --model run/bundle

From the same configuration, networks, losses, learning rates, folds, the order of samples, their flips
and colors, the drawn steps and the autoencoder's noise are those of `relief train`. Both start with the
same weights where these are given (`start`). Random initial weights and dropout are PyTorch's own. After
an interruption the program resumes from the last finished epoch.

It needs torch, numpy and safetensors.
"""

import argparse
import contextlib
import copy
import csv
import hashlib
import json
import math
import os
import time
from pathlib import Path

import numpy
import torch
import torch.nn.functional as F
from safetensors.numpy import load_file
from safetensors.torch import load_file as load_weights
from safetensors.torch import save_file
from torch import nn

# ---------------------------------------------------------------- random draws

MASK = (1 << 64) - 1
ORDER, VIEW, SAMPLE, COLORS = 1, 2, 3, 4


class SplitMix64:
    """The generator of `relief train`, so that both programs draw the same samples in the same order."""

    def __init__(self, seed):
        self.state = seed & MASK

    @classmethod
    def named(cls, seed, name):
        hash = 0xCBF29CE484222325
        for byte in name.encode():
            hash = (hash ^ byte) * 0x100000001B3 & MASK
        return cls(cls(seed ^ hash).next())

    def unit(self):
        return (self.next() >> 40) / (1 << 24)

    def next(self):
        self.state = (self.state + 0x9E3779B97F4A7C15) & MASK
        z = self.state
        z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9 & MASK
        z = (z ^ z >> 27) * 0x94D049BB133111EB & MASK
        return z ^ z >> 31

    def normal(self, *shape):
        """Draws normal numbers with mean 0 and variance 1 (Box and Muller), all at once."""
        count = math.prod(shape)
        with numpy.errstate(over="ignore"):
            steps = numpy.arange(1, 2 * count + 1, dtype=numpy.uint64)
            z = numpy.uint64(self.state) + steps * numpy.uint64(0x9E3779B97F4A7C15)
            z = (z ^ z >> numpy.uint64(30)) * numpy.uint64(0xBF58476D1CE4E5B9)
            z = (z ^ z >> numpy.uint64(27)) * numpy.uint64(0x94D049BB133111EB)
        units = (z ^ z >> numpy.uint64(31)) >> numpy.uint64(40)
        units = units.astype(float) / (1 << 24)
        radius, angle = numpy.sqrt(-2 * numpy.log(1 - units[::2])), 2 * math.pi * units[1::2]
        return torch.from_numpy((radius * numpy.cos(angle)).astype(numpy.float32).reshape(shape))

    @classmethod
    def drawing(cls, seed, purpose, *places):
        state = cls(seed ^ purpose).next()
        for place in places:
            state = cls(state ^ place).next()
        return cls(state)


# ---------------------------------------------------------------- networks, with the tensor names of a bundle


class Scope(nn.Module):
    """A part of a parameter's name, without any computation."""

    def __init__(self, **modules):
        super().__init__()
        for name, module in modules.items():
            self.add_module(name, module)


def conv3(inputs, outputs, **settings):
    return nn.Conv2d(inputs, outputs, 3, padding=1, **settings)


def doubled(x):
    return F.interpolate(x, scale_factor=2, mode="bilinear", align_corners=True)


class StandardizedConv(nn.Conv2d):
    """A convolution without bias, with filters of mean 0 and variance 1, padded like TensorFlow's SAME."""

    def __init__(self, inputs, outputs, size, stride, epsilon):
        super().__init__(inputs, outputs, size, stride, bias=False)
        self.epsilon = epsilon

    def forward(self, x):
        variance, mean = torch.var_mean(self.weight, (1, 2, 3), correction=0, keepdim=True)
        weight = (self.weight - mean) * (variance + self.epsilon).rsqrt()
        size, stride, margins = self.kernel_size[0], self.stride[0], []
        for extent in (x.shape[3], x.shape[2]):
            whole = max((math.ceil(extent / stride) - 1) * stride + size - extent, 0)
            margins += [whole // 2, whole - whole // 2]
        return F.conv2d(F.pad(x, margins) if any(margins) else x, weight, stride=stride)


class Bottleneck(nn.Module):
    def __init__(self, inputs, outputs, stride, is_first, sizes):
        super().__init__()

        def conv(inputs, outputs, size, stride=1):
            epsilon = sizes["standardizationEpsilon"]
            return StandardizedConv(inputs, outputs, size, stride, epsilon)

        def norm(channels):
            return nn.GroupNorm(sizes["groups"], channels, sizes["normEpsilon"])

        middle = outputs // 4
        self.conv1, self.norm1 = conv(inputs, middle, 1), norm(middle)
        self.conv2, self.norm2 = conv(middle, middle, 3, stride), norm(middle)
        self.conv3, self.norm3 = conv(middle, outputs, 1), norm(outputs)
        if is_first:
            self.downsample = Scope(conv=conv(inputs, outputs, 1, stride), norm=norm(outputs))

    def forward(self, x):
        y = F.relu(self.norm1(self.conv1(x)))
        y = F.relu(self.norm2(self.conv2(y)))
        if hasattr(self, "downsample"):
            x = self.downsample.norm(self.downsample.conv(x))
        return F.relu(self.norm3(self.conv3(y)) + x)


class TransformerBlock(nn.Module):
    def __init__(self, width, heads, hidden, epsilon):
        super().__init__()
        self.heads = heads
        self.norm1, self.norm2 = nn.LayerNorm(width, epsilon), nn.LayerNorm(width, epsilon)
        self.attn = Scope(qkv=nn.Linear(width, 3 * width), proj=nn.Linear(width, width))
        self.mlp = Scope(fc1=nn.Linear(width, hidden), fc2=nn.Linear(hidden, width))

    def forward(self, x):
        qkv = self.attn.qkv(self.norm1(x)).unflatten(2, (3, self.heads, -1))
        y = F.scaled_dot_product_attention(*qkv.permute(2, 0, 3, 1, 4))
        x = x + self.attn.proj(y.transpose(1, 2).flatten(2))
        return x + self.mlp.fc2(F.gelu(self.mlp.fc1(self.norm2(x))))


class ResidualUnit(nn.Module):
    def __init__(self, channels):
        super().__init__()
        self.conv1, self.conv2 = conv3(channels, channels), conv3(channels, channels)

    def forward(self, x):
        return x + self.conv2(F.relu(self.conv1(F.relu(x))))


class DPT(nn.Module):
    """The dense prediction transformer (arXiv:2103.13413), hybrid or plain; pixels in 0…255 → heights."""

    def __init__(self, sizes):
        super().__init__()
        self.sizes, width = sizes, sizes["width"]
        (kind, backbone), neck = *sizes["backbone"].items(), sizes["neck"]
        self.is_hybrid = kind == "hybrid"
        if self.is_hybrid:
            inputs, stages = backbone["stem"], []
            for level, (depth, outputs) in enumerate(zip(backbone["depths"], backbone["widths"])):
                blocks = []
                for block in range(depth):
                    stride = 2 if level and not block else 1
                    blocks.append(Bottleneck(inputs, outputs, stride, not block, backbone))
                    inputs = outputs
                stages.append(Scope(blocks=nn.ModuleList(blocks)))
            stem = Scope(
                conv=StandardizedConv(3, backbone["stem"], 7, 2, backbone["standardizationEpsilon"]),
                norm=nn.GroupNorm(backbone["groups"], backbone["stem"], backbone["normEpsilon"]),
            )
            resnet = Scope(stem=stem, stages=nn.ModuleList(stages))
            embedding = Scope(backbone=resnet, proj=nn.Conv2d(inputs, width, 1))
        else:
            patch = backbone["patch"]
            embedding = Scope(proj=nn.Conv2d(3, width, patch, patch))
        blocks = nn.ModuleList(
            TransformerBlock(width, sizes["heads"], sizes["hidden"], sizes["layerNormEpsilon"])
            for _ in range(sizes["depth"])
        )
        model = Scope(patch_embed=embedding, blocks=blocks)
        model.cls_token = nn.Parameter(0.02 * torch.randn(1, 1, width))
        model.pos_embed = nn.Parameter(0.02 * torch.randn(1, 1 + sizes["positionGrid"] ** 2, width))
        self.pretrained = Scope(model=model)
        for tap in (3, 4) if self.is_hybrid else (1, 2, 3, 4):
            outputs = neck[tap - 1]
            readout = Scope(project=nn.Sequential(nn.Linear(2 * width, width)))
            parts = {"0": readout, "3": nn.Conv2d(width, outputs, 1)}
            if tap < 3:
                side = 4 // tap
                parts["4"] = nn.ConvTranspose2d(outputs, outputs, side, side)
            elif tap == 4:
                parts["4"] = conv3(outputs, outputs, stride=2)
            self.pretrained.add_module(f"act_postprocess{tap}", Scope(**parts))
        fusion, head, scratch = sizes["fusion"], sizes["head"], {}
        for tap, outputs in enumerate(neck, 1):
            scratch[f"layer{tap}_rn"] = conv3(outputs, fusion, bias=False)
            units = {"resConfUnit2": ResidualUnit(fusion), "out_conv": nn.Conv2d(fusion, fusion, 1)}
            if tap < 4:
                units["resConfUnit1"] = ResidualUnit(fusion)
            scratch[f"refinenet{tap}"] = Scope(**units)
        grow = nn.Upsample(scale_factor=2, mode="bilinear", align_corners=True)
        scratch["output_conv"] = nn.Sequential(
            conv3(fusion, head[0]), grow, conv3(head[0], head[1]), nn.ReLU(),
            nn.Conv2d(head[1], 1, 1), nn.ReLU(),
        )  # fmt: skip
        self.scratch = Scope(**scratch)
        # A ReLU follows: a network whose output is 0 everywhere never learns.
        nn.init.ones_(self.scratch.output_conv[4].bias)

    def reassembled(self, tokens, tap, size):
        parts = getattr(self.pretrained, f"act_postprocess{tap}")
        shared = tokens[:, :1].expand(-1, tokens.shape[1] - 1, -1)
        joined = torch.cat([tokens[:, 1:], shared], 2)
        patches = F.gelu(getattr(parts, "0").project[0](joined))
        x = getattr(parts, "3")(patches.transpose(1, 2).unflatten(2, size))
        return getattr(parts, "4")(x) if hasattr(parts, "4") else x

    def forward(self, image):
        model, taps = self.pretrained.model, []
        x = image / 127.5 - 1 if self.sizes["normalization"] == "half" else image
        if self.is_hybrid:
            backbone = model.patch_embed.backbone
            x = F.relu(backbone.stem.norm(backbone.stem.conv(x)))
            x = F.max_pool2d(F.pad(x, (0, 1, 0, 1)), 3, 2)  # after a ReLU, padding with 0 equals −∞
            for stage in backbone.stages:
                for block in stage.blocks:
                    x = block(x)
                taps.append(x)
            taps.pop()
        x = model.patch_embed.proj(x)
        size, first, grid = x.shape[2:], model.pos_embed[:, :1], model.pos_embed[:, 1:]
        grid = grid.transpose(1, 2).unflatten(2, (self.sizes["positionGrid"], -1))
        grid = F.interpolate(grid, size, mode="bilinear", align_corners=False)
        tokens = (x + grid).flatten(2).transpose(1, 2)
        classes = (model.cls_token + first).expand(len(image), -1, -1)
        tokens = torch.cat([classes, tokens], 1)
        for index, block in enumerate(model.blocks):
            tokens = block(tokens)
            if index in self.sizes["hooks"]:
                taps.append(self.reassembled(tokens, len(taps) + 1, size))
        path = None
        for tap in (4, 3, 2, 1):
            fusion = getattr(self.scratch, f"refinenet{tap}")
            x = getattr(self.scratch, f"layer{tap}_rn")(taps[tap - 1])
            if path is not None:
                x = path + fusion.resConfUnit1(x)
            # The 1 × 1 convolution commutes with the interpolation.
            path = doubled(fusion.out_conv(fusion.resConfUnit2(x)))
        return self.scratch.output_conv(path)


class TimedBlock(nn.Module):
    def __init__(self, inputs, outputs, sizes, dropout):
        super().__init__()
        groups, epsilon = sizes["groups"], sizes["normEpsilon"]
        self.scales = sizes["scalesAndShifts"]
        self.in_layers = nn.Sequential(
            nn.GroupNorm(groups, inputs, epsilon), nn.SiLU(), conv3(inputs, outputs)
        )
        embedding = outputs * (2 if self.scales else 1)
        self.emb_layers = nn.Sequential(nn.SiLU(), nn.Linear(4 * sizes["width"], embedding))
        self.out_layers = nn.Sequential(
            nn.GroupNorm(groups, outputs, epsilon), nn.SiLU(), nn.Dropout(dropout),
            conv3(outputs, outputs),
        )  # fmt: skip
        if inputs != outputs:
            self.skip_connection = nn.Conv2d(inputs, outputs, 1)

    def forward(self, x, moment):
        y, embedding = self.in_layers(x), self.emb_layers(moment)[:, :, None, None]
        if self.scales:
            scale, shift = embedding.chunk(2, 1)
            y = self.out_layers[0](y) * (1 + scale) + shift
            for layer in self.out_layers[1:]:
                y = layer(y)
        else:
            y = self.out_layers(y + embedding)
        return y + (self.skip_connection(x) if hasattr(self, "skip_connection") else x)


class MapAttention(nn.Module):
    """Rows of `qkv` are the queries, keys and values of one head, then of the next."""

    def __init__(self, channels, sizes):
        super().__init__()
        self.heads = sizes["heads"]
        self.norm = nn.GroupNorm(sizes["groups"], channels, sizes["normEpsilon"])
        self.qkv = nn.Conv1d(channels, 3 * channels, 1)
        self.proj_out = nn.Conv1d(channels, channels, 1)

    def forward(self, x, moment):
        qkv = self.qkv(self.norm(x).flatten(2)).unflatten(1, (self.heads, 3, -1))
        q, k, v = qkv.transpose(3, 4).unbind(2)
        y = F.scaled_dot_product_attention(q, k, v).transpose(2, 3).flatten(1, 2)
        return x + self.proj_out(y).unflatten(2, x.shape[2:])


class Resized(nn.Module):
    """Half or twice the size, as the parameter's name says."""

    def __init__(self, name, channels):
        super().__init__()
        self.grows = name == "conv"
        self.add_module(name, conv3(channels, channels, stride=1 if self.grows else 2))

    def forward(self, x, moment):
        return self.conv(F.interpolate(x, scale_factor=2.0)) if self.grows else self.op(x)


class DenoiseUNet(nn.Module):
    """The U-Net of D3-RSMDE and SegRefiner (arXiv:2312.12425)."""

    def __init__(self, sizes, steps, dropout):
        super().__init__()
        width, depth = sizes["width"], sizes["blocksPerLevel"]
        widths = [width * factor for factor in sizes["multipliers"]]
        self.width, self.steps, self.learns_time = width, steps, sizes["time"] == "learned"
        if self.learns_time:
            self.time_embed = nn.Embedding(steps, 4 * width)
        else:
            self.time_embed = nn.Sequential(
                nn.Linear(width, 4 * width), nn.SiLU(), nn.Linear(4 * width, 4 * width)
            )

        def block(inputs, outputs):
            return TimedBlock(inputs, outputs, sizes, dropout)

        def step(inputs, outputs, level):
            attends = 1 << level in sizes["attentionReductions"]
            attention = [MapAttention(outputs, sizes)] if attends else []
            return nn.ModuleList([block(inputs, outputs), *attention])

        self.input_blocks = nn.ModuleList([nn.ModuleList([conv3(sizes["inputs"], width)])])
        skips = [width]
        for level, outputs in enumerate(widths):
            for _ in range(depth):
                self.input_blocks.append(step(skips[-1], outputs, level))
                skips.append(outputs)
            if level < len(widths) - 1:
                self.input_blocks.append(nn.ModuleList([Resized("op", outputs)]))
                skips.append(outputs)
        x = skips[-1]
        self.middle_block = nn.ModuleList([block(x, x), MapAttention(x, sizes), block(x, x)])
        self.output_blocks = nn.ModuleList()
        for level, outputs in reversed(list(enumerate(widths))):
            for index in range(depth + 1):
                blocks = step(x + skips.pop(), outputs, level)
                if level and index == depth:
                    blocks.append(Resized("conv", outputs))
                self.output_blocks.append(blocks)
                x = outputs
        norm = nn.GroupNorm(sizes["groups"], width, sizes["normEpsilon"])
        self.out = nn.Sequential(norm, nn.SiLU(), conv3(width, sizes["outputs"]))

    def moment(self, step):
        if self.learns_time:
            return self.time_embed(step)
        half = self.width // 2
        rates = torch.exp(-math.log(10_000) * torch.arange(half, device=step.device) / half)
        angles = step[:, None] * rates
        return self.time_embed(torch.cat([angles.cos(), angles.sin()], 1))

    def forward(self, x, step):
        moment = self.moment(step)
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


class ResidualBlock(nn.Module):
    def __init__(self, inputs, outputs, groups, epsilon):
        super().__init__()
        self.norm1, self.conv1 = nn.GroupNorm(groups, inputs, epsilon), conv3(inputs, outputs)
        self.norm2, self.conv2 = nn.GroupNorm(groups, outputs, epsilon), conv3(outputs, outputs)
        if inputs != outputs:
            self.conv_shortcut = nn.Conv2d(inputs, outputs, 1)

    def forward(self, x):
        y = self.conv2(F.silu(self.norm2(self.conv1(F.silu(self.norm1(x))))))
        return y + (self.conv_shortcut(x) if hasattr(self, "conv_shortcut") else x)


class SingleAttention(nn.Module):
    def __init__(self, channels, groups, epsilon):
        super().__init__()
        self.group_norm = nn.GroupNorm(groups, channels, epsilon)
        self.to_q, self.to_k, self.to_v = (nn.Linear(channels, channels) for _ in range(3))
        self.to_out = nn.Sequential(nn.Linear(channels, channels))

    def forward(self, x):
        y = self.group_norm(x).flatten(2).transpose(1, 2)
        y = F.scaled_dot_product_attention(self.to_q(y), self.to_k(y), self.to_v(y))
        return x + self.to_out(y).transpose(1, 2).unflatten(2, x.shape[2:])


class Level(nn.Module):
    """Residual blocks, attention after each at some levels, and a change of size after the last block."""

    def __init__(self, inputs, outputs, blocks, attends, norm, resize=None):
        super().__init__()
        self.resnets = nn.ModuleList(
            ResidualBlock(inputs if not index else outputs, outputs, *norm) for index in range(blocks)
        )
        if attends:
            self.attentions = nn.ModuleList(SingleAttention(outputs, *norm) for _ in range(blocks))
        if resize == "down":
            conv = nn.Conv2d(outputs, outputs, 3, stride=2)
            self.downsamplers = nn.ModuleList([Scope(conv=conv)])
        if resize == "up":
            self.upsamplers = nn.ModuleList([Scope(conv=conv3(outputs, outputs))])

    def forward(self, x):
        for index, block in enumerate(self.resnets):
            x = block(x)
            if hasattr(self, "attentions") and index < len(self.attentions):
                x = self.attentions[index](x)
        if hasattr(self, "downsamplers"):
            x = self.downsamplers[0].conv(F.pad(x, (0, 1, 0, 1)))
        if hasattr(self, "upsamplers"):
            x = self.upsamplers[0].conv(F.interpolate(x, scale_factor=2.0))
        return x


class Coder(nn.Module):
    """The encoder or the decoder of the autoencoder."""

    def __init__(self, inputs, outputs, widths, blocks, sizes, grows):
        super().__init__()
        norm, attends = (sizes["groups"], sizes["normEpsilon"]), sizes["attendsCoarsestLevel"]
        self.grows, self.conv_in = grows, conv3(inputs, widths[0])
        levels, last, coarsest = [], widths[0], 0 if grows else len(widths) - 1
        for index, width in enumerate(widths):
            resize = ("up" if grows else "down") if index < len(widths) - 1 else None
            levels.append(Level(last, width, blocks, attends and index == coarsest, norm, resize))
            last = width
        deepest = widths[coarsest]
        self.add_module("up_blocks" if grows else "down_blocks", nn.ModuleList(levels))
        self.mid_block = Level(deepest, deepest, 2, False, norm)
        self.mid_block.attentions = nn.ModuleList([SingleAttention(deepest, *norm)])
        self.conv_norm_out, self.conv_out = nn.GroupNorm(norm[0], last, norm[1]), conv3(last, outputs)

    def forward(self, x):
        x = self.conv_in(x)
        if self.grows:
            x = self.mid_block(x)
        for level in self.up_blocks if self.grows else self.down_blocks:
            x = level(x)
        if not self.grows:
            x = self.mid_block(x)
        return self.conv_out(F.silu(self.conv_norm_out(x)))


class AutoencoderKL(nn.Module):
    """The autoencoder of latent diffusion (arXiv:2112.10752), and the VA-VAE."""

    def __init__(self, sizes):
        super().__init__()
        latent, widths, blocks = sizes["latentChannels"], sizes["widths"], sizes["blocksPerLevel"]
        self.encoder = Coder(3, 2 * latent, widths, blocks, sizes, grows=False)
        self.decoder = Coder(latent, 3, widths[::-1], blocks + 1, sizes, grows=True)
        self.quant_conv = nn.Conv2d(2 * latent, 2 * latent, 1)
        self.post_quant_conv = nn.Conv2d(latent, latent, 1)

    def encode(self, x):
        """Returns the means and the logarithms of the variances."""
        return self.quant_conv(self.encoder(x)).chunk(2, 1)

    def decode(self, z):
        return self.decoder(self.post_quant_conv(z))


# ---------------------------------------------------------------- losses; the truth is NaN where void


def hdn(prediction, truth, levels=3):
    """Hierarchical depth normalization (arXiv:2210.09670) of one prediction and one truth."""
    known = truth.isfinite()
    rows, columns = torch.meshgrid(
        *(torch.arange(n, device=truth.device) for n in truth.shape), indexing="ij"
    )
    p, g, rows, columns = prediction[known], truth[known], rows[known], columns[known]
    if not len(g):
        return prediction.sum() * 0
    low, high = g.min(), g.max()
    loss = 0
    for strategy in ("range", "quantile", "square"):
        contexts = []
        for level in range(levels):
            count = 1 << level
            shares = [index / count for index in range(count + 1)]
            if strategy == "square":
                edges = [[int(n * share) for share in shares] for n in truth.shape]
                for top, bottom in zip(edges[0], edges[0][1:]):
                    for left, right in zip(edges[1], edges[1][1:]):
                        inside = (rows >= top) & (rows < bottom) & (columns >= left)
                        contexts.append(inside & (columns < right))
                continue
            if strategy == "range":
                edges = [low + (high - low) * share for share in shares]
            else:
                ascending = g.sort().values
                edges = [quantile(ascending, share) for share in shares]
            contexts += [(g >= a) & (g < b) for a, b in zip(edges, edges[1:])]
        sums, counts = torch.zeros_like(p), torch.zeros_like(p)
        for inside in contexts:
            if not inside.any():
                continue
            difference = (normalized(p[inside]) - normalized(g[inside])).abs()
            sums = sums.index_put((inside.nonzero()[:, 0],), difference, accumulate=True)
            counts = counts + inside
        loss = loss + (sums / counts.clamp(min=1)).sum() / len(g)
    return loss / 3


def quantile(ascending, share):
    """Interpolates linearly between order statistics; torch.quantile is limited to 16 million values."""
    place = share * (len(ascending) - 1)
    lower = int(place)
    upper = min(lower + 1, len(ascending) - 1)
    return ascending[lower] + (ascending[upper] - ascending[lower]) * (place - lower)


def normalized(values):
    centered = values - values.median()
    return centered / (centered.abs().sum() / (len(values) + 1) + 1e-6)


def l1(prediction, truth):
    known = truth.isfinite()
    return (prediction[known] - truth[known]).abs().mean() if known.any() else prediction.sum() * 0


def gradient_matching(prediction, truth, scales=4):
    """Differences between pixels at several resolutions (arXiv:1907.01341, equation 11)."""
    loss = 0
    for scale in range(scales):
        difference = (prediction - truth)[:: 1 << scale, :: 1 << scale]
        count = difference.isfinite().sum().clamp(min=1)
        for steps in (difference.diff(dim=0), difference.diff(dim=1)):
            loss = loss + steps[steps.isfinite()].abs().sum() / count
    return loss


def slopes(heights):
    """The slope of each pixel with four neighbors, after Zevenbergen and Thorne (doi:10.1002/esp.3290120107)."""
    east = (heights[1:-1, 2:] - heights[1:-1, :-2]) / 2
    south = (heights[2:, 1:-1] - heights[:-2, 1:-1]) / 2
    size = east.square() + south.square()
    # The square root has no derivative at 0.
    return torch.where(size == 0, 0, size.clamp(min=torch.finfo(size.dtype).tiny).sqrt())


class LPIPS(nn.Module):
    """LPIPS v0.1 with AlexNet (arXiv:1801.03924), of maps in 0…1 with one channel or three."""

    def __init__(self, path):
        super().__init__()
        tensors = {name: value.float() for name, value in load_weights(path).items()}
        self.layers = [
            (tensors[f"features.{index}.weight"], tensors[f"features.{index}.bias"], stride, padding)
            for index, stride, padding in ((0, 4, 2), (3, 1, 2), (6, 1, 1), (8, 1, 1), (10, 1, 1))
        ]
        self.lins = [tensors[f"lin{depth}.model.1.weight"] for depth in range(5)]
        self.shift = torch.tensor([-0.030, -0.088, -0.188])[:, None, None]
        self.scale = torch.tensor([0.458, 0.448, 0.450])[:, None, None]

    def forward(self, a, b):
        distance = 0
        # Where the truth is void, both maps show the prediction, without a gradient.
        shown = a.detach()
        a, b = torch.where(b.isfinite(), a, shown), torch.where(b.isfinite(), b, shown)
        a, b = (((x * 2 - 1 - self.shift.to(x)) / self.scale.to(x))[None] for x in (a, b))
        for depth, (weight, bias, stride, padding) in enumerate(self.layers):
            if depth in (1, 2):
                a, b = F.max_pool2d(a, 3, 2), F.max_pool2d(b, 3, 2)
            weight, bias = weight.to(a), bias.to(a)
            a, b = (F.relu(F.conv2d(x, weight, bias, stride, padding)) for x in (a, b))
            units = [x / (x.square().sum(1, keepdim=True).sqrt() + 1e-10) for x in (a, b)]
            squares = (units[0] - units[1]).square()
            distance = distance + (squares * self.lins[depth].to(a)).sum(1).mean()
        return distance


# ---------------------------------------------------------------- data


class Tiles:
    """The tiles that `relief train tiles` wrote."""

    def __init__(self, folder, data):
        self.folder, self.data = folder / "tiles", data
        index = json.loads((self.folder / "tiles.json").read_text())
        self.margin, self.training = index["margin"], index["training"]
        self.validation = index["validation"]

    def view(self, generator, shift):
        right, down, turn = 0, 0, 0
        if shift:
            right = generator.next() % (2 * shift + 1) - shift
            down = generator.next() % (2 * shift + 1) - shift
        if self.data["flips"]:
            turn = generator.next() % 4
        return right, down, turn

    def colors(self, generator):
        """Draws an exponent, a partner band and its share for each band; None without color augmentation."""
        strength = self.data.get("colors")
        if not strength:
            return None
        exponents = [2 ** (strength * (2 * generator.unit() - 1)) for _ in range(3)]
        partners = [generator.next() % 3 for _ in range(3)]
        return exponents, partners, [strength * generator.unit() / 2 for _ in range(3)]

    def drawn(self, seed, epoch, place):
        """Draws the view and the colors of a sample at a position of an epoch."""
        view = self.view(SplitMix64.drawing(seed, VIEW, epoch, place), self.data["shift"])
        return view, self.colors(SplitMix64.drawing(seed, COLORS, epoch, place))

    def with_fixed_augmentation(self, seed, tile):
        """Returns a tile with a fixed shift and fixed colors."""
        generator = SplitMix64.named(seed, tile["name"])
        right, down, _ = self.view(generator, self.data["shift"])
        return {**tile, "look": (right, down), "colors": self.colors(generator)}

    def sample(self, tile, view=(0, 0, 0), colors=None):
        """Returns image [3, row, column] in 0…255, and heights [row, column], min–max normalized."""
        right, down = tile.get("look", view[:2])
        turn, colors = view[2], tile.get("colors", colors)
        arrays = load_file(self.folder / tile["file"])
        for moved in ((down, right), (0, 0)):
            rows, columns = (
                slice(self.margin + shift, arrays["heights"].shape[axis] - self.margin + shift)
                for axis, shift in enumerate(moved)
            )
            image, heights = arrays["image"][rows, columns], arrays["heights"][rows, columns]
            known = heights[numpy.isfinite(heights)]
            enough = known.size >= self.data["leastValidShare"] * heights.size
            if enough and 0 < numpy.ptp(known) >= self.data["leastRelief"]:
                break
        heights = (heights - known.min()) / (known.max() - known.min())
        if colors:
            exponents, partners, shares = (numpy.float32(numbers) for numbers in colors)
            powers = 255 * (image / numpy.float32(255)) ** exponents
            image = powers + shares * (powers[..., colors[1]] - powers)
        return turned(torch.from_numpy(image.transpose(2, 0, 1)), turn), turned(
            torch.from_numpy(heights), turn
        )


def turned(map, turn):
    """Mirrors a map: columns if the number is odd, rows if it is above 1."""
    axes = [axis for axis, bit in ((-1, 1), (-2, 2)) if turn & bit]
    return map.flip(axes) if axes else map.clone()


def stretched(map):
    """Normalizes each map by its minimum and maximum to 0…1."""
    low, high = map.amin((1, 2, 3), keepdim=True), map.amax((1, 2, 3), keepdim=True)
    return (map - low) / (high - low + 1e-8)


def ranged(image, kind):
    """Converts an image in 0…255 to −1…1."""
    return image / 127.5 - 1 if kind == "scene" else stretched(image[None])[0] * 2 - 1


# ---------------------------------------------------------------- tasks


class Coarse:
    def __init__(self, run, name, tiles):
        self.run, self.name, self.tiles = run, name, tiles
        self.settings = run.configuration["coarse"]
        self.optimization = self.settings["optimization"]

    def network(self):
        return started(DPT(self.settings["architecture"]), self.settings.get("start"), self.run)

    def loss(self, prediction, truth):
        weights, value = self.settings["losses"], 0
        if weights["hdn"]:
            value = value + weights["hdn"] * hdn(prediction, truth, weights["hdnLevels"])
        if weights["l1"]:
            value = value + weights["l1"] * l1(prediction, truth)
        if weights["gradientMatching"]:
            value = value + weights["gradientMatching"] * gradient_matching(prediction, truth)
        if weights["lpips"]:
            maps = (map.expand(3, -1, -1) for map in (prediction, truth))
            value = value + weights["lpips"] * self.run.lpips(*maps)
        return value

    def learn(self, network, samples, epoch, places):
        """Returns the mean loss of a batch."""
        shown = [
            self.run.tiles.sample(
                self.tiles[sample], *self.run.tiles.drawn(self.run.seed, epoch, place)
            )
            for sample, place in zip(samples, places)
        ]
        outputs = network(self.run.moved(torch.stack([image for image, _ in shown])))
        truths = [self.run.moved(heights) for _, heights in shown]
        losses = [self.loss(a[0], g) for a, g in zip(stretched(outputs), truths)]
        if level := self.settings["losses"].get("level"):
            losses += [level * l1(a[0], g + 1) for a, g in zip(outputs, truths)]
        return torch.stack(losses).sum() / len(shown)

    def validate(self, network):
        losses = []
        for tile in self.run.tiles.validation:
            image, heights = self.run.tiles.sample(tile)
            answer = stretched(network(self.run.moved(image[None])))
            losses.append(self.loss(answer[0, 0], self.run.moved(heights)).item())
        return sum(losses) / len(losses)


class Autoencoder:
    name = "autoencoder"

    def __init__(self, run):
        self.run, self.settings = run, run.configuration["autoencoder"]
        self.tiles, self.optimization = run.tiles.training, self.settings["optimization"]
        self.range = run.configuration["refiner"]["imageRange"]

    def network(self):
        return started(AutoencoderKL(self.settings["architecture"]), self.settings.get("start"), self.run)

    def maps(self, tile, *drawn):
        """Returns image and heights in −1…1, with three channels."""
        image, heights = self.run.tiles.sample(tile, *drawn)
        return ranged(image, self.range), (heights * 2 - 1).expand(3, -1, -1)

    def loss(self, answer, truth):
        weights = self.settings["losses"]
        value = weights["l1"] * l1(answer, truth)
        if weights["lpips"]:
            value = value + weights["lpips"] * self.run.lpips((answer + 1) / 2, (truth + 1) / 2)
        return value

    def learn(self, network, samples, epoch, places):
        maps, noise = [], []
        for sample, place in zip(samples, places):
            drawn = self.run.tiles.drawn(self.run.seed, epoch, place)
            maps += self.maps(self.tiles[sample], *drawn)
            generator = SplitMix64.drawing(self.run.seed, SAMPLE, epoch, place)
            noise += [generator.next(), generator.next()]
        truth = self.run.moved(torch.stack(maps))
        mean, variance = network.encode(filled(truth))
        variance, (channels, *size) = variance.clamp(-30, 20), mean.shape[1:]
        drawn = [SplitMix64(seed).normal(*size, channels).permute(2, 0, 1) for seed in noise]
        answers = network.decode(mean + (variance / 2).exp() * self.run.moved(torch.stack(drawn)))
        divergence = (mean.square() + variance.exp() - 1 - variance).mean() / 2
        losses = torch.stack([self.loss(a, g) for a, g in zip(answers, truth)])
        return losses.mean() + self.settings["losses"]["divergence"] * divergence

    def validate(self, network):
        losses = []
        for tile in self.run.tiles.validation:
            truth = self.run.moved(torch.stack(self.maps(tile)))
            answers = network.decode(network.encode(filled(truth))[0])
            losses += [self.loss(a, g).item() for a, g in zip(answers, truth)]
        return sum(losses) / len(losses)

    def latent_scale(self, network):
        some = self.tiles
        if len(some) > 64:
            some = [some[index * len(some) // 64] for index in range(64)]
        latents = [
            network.encode(filled(self.run.moved(torch.stack(self.maps(tile)))))[0].flatten()
            for tile in some
        ]
        return 1 / torch.cat(latents).double().std(correction=0).item()


def filled(maps):
    """Fills voids with values from maps of half the size, which are filled likewise."""
    if not maps.isnan().any():
        return maps
    rows, columns = maps.shape[-2:]
    if rows == columns == 1:
        return torch.zeros_like(maps)
    half = (rows + 1) // 2, (columns + 1) // 2
    pulled = F.adaptive_avg_pool2d(maps.nan_to_num(0), half)
    pulled = pulled / F.adaptive_avg_pool2d(maps.isfinite().to(maps.dtype), half)
    pushed = F.interpolate(filled(pulled), (rows, columns), mode="bilinear")
    return torch.where(maps.isnan(), pushed, maps)


class Refiner:
    name = "refiner"

    def __init__(self, run, coarse, autoencoder, scale):
        """`coarse` is a function that returns the coarse map of a tile."""
        self.run, self.settings, self.coarse = run, run.configuration["refiner"], coarse
        self.autoencoder, self.scale = autoencoder, scale
        self.optimization, self.kept = self.settings["optimization"], {}
        self.tiles = [run.tiles.with_fixed_augmentation(run.seed, tile) for tile in run.tiles.training]
        blending = self.settings["blending"]
        steps, epsilon = blending["steps"], blending["epsilon"]
        self.shares = [
            epsilon if steps == 1 else epsilon * (steps - 1 - step) / (steps - 1)
            for step in range(steps)
        ]

    def network(self):
        settings, steps = self.settings, len(self.shares)
        network = DenoiseUNet(settings["denoiser"], steps, settings["dropout"])
        return started(network, settings.get("start"), self.run)

    def maps(self, tile, turn):
        """Returns image, coarse map and truth, scaled to about −1…1 by the bundle's conventions."""
        image, heights = self.run.tiles.sample(tile, (0, 0, turn))
        coarse = turned(self.coarse(tile), turn)
        if self.settings["heightRange"] == "shared":
            heights = calibrated(heights, coarse)
        return ranged(image, self.settings["imageRange"]), coarse * 2 - 1, heights * 2 - 1

    @torch.no_grad()
    def latents(self, tile, turn):
        """Returns the latents of image, coarse map and truth, and the last again with NaN in void cells."""
        key = tile["name"], turn
        if key not in self.kept:
            image, coarse, truth = self.maps(tile, turn)
            whole = torch.where(truth.isfinite(), truth, coarse)
            if self.autoencoder is None:
                self.kept[key] = image, coarse[None], whole[None], truth[None]
            else:
                shown = torch.stack([image, *(map.expand(3, -1, -1) for map in (coarse, whole))])
                found = self.autoencoder.encode(self.run.moved(shown))[0].cpu() * self.scale
                voids = truth.isnan().float()[None, None]
                voids = F.max_pool2d(voids, truth.shape[0] // found.shape[2])[0, 0] > 0
                self.kept[key] = *found, found[2].masked_fill(voids, math.nan)
        return tuple(self.run.moved(map) for map in self.kept[key])

    def learn(self, network, samples, epoch, places):
        images, coarses, fines, targets, steps = [], [], [], [], []
        truths, corners, own = [], [], []
        for sample, place in zip(samples, places):
            turn = self.run.tiles.view(SplitMix64.drawing(self.run.seed, VIEW, epoch, place), 0)[2]
            generator = SplitMix64.drawing(self.run.seed, SAMPLE, epoch, place)
            step = generator.next() % len(self.shares)
            image, coarse, truth, target = self.latents(self.tiles[sample], turn)
            images.append(image)
            coarses.append(coarse)
            fines.append(truth)
            targets.append(target)
            steps.append(step)
            if part := self.settings.get("decoded"):
                heights = self.maps(self.tiles[sample], turn)[2]
                reduction = heights.shape[0] // target.shape[1]
                cells = part.get("side", heights.shape[0]) // reduction
                row, column = (generator.next() % (target.shape[1] - cells + 1) for _ in range(2))
                corners.append((slice(row, row + cells), slice(column, column + cells)))
                rows, columns = (
                    slice(cut.start * reduction, cut.stop * reduction) for cut in corners[-1]
                )
                truths.append(self.run.moved(heights[rows, columns]))
            often = self.settings.get("ownEstimates")
            own.append(often is not None and generator.unit() < often)
        images, coarses, fines = (torch.stack(maps) for maps in (images, coarses, fines))
        shares = torch.tensor([self.shares[step] for step in steps]).to(images)[:, None, None, None]
        blends = shares * fines + (1 - shares) * coarses
        if any(own):
            # As in inference: the blend is made from the network's own estimates.
            network.eval()
            with torch.no_grad():
                blends[own] = self.blend(
                    network, images[own], coarses[own],
                    [step for step, is_own in zip(steps, own) if is_own],
                )
            network.train()
        answers = network(
            torch.cat([images, blends], 1), torch.tensor(steps, device=self.run.device)
        )
        losses = [l1(a, target) for a, target in zip(answers, targets)]
        if truths:
            decoded = [
                self.decoded_loss(self.decoded(answer[:, rows, columns]), truth)
                for answer, truth, (rows, columns) in zip(answers, truths, corners)
            ]
            losses = [a + b for a, b in zip(losses, decoded)]
        return torch.stack(losses).mean()

    def decoded(self, latent):
        if self.autoencoder is None:
            return latent[0]
        return self.autoencoder.decode(latent[None] / self.scale)[0].mean(0)

    def comparable(self, heights):
        """Converts heights in about −1…1 to the range 0…1 in which they are compared."""
        if self.settings["heightRange"] == "own":
            return stretched(heights[None, None])[0, 0]
        return (heights + 1) / 2

    def decoded_loss(self, heights, truth):
        """The losses of decoded heights in about −1…1, of a tile or a crop."""
        heights, truth, weights = self.comparable(heights), (truth + 1) / 2, self.settings["decoded"]
        value = weights["gradientMatching"] * gradient_matching(heights, truth)
        value = value + weights["slopes"] * l1(slopes(heights), slopes(truth))
        if weights["lpips"]:
            maps = (map.expand(3, -1, -1) for map in (heights, truth))
            value = value + weights["lpips"] * self.run.lpips(*maps)
        return value

    def blend(self, network, images, coarses, before):
        """Returns the blend of each sample before its step in inference; for step −1 the final estimate."""
        blends, following = coarses.clone(), [1.0, *self.shares]
        for step in range(len(self.shares) - 1, min(before), -1):
            going = [sample for sample, last in enumerate(before) if last < step]
            steps = torch.full((len(going),), step, device=self.run.device)
            estimates = network(torch.cat([images[going], blends[going]], 1), steps)
            blends[going] = following[step] * estimates + (1 - following[step]) * coarses[going]
        return blends

    def refined(self, network, tile):
        image, coarse, _, _ = self.latents(tile, 0)
        return self.decoded(self.blend(network, image[None], coarse[None], [-1])[0])

    def validate(self, network):
        losses = []
        for tile in self.run.tiles.validation:
            heights, truth = self.refined(network, tile), self.run.moved(self.maps(tile, 0)[2])
            loss = 2 * l1(self.comparable(heights), (truth + 1) / 2)
            if self.settings.get("decoded"):
                loss = loss + self.decoded_loss(heights, truth)
            losses.append(loss.item())
        return sum(losses) / len(losses)


def calibrated(heights, coarse):
    """The truth, calibrated to the coarse map by the ratio of spreads, reweighted with the bisquare."""
    known = heights.isfinite().flatten().nonzero()[:, 0]
    known = known[:: (len(known) + 4095) // 4096]
    x, y = (map.flatten()[known].double().numpy() for map in (heights, coarse))
    x_middle, y_middle = lower_median(x), lower_median(y)
    x, y = x - x_middle, y - y_middle
    sx, sy = (lower_median(numpy.abs(values)) for values in (x, y))
    scale = sy / sx if sx > 0 and sy > 0 else 1.0
    shift, rounding = lower_median(y - scale * x), 1e-6 * max(sy, scale * sx)
    for _ in range(8):
        residuals = numpy.abs(y - scale * x - shift)
        ratio = residuals / (4.685 * max(1.4826 * lower_median(residuals), rounding))
        weights = numpy.where(ratio < 1, (1 - ratio**2) ** 2, 0)
        mx, my = (numpy.average(values, weights=weights) for values in (x, y))
        covariance = numpy.average((x - mx) * (y - my), weights=weights)
        if covariance <= 0:
            break
        vx, vy = (numpy.average((v - m) ** 2, weights=weights) for v, m in ((x, mx), (y, my)))
        scale = math.sqrt(vy / vx)
        shift = my - scale * mx
    return ((heights.double() - x_middle) * scale + shift + y_middle).float()


def lower_median(values):
    """Returns the lower median."""
    return numpy.sort(values)[(len(values) - 1) // 2]


def started(network, start, run):
    """Loads the initial weights into a network."""
    if start:
        tensors = load_weights(run.place / start["path"])
        network.load_state_dict(tensors, strict=not start["isPartial"])
    return network


# ---------------------------------------------------------------- training


class Run:
    def __init__(self, configuration, folder, device, dtype=torch.float32):
        self.dtype = dtype
        self.place, self.folder, self.device = configuration.parent, folder, device
        self.configuration = json.loads(configuration.read_text())
        self.data, self.seed = self.configuration["data"], self.configuration["seed"]
        self.tiles = Tiles(folder, self.data)
        weights = Path(__file__).parents[2] / "SampleData/lpips/lpips_alex.safetensors"
        self.lpips = LPIPS(weights) if weights.exists() else None

    def moved(self, tensor):
        return tensor.to(self.device, self.dtype if tensor.is_floating_point() else None)

    def given(self, network, start):
        """Prepares a network that is used without training."""
        return started(network, start, self).to(self.device, self.dtype).eval().requires_grad_(False)

    def trained(self, task, most_steps=None):
        """Returns the network of a task with its best weights, after training it if necessary."""
        own, options = self.folder / task.name, task.optimization
        own.mkdir(parents=True, exist_ok=True)
        torch.manual_seed(self.seed)
        network = task.network().to(self.device, self.dtype)
        rule = torch.optim.AdamW(
            network.parameters(), options["learningRate"], (options["beta1"], options["beta2"]),
            options["epsilon"], options["weightDecay"],
        )  # fmt: skip
        average = copy.deepcopy(network) if "averageDecay" in options else None
        state = {"epoch": 0, "step": 0, "counter": 0, "best": math.inf}
        state["rate"] = options["learningRate"]
        checkpoint = own / "checkpoint.pt"
        if checkpoint.exists():
            saved = torch.load(checkpoint, map_location=self.device)
            network.load_state_dict(saved["network"])
            rule.load_state_dict(saved["rule"])
            state = saved["state"]
            if average:
                average.load_state_dict(saved["average"])
        batch, count = options["batch"], len(task.tiles)
        batches = -(-count // batch)
        with contextlib.ExitStack() as stack:
            log = stack.enter_context(open(own / "steps-torch.csv", "a", newline=""))
            writer = csv.writer(log)
            while state["epoch"] < options["epochs"]:
                epoch, sums, start = state["epoch"], 0.0, time.perf_counter()
                generator = SplitMix64.drawing(self.seed, ORDER, epoch)
                order = sorted(range(count), key=[generator.next() for _ in range(count)].__getitem__)
                network.train()
                for first in range(0, count, batch):
                    places = range(first, min(first + batch, count))
                    for group in rule.param_groups:
                        group["lr"] = learning_rate(options, state, batches)
                    rule.zero_grad(set_to_none=False)
                    began = time.perf_counter()
                    loss = task.learn(network, [order[place] for place in places], epoch, places)
                    if not loss.isfinite():
                        raise SystemExit(
                            f"{task.name}: the loss of step {state['step'] + 1} is {loss}, expected a finite number"
                        )
                    loss.backward()
                    limit = options.get("clipping", math.inf)
                    norm = nn.utils.clip_grad_norm_(network.parameters(), limit)
                    rule.step()
                    state["step"] += 1
                    if average:
                        decay = min(options["averageDecay"], (1 + state["step"]) / (10 + state["step"]))
                        with torch.no_grad():
                            for mean, value in zip(average.parameters(), network.parameters()):
                                mean.lerp_(value, 1 - decay)
                    sums += loss.item() * len(places)
                    seconds = time.perf_counter() - began
                    writer.writerow([state["step"], epoch + 1, loss.item(), norm.item(), seconds])
                    log.flush()
                    if state["step"] == most_steps:
                        return network
                state["counter"] += 1
                for patience, factor in plateau(options):
                    if state["counter"] >= patience:
                        state["rate"], state["counter"] = state["rate"] * factor, 0
                evaluated = average or network
                evaluated.eval()
                with torch.no_grad():
                    validation = task.validate(evaluated)
                state["epoch"] += 1
                if validation < state["best"]:
                    state["best"], state["counter"] = validation, 0
                    save(evaluated, own / "best.safetensors")
                saved = {"network": network.state_dict(), "rule": rule.state_dict(), "state": state}
                if average:
                    saved["average"] = average.state_dict()
                torch.save(saved, own / "checkpoint.part")
                os.replace(own / "checkpoint.part", checkpoint)
                took = time.perf_counter() - start
                print(
                    f"{task.name}  epoch {state['epoch']} of {options['epochs']}  "
                    f"loss {sums / count:.5f}  validation {validation:.5f}  {took:.1f} s",
                    flush=True,
                )
        network.load_state_dict(load_weights(own / "best.safetensors"))
        return network.eval().requires_grad_(False)


def plateau(options):
    rule = options["schedule"].get("plateau")
    return [(rule["patience"], rule["factor"])] if rule else []


def learning_rate(options, state, batches):
    rule = options["schedule"].get("cosine")
    if not rule:
        return state["rate"]
    warmup, floor, peak = rule["warmupSteps"], rule["floor"], options["learningRate"]
    step, steps = state["step"], max(options["epochs"] * batches, rule["warmupSteps"] + 1)
    if step < warmup:
        return peak * (step + 1) / warmup
    way = min(1, (step - warmup) / max(1, steps - 1 - warmup))
    return floor + (peak - floor) * (1 + math.cos(math.pi * way)) / 2


def save(network, path):
    tensors = {name: value.contiguous().cpu() for name, value in network.state_dict().items()}
    save_file(tensors, path.with_suffix(".part"))
    os.replace(path.with_suffix(".part"), path)


# ---------------------------------------------------------------- all networks


def train(run):
    configuration, tiles = run.configuration, run.tiles
    refining, networks = configuration.get("refiner"), {}
    count = configuration.get("crossFitting", {}).get("count", 0)
    folds = range(1, count + 1) if refining else ()
    for fold in folds:
        seen = [tile for tile in tiles.training if tile["fold"] != fold]
        networks[fold] = run.trained(Coarse(run, f"coarse-{fold}", seen))
    settings = configuration["coarse"]
    if "optimization" in settings:
        networks[0] = run.trained(Coarse(run, "coarse", tiles.training))
        parts = {"coarse": run.folder / "coarse/best.safetensors"}
    else:
        networks[0] = run.given(DPT(settings["architecture"]), settings["start"])
        parts = {"coarse": run.place / settings["start"]["path"]}
    scale = 1.0
    if refining:

        @torch.no_grad()
        def coarse(tile):
            network = networks[tile.get("fold", 0)]
            return stretched(network(run.moved(tiles.sample(tile)[0][None])))[0, 0].cpu()

        autoencoder, settings = None, configuration.get("autoencoder")
        if settings and "optimization" in settings:
            task = Autoencoder(run)
            autoencoder, parts["vae"] = run.trained(task), run.folder / "autoencoder/best.safetensors"
            with torch.no_grad():
                scale = task.latent_scale(autoencoder)
        elif settings:
            autoencoder = run.given(AutoencoderKL(settings["architecture"]), settings["start"])
            scale = settings["architecture"]["latentScale"]
            parts["vae"] = run.place / settings["start"]["path"]
        run.trained(Refiner(run, coarse, autoencoder, scale))
        parts["unet"] = run.folder / "refiner/best.safetensors"
    bundle(run, networks[0], parts, scale)


@torch.no_grad()
def bundle(run, network, parts, scale):
    """Writes `model.json` and the weights, which `relief model verify` checks."""
    configuration, folder = run.configuration, run.folder / "bundle"
    ranges = [network(run.moved(run.tiles.sample(t)[0][None])).aminmax() for t in run.tiles.validation]
    low, high = (sum(float(pair[side]) for pair in ranges) / len(ranges) for side in (0, 1))
    coarse = dict(configuration["coarse"]["architecture"])
    coarse["output"] = {
        "scale": 1 / (high - low), "offset": -low / (high - low),
        "origin": f"maps the minimum and the maximum of the {len(ranges)} validation tiles to 0 and 1, on average",
    }  # fmt: skip
    manifest = {"formatVersion": 1, "card": configuration["card"], "coarse": coarse, "files": {}}
    if refiner := configuration.get("refiner"):
        kept = ("denoiser", "blending", "imageRange", "heightRange")
        manifest["refiner"] = {key: refiner[key] for key in kept}
        if autoencoder := configuration.get("autoencoder"):
            manifest["refiner"]["autoencoder"] = {**autoencoder["architecture"], "latentScale": scale}
    folder.mkdir(exist_ok=True)
    for name, source in parts.items():
        content = source.read_bytes()
        (folder / f"{name}.safetensors").write_bytes(content)
        entry = {"bytes": len(content), "sha256": hashlib.sha256(content).hexdigest()}
        manifest["files"][f"{name}.safetensors"] = entry
    (folder / "model.json").write_text(json.dumps(manifest, indent=2, sort_keys=True))
    print(folder)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("configuration", type=Path)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu")
    parser.add_argument("--threads", type=int, help="CPU threads without a GPU")
    options = parser.parse_args()
    if options.threads:
        torch.set_num_threads(options.threads)
    train(Run(options.configuration.resolve(), options.folder, options.device))


if __name__ == "__main__":
    main()
