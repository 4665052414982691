"""DPT-hybrid in PyTorch, with the tensor names of the bundle.

It saves the same computations as relief's own network, so that no engine has to do more: filters are
standardized and positions resampled once, the class token's share of the readout is computed once for
all patches, and the fusion's 1 × 1 convolution runs before the resampling, with which it commutes.
"""

import torch
import torch.nn.functional as F
from torch import nn


class Scope(nn.Module):
    """A part of a parameter's name, without any computation."""

    def __init__(self, **modules):
        super().__init__()
        for name, module in modules.items():
            self.add_module(name, module)


def convolution3(inputs, outputs, **settings):
    return nn.Conv2d(inputs, outputs, 3, padding=1, **settings)


def doubled(x):
    """DPT's upsampling by 2, which keeps corner pixels in the corners."""
    return F.interpolate(x, scale_factor=2, mode="bilinear", align_corners=True)


class StandardizedConv(nn.Conv2d):
    """A convolution without bias, padded like TensorFlow's SAME; inputs of strided ones have even sides."""

    def __init__(self, inputs, outputs, size, stride=1):
        super().__init__(inputs, outputs, size, stride, bias=False)
        whole = size - stride if size > stride else 0
        self.margins = (whole // 2, whole - whole // 2) * 2
        if stride == 1:
            self.padding = (size // 2, size // 2)

    def standardize(self, epsilon):
        variance, mean = torch.var_mean(self.weight, (1, 2, 3), correction=0, keepdim=True)
        self.weight = nn.Parameter((self.weight - mean) * (variance + epsilon).rsqrt(), False)

    def forward(self, x):
        return super().forward(F.pad(x, self.margins) if self.stride[0] == 2 else x)


class Bottleneck(nn.Module):
    def __init__(self, inputs, outputs, stride, is_first, groups, epsilon):
        super().__init__()
        middle = outputs // 4
        self.conv1 = StandardizedConv(inputs, middle, 1)
        self.conv2 = StandardizedConv(middle, middle, 3, stride)
        self.conv3 = StandardizedConv(middle, outputs, 1)
        self.norm1 = nn.GroupNorm(groups, middle, epsilon)
        self.norm2 = nn.GroupNorm(groups, middle, epsilon)
        self.norm3 = nn.GroupNorm(groups, outputs, epsilon)
        if is_first:
            self.downsample = Scope(
                conv=StandardizedConv(inputs, outputs, 1, stride),
                norm=nn.GroupNorm(groups, outputs, epsilon),
            )

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
        self.norm1 = nn.LayerNorm(width, epsilon)
        self.norm2 = nn.LayerNorm(width, epsilon)
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
        self.conv1 = convolution3(channels, channels)
        self.conv2 = convolution3(channels, channels)

    def forward(self, x):
        return x + self.conv2(F.relu(self.conv1(F.relu(x))))


class DPT(nn.Module):
    """DPT-hybrid (arXiv:2103.13413): pixels in 0…255 → relative height, 0 or more."""

    def __init__(self, sizes):
        super().__init__()
        hybrid = sizes["backbone"]["hybrid"]
        groups, epsilon, width = hybrid["groups"], hybrid["normEpsilon"], sizes["width"]
        self.standardization, self.hooks = hybrid["standardizationEpsilon"], sizes["hooks"]
        self.half = sizes["normalization"] == "half"
        inputs, stages = hybrid["stem"], []
        for level, (depth, outputs) in enumerate(zip(hybrid["depths"], hybrid["widths"])):
            blocks = []
            for block in range(depth):
                stride = 2 if level and not block else 1
                blocks.append(Bottleneck(inputs, outputs, stride, not block, groups, epsilon))
                inputs = outputs
            stages.append(Scope(blocks=nn.ModuleList(blocks)))
        stem = Scope(
            conv=StandardizedConv(3, hybrid["stem"], 7, 2),
            norm=nn.GroupNorm(groups, hybrid["stem"], epsilon),
        )
        model = Scope(
            patch_embed=Scope(
                backbone=Scope(stem=stem, stages=nn.ModuleList(stages)),
                proj=nn.Conv2d(inputs, width, 1),
            ),
            blocks=nn.ModuleList(
                TransformerBlock(width, sizes["heads"], sizes["hidden"], sizes["layerNormEpsilon"])
                for _ in range(sizes["depth"])
            ),
        )
        model.cls_token = nn.Parameter(torch.empty(1, 1, width))
        model.pos_embed = nn.Parameter(torch.empty(1, 1 + sizes["positionGrid"] ** 2, width))
        self.pretrained = Scope(model=model)
        for tap in (3, 4):
            readout = Scope(project=nn.Sequential(nn.Linear(2 * width, width)))
            parts = {"0": readout, "3": nn.Conv2d(width, sizes["neck"][tap - 1], 1)}
            if tap == 4:
                parts["4"] = convolution3(sizes["neck"][3], sizes["neck"][3], stride=2)
            self.pretrained.add_module(f"act_postprocess{tap}", Scope(**parts))
        fusion, head, scratch = sizes["fusion"], sizes["head"], {}
        for tap, outputs in enumerate(sizes["neck"], 1):
            scratch[f"layer{tap}_rn"] = convolution3(outputs, fusion, bias=False)
            units = {"resConfUnit2": ResidualUnit(fusion), "out_conv": nn.Conv2d(fusion, fusion, 1)}
            if tap < 4:
                units["resConfUnit1"] = ResidualUnit(fusion)
            scratch[f"refinenet{tap}"] = Scope(**units)
        grow = nn.Upsample(scale_factor=2, mode="bilinear", align_corners=True)
        scratch["output_conv"] = nn.Sequential(
            convolution3(fusion, head[0]), grow, convolution3(head[0], head[1]), nn.ReLU(),
            nn.Conv2d(head[1], 1, 1), nn.ReLU(),
        )  # fmt: skip
        self.scratch = Scope(**scratch)

    def prepare(self, size):
        """Precomputes everything that depends only on the image size and the weights."""
        for module in self.modules():
            if isinstance(module, StandardizedConv):
                module.standardize(self.standardization)
        model, side = self.pretrained.model, size // 16
        first, grid = model.pos_embed[:, :1], model.pos_embed[:, 1:]
        grid = grid.transpose(1, 2).unflatten(2, (round(grid.shape[1] ** 0.5), -1))
        grid = F.interpolate(grid, (side, side), mode="bilinear", align_corners=False)
        places = torch.cat([first, grid.flatten(2).transpose(1, 2)], 1)
        model.pos_embed = nn.Parameter(places.contiguous(), False)

    def reassembled(self, tokens, tap, side):
        parts = getattr(self.pretrained, f"act_postprocess{tap}")
        project = getattr(parts, "0").project[0]
        width = project.weight.shape[0]
        shared = F.linear(tokens[:, :1], project.weight[:, width:], project.bias)
        patches = F.gelu(F.linear(tokens[:, 1:], project.weight[:, :width]) + shared)
        x = getattr(parts, "3")(patches.transpose(1, 2).unflatten(2, (side, -1)))
        return getattr(parts, "4")(x) if tap == 4 else x

    def forward(self, image):
        model, side = self.pretrained.model, image.shape[2] // 16
        backbone = model.patch_embed.backbone
        x = image / 127.5 - 1 if self.half else image
        x = F.relu(backbone.stem.norm(backbone.stem.conv(x)))
        x = F.max_pool2d(F.pad(x, (0, 1, 0, 1)), 3, 2)  # after a ReLU, padding with 0 equals −∞
        taps = []
        for stage in backbone.stages:
            for block in stage.blocks:
                x = block(x)
            taps.append(x)
        tokens = model.patch_embed.proj(taps.pop()).flatten(2).transpose(1, 2)
        tokens = torch.cat([model.cls_token, tokens], 1) + model.pos_embed
        for index, block in enumerate(model.blocks):
            tokens = block(tokens)
            if index in self.hooks:
                taps.append(self.reassembled(tokens, len(taps) + 1, side))
        path = None
        for tap in (4, 3, 2, 1):
            fusion = getattr(self.scratch, f"refinenet{tap}")
            x = getattr(self.scratch, f"layer{tap}_rn")(taps[tap - 1])
            if path is not None:
                x = path + fusion.resConfUnit1(x)
            path = doubled(fusion.out_conv(fusion.resConfUnit2(x)))
        return self.scratch.output_conv(path)
