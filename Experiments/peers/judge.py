#!/usr/bin/env python3
"""Compares the metrics of `relief evaluate` with those of other tools on the same rasters.

xDEM computes errors of heights and slopes, and coregisters; NumPy computes mean and quantiles,
scikit-image SSIM and PSNR, and the package lpips the perceptual distance. The program generates pairs
with a known shift; --pair adds others, with both rasters in meters on one grid. At the first start it
creates an environment (.build/peers). It prints a table for each pair, then the largest differences,
and exits with 1 if one is above its limit.

    swift build -c release
    Experiments/peers/judge.py
"""

import argparse
import json
import math
import subprocess
import sys
import tempfile
import types
from itertools import product
from pathlib import Path

from environment import ROOT, enter_environment

enter_environment()
import numpy  # noqa: E402
import pyproj  # noqa: E402
import rasterio  # noqa: E402
import torch  # noqa: E402
import xdem  # noqa: E402
from geoutils.stats import estimators  # noqa: E402
from safetensors.torch import load_file  # noqa: E402
from skimage import metrics as skimage  # noqa: E402
from torch.nn import Conv2d, MaxPool2d, ReLU, Sequential  # noqa: E402

STATISTICS, SLOPES, LPIPS = 1e-4, 1e-3, 1e-3  # limits of relative differences
SSIM, PSNR, PIXELS = 1e-6, 1e-4, 0.05  # limits of absolute differences
SAMPLE = 1 << 21  # above this number of pixels, relief computes quantiles of every n-th row and column
SIDE = 512  # the side of an image for the paper's metrics
SHIPPED = ROOT / "SampleData" / "lpips" / "lpips_alex.safetensors"

# Rows and columns, easting, pixel size, relief, shift (columns, rows, meters up), noise, number of voids.
MADE = {
    "mountains": ((400, 480), 6.8e5, 30, 1500, (0.37, -0.62, 4.2), 2, 0),
    "hills with voids": ((500, 460), 5e5, 10, 250, (-1.43, 0.28, -1.7), 0.5, 12),
    "rolling land": ((360, 360), 3.2e5, 5, 60, (0.5, 0.5, 0.3), 0.3, 0),
    "large": ((1480, 1560), 5e5, 20, 2500, (2.81, 1.15, -12.5), 3, 0),
}


def line(cells):
    return f"| {' | '.join(cells)} |"


def make(folder, random, shape, easting, pixel, relief, moved_by, noise, voids):
    """Makes heights and reference: a surface of waves of all lengths, which can be shifted exactly."""
    down, across = numpy.fft.fftfreq(shape[0])[:, None], numpy.fft.rfftfreq(shape[1])
    frequency = numpy.hypot(down, across)
    seen = (frequency > 0) & (frequency < 0.45)
    waves = numpy.fft.rfft2(random.normal(size=shape))
    waves *= numpy.where(seen, numpy.where(seen, frequency, 1) ** -2.2, 0)
    columns, rows, up = moved_by
    turn = numpy.exp(-2j * math.pi * (across * columns + down * rows))
    truth, moved = (numpy.fft.irfft2(z, shape) for z in (waves, waves * turn))
    scale = relief / numpy.ptp(truth)
    errors = noise * random.normal(size=shape) * numpy.where(random.random(shape) < 0.005, 30, 1)
    form = {"driver": "GTiff", "dtype": "float32", "count": 1, "nodata": -9999, "crs": "EPSG:32632"}
    form["transform"] = rasterio.transform.from_origin(easting, 5.2e6, pixel, pixel)
    paths = folder / "heights.tif", folder / "reference.tif"
    for path, z in zip(paths, (scale * moved + up + errors, scale * truth)):
        for _ in range(voids):
            row, column, height, width = random.integers((0, 0, 3, 3), (*shape, 30, 30))
            z[row : row + height, column : column + width] = -9999
        with rasterio.open(path, "w", **form, height=shape[0], width=shape[1]) as file:
            file.write(z.astype("float32"), 1)
    return paths


def alexnet(pretrained):
    """The layers that lpips takes from torchvision, which would need a build for this version of torch."""
    layers = [Conv2d(3, 64, 11, stride=4, padding=2), ReLU(), MaxPool2d(3, 2)]
    layers += [Conv2d(64, 192, 5, padding=2), ReLU(), MaxPool2d(3, 2)]
    for channels in [(192, 384), (384, 256), (256, 256)]:
        layers += [Conv2d(*channels, 3, padding=1), ReLU()]
    return types.SimpleNamespace(features=Sequential(*layers))


def perceptual_network(path):
    """The package's network with its own linear weights, and AlexNet's weights from a file."""
    sys.modules["torchvision"] = types.ModuleType("torchvision")
    sys.modules["torchvision"].models = types.SimpleNamespace(alexnet=alexnet)
    import lpips
    network = lpips.LPIPS(net="alex", pnet_rand=True, verbose=False).requires_grad_(False)
    ours, theirs, shipped = load_file(path), network.state_dict(), load_file(SHIPPED)
    for name in theirs:
        if name.startswith("net."):
            theirs[name].copy_(ours["features." + name.split(".", 2)[2]])
    channels = [name for name in shipped if name.startswith("lin")]
    apart = [(shipped[name] - theirs[name]).abs().max() / theirs[name].max() for name in channels]
    print(f"Largest difference of linear weights, ours and lpips's: {max(apart):.1e} of a layer's maximum")
    return network


def errors(figures, heights, reference):
    difference = (heights - reference).astype("float64")
    step = math.ceil(max(1, difference.size / SAMPLE) ** 0.5)
    sample = difference[::step, ::step]
    bias, rmse = numpy.nanmean(difference), estimators.rmse(difference)
    yield "bias, m", "NumPy", STATISTICS, figures["bias"], bias, rmse
    # xDEM's LE90 is the distance between two quantiles of the signed errors.
    le90 = estimators.linear_error(numpy.concatenate([sample, -sample])) / 2
    for name, value in [("rmse", rmse), ("nmad", estimators.nmad(sample)), ("le90", le90)]:
        yield f"{name.upper()}, m", "xDEM", STATISTICS, figures[name], value, value
    for name, value in zip(["le68", "le90"], numpy.nanquantile(abs(sample), [0.683, 0.9])):
        yield f"{name.upper()}, m", "NumPy", STATISTICS, figures[name], value, value


def pixel_on_ground(dem):
    """Returns the pixel size at the center on the ellipsoid; None unless square, as xDEM's slopes need it."""
    crs = pyproj.CRS(dem.crs)
    to_degrees = pyproj.Transformer.from_crs(crs, crs.geodetic_crs, always_xy=True)
    ends = [(-0.5, 0), (0.5, 0), (0, -0.5), (0, 0.5)]
    ends = [dem.transform * (dem.width / 2 + x, dem.height / 2 + y) for x, y in ends]
    x, y = to_degrees.transform(*zip(*ends))
    width, height = crs.get_geod().inv(x[::2], y[::2], x[1::2], y[1::2])[2]
    return (width + height) / 2 if abs(width / height - 1) < 1e-3 else None


def slopes(figures, pair, pixel):
    both = [xdem.terrain.slope(z, surface_fit="Horn", resolution=pixel) for z in pair]
    difference = both[0].astype("float64") - both[1]
    bias, rmse = numpy.nanmean(difference), estimators.rmse(difference)
    yield "slope bias, °", "xDEM", SLOPES, figures["slopeBias"], bias, rmse
    yield "slope RMSE, °", "xDEM", SLOPES, figures["slopeRMSE"], rmse, rmse


def shift(placement, heights, reference):
    fitted = xdem.coreg.NuthKaab(subsample=1).fit(reference, heights, random_state=42)
    found = fitted.meta["outputs"]["affine"]
    columns, rows = -found["shift_x"] / reference.res[0], found["shift_y"] / reference.res[1]
    ours = {"columns": math.nan, "rows": math.nan, "shift": math.nan} | placement
    yield "moved, columns", "xDEM", PIXELS, ours["columns"], columns, 1
    yield "moved, rows", "xDEM", PIXELS, ours["rows"], rows, 1
    yield "moved, m up", "xDEM", math.inf, -ours["shift"], -found["shift_z"], 1


def stretched(z):
    return numpy.rint((z - z.min()) / (z.max() - z.min()) * numpy.float32(255)).astype("uint8")


def similarity(metrics, heights, reference, network):
    """Yields the mean over whole images around the center, without those that contain voids."""
    sides = [min(SIDE, length) for length in reference.shape]
    starts = [range(n % m // 2, n - m + 1, m) for n, m in zip(reference.shape, sides)]
    found = []
    for row, column in product(*starts):
        window = slice(row, row + sides[0]), slice(column, column + sides[1])
        if numpy.isfinite(heights[window] + reference[window]).all():
            a, b = stretched(heights[window]), stretched(reference[window])
            images = [torch.from_numpy(z).expand(1, 3, *sides) / 127.5 - 1 for z in (a, b)]
            ssim, psnr = skimage.structural_similarity(a, b), skimage.peak_signal_noise_ratio(a, b)
            found.append((ssim, psnr, network(*images).item()))
    ssim, psnr, distance = numpy.mean(found, axis=0)
    yield "SSIM", "scikit-image", SSIM, metrics["ssim"], ssim, 1
    yield "PSNR, dB", "scikit-image", PSNR, metrics["psnr"], psnr, 1
    yield "LPIPS", "lpips", LPIPS, metrics["lpips"], distance, max(distance, 0.1)


def judge(programs, paths, network):
    dems = [xdem.DEM(str(path)) for path in paths]
    if not dems[0].georeferenced_grid_equal(dems[1]):
        sys.exit(f"judge.py: {paths[0]} and {paths[1]} are on different grids, expected the same grid")
    command = [programs / "relief", "evaluate", *paths, "--unit", "m", "--json"]
    result = subprocess.run(command, stdout=subprocess.PIPE, check=True)
    site = json.loads(result.stdout)["sites"][0]
    ours = [found for found in site["surfaces"] if found["fit"] == "as it is"]
    figures = {name: estimate["value"] for name, estimate in ours[0]["figures"].items()}
    z = numpy.stack([dem.data.astype("float32").filled(numpy.nan) for dem in dems])
    z[:, numpy.isnan(z).any(axis=0)] = numpy.nan
    yield from errors(figures, *z)
    if dems[0].crs.is_projected:
        if pixel := pixel_on_ground(dems[0]):
            yield from slopes(figures, z, pixel)
        yield from shift(ours[1]["placement"] if len(ours) > 1 else {}, *dems)
    if site["paper"]:
        yield from similarity(site["paper"][0]["metrics"], *z, network)


def main():
    form = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=form)
    names = ("HEIGHTS", "REFERENCE")
    parser.add_argument("--pair", nargs=2, action="append", default=[], metavar=names)
    parser.add_argument("--programs", type=Path, default=ROOT / ".build" / "release")
    parser.add_argument("--lpips-weights", type=Path, default=SHIPPED, metavar="FILE")
    options = parser.parse_args()
    network, random = perceptual_network(options.lpips_weights), numpy.random.default_rng(42)
    worst = {}
    with tempfile.TemporaryDirectory() as folder:
        for name in [*MADE, *options.pair]:
            made = MADE.get(name) if isinstance(name, str) else None
            paths = make(Path(folder), random, *made) if made else name
            print(f"\n{name}, moved by {made[4]}\n" if made else f"\n{' and '.join(name)}\n")
            print(line(["quantity", "tool", "ours", "theirs", "difference", "limit"]))
            print(line(["---"] * 2 + ["--:"] * 4))
            for *key, limit, ours, theirs, unit in judge(options.programs, paths, network):
                difference = numpy.nan_to_num(abs(ours - theirs) / unit, nan=math.inf)
                worst[*key, limit] = max(worst.get((*key, limit), 0), difference)
                cells = [f"{ours:.7g}", f"{theirs:.7g}", f"{difference:.1e}", f"{limit:.0e}"]
                print(line([*key, *cells]) + " ABOVE" * int(difference > limit), flush=True)
    print(f"\n{line(['quantity', 'tool', 'largest difference', 'limit'])}")
    print(line(["---"] * 2 + ["--:"] * 2))
    for (quantity, tool, limit), difference in worst.items():
        print(line([quantity, tool, f"{difference:.1e}", f"{limit:.0e}"]))
    if above := [f"{name} ({tool})" for (name, tool, limit), most in worst.items() if most > limit]:
        sys.exit(f"judge.py: difference above the limit: {', '.join(above)}")


if __name__ == "__main__":
    main()
