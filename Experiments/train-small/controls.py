"""Makes control heights: coarse heights with texture as strong as the refiner's detail, instead of that detail.

    python3 controls.py LIST COARSE REFINED OUTPUT     (needs python3-gdal and python3-numpy)

COARSE and REFINED are folders with NAME.tif for each test pair of the list. For each, OUTPUT gets
NAME_luminance.tif, coarse heights with the image's own detail, and NAME_random.tif, coarse heights with
noise that has the spectrum of the refiner's detail (refined minus coarse) and random phases. Both kinds of
detail have the same root mean square as the refiner's.
"""

import csv
import sys
import zlib
from pathlib import Path

import numpy as np
from osgeo import gdal

gdal.UseExceptions()

# The wavelength in pixels below which an image's features are detail: the Gaussian removes half of the amplitude there.
WAVELENGTH = 32


def read(path, bands=(1,)):
    """Returns the mean of some bands, NaN where a band has no data."""
    dataset = gdal.Open(str(path))
    layers = []
    for number in bands:
        band = dataset.GetRasterBand(number)
        values = band.ReadAsArray().astype(float)
        values[band.GetMaskBand().ReadAsArray() == 0] = np.nan
        layers.append(values)
    return np.mean(layers, axis=0)


def fine(values):
    """Returns a surface minus its broad features, by the Fourier transform of the mirrored surface, which has no edges."""
    level = np.nanmean(values)
    values = np.where(np.isnan(values), 0, values - level)
    rows, columns = values.shape
    whole = np.pad(values, ((0, rows), (0, columns)), mode="symmetric")
    frequencies = np.add.outer(np.fft.fftfreq(2 * rows) ** 2, np.fft.rfftfreq(2 * columns) ** 2)
    broad = np.exp(-np.log(2) * frequencies * WAVELENGTH**2)
    return values - np.fft.irfft2(np.fft.rfft2(whole) * broad, whole.shape)[:rows, :columns]


def shuffled(detail, seed):
    """Returns noise with the power spectrum of a detail."""
    known = np.where(np.isnan(detail), 0, detail)
    noise = np.fft.rfft2(np.random.default_rng(seed).standard_normal(detail.shape))
    return np.fft.irfft2(np.abs(np.fft.rfft2(known)) * noise / np.abs(noise), detail.shape)


def strength(values, where):
    return np.sqrt(np.mean(values[where] ** 2))


def write(path, like, values):
    copy = gdal.GetDriverByName("MEM").CreateCopy("", gdal.Open(str(like)))
    band = copy.GetRasterBand(1)
    if (nothing := band.GetNoDataValue()) is not None:
        values = np.where(np.isnan(values), nothing, values)
    band.WriteArray(values.astype(np.float32))
    gdal.GetDriverByName("GTiff").CreateCopy(str(path), copy, options=["COMPRESS=DEFLATE"])


def main(listed, coarse, refined, output):
    output.mkdir(parents=True, exist_ok=True)
    for pair in csv.DictReader(listed.open()):
        if pair["split"] != "test":
            continue
        name = pair["name"]
        base = read(coarse / f"{name}.tif")
        detail = read(refined / f"{name}.tif") - base
        bands = (1, 2, 3) if pair["bands"] == "-" else [int(band) for band in pair["bands"].split(";")]
        luminance = fine(read(listed.parent / pair["image"], bands))
        known = ~np.isnan(detail)
        goal = strength(detail, known)
        if np.sum(luminance[known] * detail[known]) < 0:
            luminance = -luminance
        random = shuffled(detail, zlib.crc32(name.encode()))
        for kind, texture in ("luminance", luminance), ("random", random):
            texture = texture * (goal / strength(texture, known))
            write(output / f"{name}_{kind}.tif", coarse / f"{name}.tif", base + texture)


if __name__ == "__main__":
    if len(sys.argv) != 5:
        sys.exit(__doc__)
    main(*map(Path, sys.argv[1:]))
