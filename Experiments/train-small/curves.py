"""Writes configurations that show what limits the coarse network: python3 curves.py PAIRS.csv OUTPUT

They are short trainings from random weights, with tiles of 128 pixels and about the same number of steps,
and differ in one thing: the number of terrains (all, a quarter, or a sixteenth, each a subset of the one
before), or the number of channels of the network (fewer or more, both with group normalization in 8 groups
instead of 16). `relief train coarse OUTPUT/NAME.json OUTPUT/NAME` runs one. Its epochs.csv has the
validation losses; the validation pairs are the same in all.
"""

import csv
import json
import random
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
# Paths in a configuration are relative to it, also those of its base.
EXCLUSIONS = (HERE / "../../../shared/data/EVALUATION_ONLY.tsv").resolve()
TILE = 128
# The numbers of epochs that give about the 908 steps of one epoch with all terrains.
EPOCHS = {4: 5, 16: 15}
NARROW = dict(width=128, heads=2, hidden=512, neck=[32, 64, 128, 128], fusion=32, head=[16, 16])
WIDE = dict(width=256, heads=4, hidden=1024, neck=[96, 192, 256, 256], fusion=96, head=[48, 48])
# 16 groups do not divide a quarter of these widths.
STEMS = {"narrow": (32, [32, 64, 128]), "wide": (48, [96, 192, 384])}


def kind(row):
    """Returns the kind of a pair: real, rendered from a real DEM, or synthetic."""
    if not row["image"].endswith("_rgbn.tif"):
        return "real"
    return "made" if row["name"].startswith("made_") else "rendered"


def lands(rows):
    """Groups the training pairs of each kind by terrain, which may have several images or be listed several times."""
    kinds = {}
    for row in rows:
        if row["split"] == "train":
            found = kinds.setdefault(kind(row), {})
            found.setdefault((row["dem"], row["window"]), []).append(row["name"])
    return [list(found.values()) for found in kinds.values()]


def share(path, rows, part):
    """Writes a list next to the whole one with one in `part` terrains of each kind, but at least two."""
    kept = set()
    for order in lands(rows):
        random.Random(42).shuffle(order)
        kept.update(*order[: max(2, len(order) // part)])
    short = path.with_name(f"{path.stem}-{part}.csv")
    with open(short, "w", newline="") as file:
        writer = csv.DictWriter(file, rows[0].keys())
        writer.writeheader()
        writer.writerows(row for row in rows if row["split"] != "train" or row["name"] in kept)
    return short


def configuration(pairs, epochs):
    """Returns the differences from the base configuration, which relief merges."""
    return {
        "base": str(HERE / "coarse-3.json"),
        "card": dict(tileSize=TILE, overlap=TILE // 4),
        "data": dict(pairs=str(pairs), exclusions=str(EXCLUSIONS), overlap=0, shift=TILE // 4),
        "coarse": {
            "architecture": dict(positionGrid=TILE // 16),
            "start": None,
            "optimization": {
                "epochs": epochs, "learningRate": 0.0008, "averageDecay": 0.99,
                "schedule": {"cosine": {"warmupSteps": 100, "floor": 8e-06}},
            },
        },
    }


def main(pairs, output):
    output.mkdir(parents=True, exist_ok=True)
    with open(pairs) as file:
        rows = list(csv.DictReader(file))
    settings = {"all": configuration(pairs, 1)}
    for part, epochs in EPOCHS.items():
        settings[f"one-in-{part}"] = configuration(share(pairs, rows, part), epochs)
    for name, sizes in ("narrow", NARROW), ("wide", WIDE):
        settings[name] = configuration(pairs, 1)
        architecture = settings[name]["coarse"]["architecture"]
        architecture.update(sizes)
        stem, widths = STEMS[name]
        architecture["backbone"] = {"hybrid": dict(stem=stem, widths=widths, groups=8)}
    for name, whole in settings.items():
        (output / f"{name}.json").write_text(json.dumps(whole, indent=2))


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    main(Path(sys.argv[1]).resolve(), Path(sys.argv[2]))
