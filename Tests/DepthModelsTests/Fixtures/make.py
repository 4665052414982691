"""Writes the checkpoints in this folder with PyTorch, and their contents as F32 to `expected.safetensors`.

Needs: pip install numpy torch safetensors
"""

import argparse
import os
import pickle
import struct
from collections import OrderedDict, defaultdict
from datetime import timedelta
from pathlib import PurePosixPath

import numpy
import torch
from safetensors.torch import save_file

os.chdir(os.path.dirname(os.path.abspath(__file__)))
torch.manual_seed(42)

wide = torch.randn(6, 4)
tagged = torch.nn.Parameter(torch.randn(2))
tagged.tag = "pickled by its state"
network = OrderedDict(
    {
        "plain": torch.randn(2, 3),
        "parameter": torch.nn.Parameter(torch.randn(3)),
        "tagged": tagged,
        "half": torch.randn(5).half(),
        "brain": torch.randn(2, 2).bfloat16(),
        "double": torch.randn(4).double() / 3,
        "transposed": torch.randn(3, 4).t(),
        "permuted": torch.randn(2, 3, 4).permute(2, 0, 1),
        "sliced": wide[1:5:2, 1:3],
        "shared": wide[2:],
        "column": wide[:, 3],
        "channels_last": torch.randn(1, 3, 2, 2).contiguous(memory_format=torch.channels_last),
        "scalar": torch.tensor(1.5),
        "empty": torch.zeros(0, 4),
        "num_batches_tracked": torch.tensor(7),
        "integers": torch.arange(3, dtype=torch.int32),
        "flags": torch.tensor([True, False]),
    }
)
save_file(
    {
        name: tensor.detach().float().contiguous().clone()
        for name, tensor in network.items()
        if tensor.is_floating_point()
    },
    "expected.safetensors",
)

model = torch.nn.Linear(2, 2)
optimizer = torch.optim.AdamW(model.parameters())
model(torch.ones(1, 2)).sum().backward()
optimizer.step()
container = {
    "epoch": 3,
    "model_state_dict": network,
    "optimizer_state_dict": optimizer.state_dict(),
    "best_val_loss": 0.25,
    "loss": torch.tensor(0.5),
    "seed": None,
    # Entries that Lightning and other programs add; most of them can be created only by Python.
    "hyper_parameters": argparse.Namespace(rate=1e-4, folder=PurePosixPath("runs/1")),
    "callbacks": {torch.nn.Linear: {"best": numpy.float64(0.25), "seen": {1, 2}}},
    "counts": defaultdict(list, {"a": [1, 2**70, -1, -129]}),
    "elapsed": timedelta(seconds=3),
    "state": numpy.arange(3),
    "raw": b"bytes",
}
torch.save(container, "zip.pth")
torch.save(container, "legacy.pth", _use_new_zipfile_serialization=False)
torch.save(container, "protocol5.pth", pickle_protocol=5)
torch.save(network, "flat.pth")
torch.save({"state_dict": model}, "module.pth")


# Files of PyTorch before 0.4 could describe a storage as a view of another storage's elements.
class OldPickler(pickle.Pickler):
    def persistent_id(self, value):
        return value.identifier if isinstance(value, View) else None


class View:
    def __init__(self, *identifier):
        self.identifier = identifier


class Tensor:
    def __init__(self, *arguments):
        self.arguments = arguments

    def __reduce__(self):
        return torch._utils._rebuild_tensor, self.arguments


numbers = [float(i) for i in range(8)]
with open("views.pth", "wb") as file:
    pickle.dump(torch.serialization.MAGIC_NUMBER, file, protocol=2)
    pickle.dump(1001, file, protocol=2)
    pickle.dump({"little_endian": True, "protocol_version": 1001}, file, protocol=2)
    head = ("storage", torch.FloatStorage, "7", "cpu", 8)
    OldPickler(file, protocol=2).dump(
        {
            "whole": Tensor(View(*head, None), 0, (2, 4), (4, 1)),
            "view": Tensor(View(*head, ("9", 2, 4)), 1, (3,), (1,)),
        }
    )
    pickle.dump(["7"], file, protocol=2)
    file.write(struct.pack("<q8f", 8, *numbers))
