"""What limits the coarse network: python3 curves.py PAIRS.csv OUTPUT

Writes configurations of short trainings from nothing, in tiles of 128 pixels and of about as many steps, that differ in one thing:
how many of the lands there are to learn from (all, a fourth, a sixteenth, each among those before), or how many channels the
network has (fewer or more, both in groups of 8 for normalisation, not 16). `relief train coarse OUTPUT/NAME.json OUTPUT/NAME`
runs one; its epochs.csv has the losses of validation, whose pairs are the same in all.
"""

import csv
import json
import random
import sys
from pathlib import Path

TILE = 128
# As many as bring about the 908 steps of one epoch of all.
EPOCHS = {4: 5, 16: 15}
NARROW = dict(width=128, heads=2, hidden=512, neck=[32, 64, 128, 128], fusion=32, head=[16, 16])
WIDE = dict(width=256, heads=4, hidden=1024, neck=[96, 192, 256, 256], fusion=96, head=[48, 48])
# 16 groups do not divide a fourth of these.
STEMS = {"narrow": (32, [32, 64, 128]), "wide": (48, [96, 192, 384])}


def kind(row):
    """Real pairs, those rendered of a real DEM, and made lands."""
    if not row["image"].endswith("_rgbn.tif"):
        return "real"
    return "made" if row["name"].startswith("made_") else "rendered"


def lands(rows):
    """Of each kind what was seen of one piece of ground, be it several images or one several times."""
    kinds = {}
    for row in rows:
        if row["split"] == "train":
            found = kinds.setdefault(kind(row), {})
            found.setdefault((row["dem"], row["window"]), []).append(row["name"])
    return [list(found.values()) for found in kinds.values()]


def share(path, rows, part):
    """A list beside the whole one, with one of so many lands of each kind, two at least."""
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
    said = json.loads((Path(__file__).parent / "coarse-3.json").read_text())
    said["card"].update(tileSize=TILE, overlap=TILE // 4)
    said["data"].update(pairs=str(pairs), overlap=0, shift=TILE // 4)
    said["data"]["exclusions"] = str((Path(__file__).parent / said["data"]["exclusions"]).resolve())
    coarse = said["coarse"]
    coarse["architecture"]["positionGrid"] = TILE // 16
    coarse.pop("start", None)
    coarse["optimization"].update(
        epochs=epochs, learningRate=0.0008, averageDecay=0.99,
        schedule={"cosine": {"warmupSteps": 100, "floor": 8e-06}},
    )
    return said


def main(pairs, output):
    output.mkdir(parents=True, exist_ok=True)
    with open(pairs) as file:
        rows = list(csv.DictReader(file))
    said = {"all": configuration(pairs, 1)}
    for part, epochs in EPOCHS.items():
        said[f"one-in-{part}"] = configuration(share(pairs, rows, part), epochs)
    for name, sizes in ("narrow", NARROW), ("wide", WIDE):
        said[name] = configuration(pairs, 1)
        architecture = said[name]["coarse"]["architecture"]
        architecture.update(sizes)
        hybrid = architecture["backbone"]["hybrid"]
        hybrid["stem"], hybrid["widths"] = STEMS[name]
        hybrid["groups"] = 8
    for name, whole in said.items():
        (output / f"{name}.json").write_text(json.dumps(whole, indent=2))


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    main(Path(sys.argv[1]).resolve(), Path(sys.argv[2]))
