"""Compares the speed and memory of `relief train` and train.py on the same CPU.

    python3 speed.py LIST [--relief .build/release/relief] [--tile 512] [--threads 2] [--json FILE]

The program trains each network of the preset `small`, with the U-Net `light64` in its latents, with
batches of two. Times are medians over the last steps, as both programs log them, with data and losses
included.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

import agree
import torch
import train

LIGHT64 = {"width": 64, "multipliers": [1, 2, 4, 4], "blocksPerLevel": 2, "attentionReductions": [4, 8]}


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("list", type=Path)
    parser.add_argument("--relief", default=".build/release/relief")
    parser.add_argument("--tile", type=int, default=512)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--epochs", type=int, default=2)
    parser.add_argument("--lpips", type=float, default=0, help="weight of the autoencoder's LPIPS loss")
    parser.add_argument("--json", type=Path)
    parser.add_argument("--twin", help=argparse.SUPPRESS)
    options = parser.parse_args()
    options.relief, options.sizes = os.path.abspath(options.relief), "small"
    if options.twin:
        return twin(options)
    rows = []
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        settings = agree.configuration(options, folder, refiner=LIGHT64)
        settings["autoencoder"]["losses"]["lpips"] = options.lpips
        for part in agree.TINY:
            settings[part]["optimization"]["epochs"] = options.epochs
        (folder / "training.json").write_text(json.dumps(settings))
        agree.relief(options, folder, "tiles")
        (folder / "twin").mkdir()
        (folder / "twin/tiles").symlink_to(folder / "run/tiles")
        for fold in range(1, settings["crossFitting"]["count"] + 1):
            agree.relief(options, folder, "coarse", "--fold", str(fold))
        for name in ("coarse", "autoencoder", "refiner"):
            ours = measured(
                [options.relief, "train", name, folder / "training.json", folder / "run"]
                + ["--progress", "none", "--threads", str(options.threads)]
            )
            theirs = measured(
                [sys.executable, __file__, options.list, "--twin", f"{name}:{folder}"]
                + ["--threads", str(options.threads)]
            )
            seconds = [
                statistics.median(agree.losses(folder / path, column)[-steps(settings, folder) :])
                for path, column in (
                    (f"run/{name}/steps.csv", 5), (f"twin/{name}/steps-torch.csv", 4)
                )
            ]  # fmt: skip
            rows.append(
                {
                    "network": name, "epoch": [s * steps(settings, folder) for s in seconds],
                    "samples": [2 / s for s in seconds], "ratio": seconds[1] / seconds[0],
                    "memory": [ours, theirs],
                }  # fmt: skip
            )
            report(rows[-1])
    if options.json:
        options.json.write_text(json.dumps(rows, indent=2))


def steps(settings, folder):
    """Returns the number of steps per epoch."""
    tiles = json.loads((folder / "run/tiles/tiles.json").read_text())["training"]
    return -(-len(tiles) // settings["coarse"]["optimization"]["batch"])


def measured(command):
    """Runs a command to its end, and returns its peak memory in bytes."""
    process = subprocess.Popen([str(part) for part in command], stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    if status:
        sys.exit(f"{command[0]} exited with {os.waitstatus_to_exitcode(status)}, expected 0")
    return usage.ru_maxrss * 1024


def report(row):
    ours, theirs = row["samples"]
    print(
        f"{row['network']:12} {ours:6.2f} samples/s, train.py {theirs:6.2f}: {row['ratio']:.2f} ×   "
        f"epoch {row['epoch'][0]:.1f} s and {row['epoch'][1]:.1f} s   "
        f"memory {row['memory'][0] / 1e6:.0f} MB and {row['memory'][1] / 1e6:.0f} MB",
        flush=True,
    )


def twin(options):
    """Trains one network with train.py, in a separate process so that its memory can be measured."""
    name, _, place = options.twin.partition(":")
    folder = Path(place)
    torch.set_num_threads(options.threads)
    run = train.Run(folder / "training.json", folder / "twin", "cpu")
    if name == "coarse":
        task = train.Coarse(run, "coarse", run.tiles.training)
    elif name == "autoencoder":
        task = train.Autoencoder(run)
    else:
        networks = dict(agree.trained_networks(run.configuration, folder))
        scale = train.Autoencoder(run)
        with torch.no_grad():
            scale = scale.latent_scale(networks["autoencoder"])

        @torch.no_grad()
        def coarse(tile):
            network = networks[tile.get("fold", 0)]
            return train.stretched(network(run.moved(run.tiles.sample(tile)[0][None])))[0, 0]

        task = train.Refiner(run, coarse, networks["autoencoder"], scale)
        for tile in run.tiles.training:
            task.latents(tile, 0)
    run.trained(task)


if __name__ == "__main__":
    main()
