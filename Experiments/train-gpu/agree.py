"""Checks that `relief train` and train.py train alike, loss by loss, from the same weights and tiles.

    python3 agree.py LIST [--relief .build/release/relief] [--steps 50] [--tile 128] [--sizes tiny|small]
                          [--after 0]

LIST contains pairs for training and for validation. Every network starts with weights that PyTorch
draws or, with --after, with those that relief trains from them in that many steps. Later steps agree
better: heights of an untrained network are nearly equal, so rounding decides which pixel is a median of
the HDN loss. Tiles are neither flipped nor shifted.

The program exits with 1 if a loss of the first 5 steps differs by more than 1e-4, or a later one by
more than 1e-2, relative to its value. A limit is raised to twice the difference between single and
double precision in train.py where that is larger.
"""

import argparse
import csv
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import torch
import train
from safetensors.torch import load_file, save_file

SOON, LATER = (5, 1e-4), 1e-2
TINY = {
    "coarse": {
        "backbone": {"hybrid": {
            "stem": 16, "depths": [1, 1, 1], "widths": [32, 32, 64], "groups": 8,
            "normEpsilon": 1e-5, "standardizationEpsilon": 1e-6,
        }},
        "width": 64, "depth": 4, "heads": 2, "hidden": 128, "hooks": [1, 3], "positionGrid": 8,
        "neck": [32, 32, 64, 64], "fusion": 32, "head": [16, 8],
    },
    "autoencoder": {"widths": [16, 16, 32, 32], "groups": 8},
    "refiner": {"width": 32, "multipliers": [1, 2, 4], "heads": 2, "attentionReductions": [4]},
}  # fmt: skip


def configuration(options, folder, refiner=None):
    """Writes and returns the preset `small` without anything that only one of the programs could draw."""
    preset = subprocess.run([options.relief, "train", "preset", "small"], capture_output=True)
    settings = json.loads(preset.stdout)
    settings["data"].update(
        pairs=str(options.list.resolve()), overlap=0, shift=0, flips=False, leastRelief=0,
        colors=0.5,
    )
    settings["card"].update(tileSize=options.tile, overlap=options.tile // 4)
    decoded = {"lpips": 0.1, "gradientMatching": 0.1, "slopes": 1, "side": options.tile // 2}
    settings["refiner"].update(dropout=0, ownEstimates=0.5, decoded=decoded)
    architectures = {"coarse": "architecture", "autoencoder": "architecture", "refiner": "denoiser"}
    for part, key in architectures.items():
        if part == "refiner" and refiner:
            settings[part][key].update(refiner)
        elif options.sizes == "tiny":
            settings[part][key].update(TINY[part])
        settings[part]["start"] = {"path": f"{part}.safetensors", "isPartial": False}
        settings[part]["optimization"].update(
            batch=2, epochs=1, learningRate=5e-5, checkpointSeconds=600, schedule={"constant": {}}
        )
    (folder / "training.json").write_text(json.dumps(settings))
    torch.manual_seed(42)
    starts = {
        "coarse": train.DPT(settings["coarse"]["architecture"]),
        "autoencoder": train.AutoencoderKL(settings["autoencoder"]["architecture"]),
        "refiner": train.DenoiseUNet(
            settings["refiner"]["denoiser"], settings["refiner"]["blending"]["steps"], 0
        ),
    }
    for part, network in starts.items():
        tensors = {name: value.contiguous() for name, value in network.state_dict().items()}
        save_file(tensors, folder / f"{part}.safetensors")
    return settings


def warm_start(options, folder, settings, epochs):
    """Replaces the initial weights by those that relief trains at a higher learning rate."""
    for part in TINY:
        settings[part]["optimization"].update(epochs=epochs, learningRate=1e-3)
    (folder / "training.json").write_text(json.dumps(settings))
    relief(options, folder, "all", run="warm")
    for part in TINY:
        settings[part]["start"]["path"] = f"warm/{part}/best.safetensors"
        settings[part]["optimization"].update(learningRate=5e-5)


def relief(options, folder, verb, *more, run="run"):
    command = [options.relief, "train", verb, folder / "training.json", folder / run, *more]
    subprocess.run([*command, "--progress", "none"], check=True, stdout=subprocess.DEVNULL)


def losses(path, column):
    with open(path) as file:
        return [float(row[column]) for row in csv.reader(file) if row[0].isdigit()]


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("list", type=Path)
    parser.add_argument("--relief", default=".build/release/relief")
    parser.add_argument("--steps", type=int, default=50)
    parser.add_argument("--tile", type=int, default=128)
    parser.add_argument("--sizes", choices=["tiny", "small"], default="tiny")
    parser.add_argument("--after", type=int, default=0)
    options = parser.parse_args()
    options.relief = os.path.abspath(options.relief)
    torch.set_num_threads(os.cpu_count())
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        settings = configuration(options, folder)
        relief(options, folder, "tiles", run="counted")
        counted = json.loads((folder / "counted/tiles/tiles.json").read_text())["training"]
        batches = -(-len(counted) // 2)
        if options.after:
            warm_start(options, folder, settings, -(-options.after // batches))
        for part in TINY:
            settings[part]["optimization"]["epochs"] = -(-options.steps // batches)
        (folder / "training.json").write_text(json.dumps(settings))
        relief(options, folder, "all")
        relief(options, folder, "tiles")

        references = [reference_losses(folder, settings, options.steps, dtype) for dtype in (torch.float32, torch.float64)]
        differ = [compared(folder, options.steps, *runs) for runs in zip(*references)]
    sys.exit(1 if any(differ) else 0)


def reference_losses(folder, settings, steps, dtype):
    """Returns the losses of train.py for each network, step by step."""
    own = folder / str(dtype)
    own.mkdir()
    (own / "tiles").symlink_to(folder / "run/tiles")
    run = train.Run(folder / "training.json", own, "cpu", dtype)
    torch.set_default_dtype(dtype)
    networks = dict(trained_networks(settings, folder))
    tasks = [train.Coarse(run, "coarse", run.tiles.training), train.Autoencoder(run)]
    with torch.no_grad():
        scale = tasks[1].latent_scale(networks["autoencoder"])

    @torch.no_grad()
    def coarse(tile):
        network = networks[tile.get("fold", 0)]
        return train.stretched(network(run.moved(run.tiles.sample(tile)[0][None])))[0, 0]

    tasks.append(train.Refiner(run, coarse, networks["autoencoder"], scale))
    for task in tasks:
        run.trained(task, most_steps=steps)
    torch.set_default_dtype(torch.float32)
    return [(task.name, losses(own / task.name / "steps-torch.csv", 2)) for task in tasks]


def trained_networks(settings, folder):
    """Yields the networks that relief trained, which make the refiner's training data."""
    folds = range(1, settings["crossFitting"]["count"] + 1)
    names = {0: "coarse", **{fold: f"coarse-{fold}" for fold in folds}, "autoencoder": "autoencoder"}
    for part, name in names.items():
        kind = train.AutoencoderKL if part == "autoencoder" else train.DPT
        network = kind(settings["autoencoder" if part == "autoencoder" else "coarse"]["architecture"])
        network.load_state_dict(load_file(folder / f"run/{name}/best.safetensors"))
        yield part, network.eval().requires_grad_(False)


def compared(folder, steps, single, double):
    (name, single), (_, double) = single, double
    ours = losses(folder / f"run/{name}/steps.csv", 2)[:steps]
    count, limit = SOON
    far = [abs(a - b) / abs(b) for a, b in zip(ours, single)]
    # The effect of rounding alone on train.py: HDN's gradients jump where medians and signs change.
    rounding = [abs(a - b) / abs(b) for a, b in zip(single, double)]
    exact = [abs(a - b) / abs(b) for a, b in zip(ours, double)]
    print(f"{name}: {len(far)} steps, loss {ours[0]:.5f} to {ours[-1]:.5f}")
    differs = len(far) < steps
    for reach, limit in ((count, limit), (steps, LATER)):
        ours_here, rounding_here = max(far[:reach]), max(rounding[:reach])
        allowed = max(limit, 2 * rounding_here)
        differs |= ours_here > allowed
        print(
            f"  in {reach} steps: relief and train.py {ours_here:.1e}, relief and train.py in double precision "
            f"{max(exact[:reach]):.1e}; train.py in single and double precision {rounding_here:.1e}",
            flush=True,
        )
    return differs


if __name__ == "__main__":
    main()
