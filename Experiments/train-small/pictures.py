"""Makes the pictures of the README: python3 pictures.py REPORT.html SITE IMAGE BANDS DEM OUTPUT

For a site in a report of `relief evaluate --html`, OUTPUT gets SITE_image.jpg, SITE_heights.jpg and
SITE_reference.jpg: the image in the CRS of the reference DEM, and both hillshades of the report. BANDS are
the numbers of red, green and blue, such as 3,2,1. The program needs python3-gdal.
"""

import base64
import re
import sys
from pathlib import Path

from osgeo import gdal

gdal.UseExceptions()
WIDTH = 360


def write(dataset, path, **options):
    picture = gdal.Translate("", dataset, format="MEM", outputType=gdal.GDT_Byte, **options)
    gdal.Translate(
        str(path), picture, format="JPEG", width=WIDTH, resampleAlg="average",
        creationOptions=["QUALITY=80"],
    )
    path.with_name(path.name + ".aux.xml").unlink(missing_ok=True)


def shades(report, site):
    part = re.search(rf"<h2>{re.escape(site)}</h2>(.*?)(?=<h2>|\Z)", report, re.DOTALL)
    if not part:
        sys.exit(f"the report has no site {site}, expected the heading of one of its sites")
    for kind in "reference", "heights":
        picture = re.search(rf'base64,([^"]+)" alt="hillshade of the {kind}"', part[1])
        yield kind, base64.b64decode(picture[1])


def main(report, site, image, bands, dem, output):
    output.mkdir(parents=True, exist_ok=True)
    for kind, picture in shades(report.read_text(), site):
        gdal.FileFromMemBuffer("/vsimem/shade.png", picture)
        write(gdal.Open("/vsimem/shade.png"), output / f"{site}_{kind}.jpg", bandList=[1])
    reference = gdal.Open(dem)
    place = reference.GetGeoTransform()
    scene = gdal.Warp(
        "", image, format="MEM", dstSRS=reference.GetSpatialRef(), xRes=place[1], yRes=-place[5],
        resampleAlg="bilinear", dstNodata=0,
    )
    # Stretched from 1 to 99 % of all three bands together, which preserves colors.
    values = gdal.Translate("", scene, format="MEM", bandList=bands, width=WIDTH).ReadAsArray()
    values = sorted(values[:, (values != 0).all(axis=0)].ravel())
    low, high = values[len(values) // 100], values[len(values) * 99 // 100]
    write(
        scene, output / f"{site}_image.jpg", bandList=bands, noData="none",
        scaleParams=[[low, high, 0, 255]] * 3,
    )


if __name__ == "__main__":
    if len(sys.argv) != 7:
        sys.exit(__doc__)
    report, site, image, bands, dem, output = sys.argv[1:]
    main(Path(report), site, image, [int(band) for band in bands.split(",")], dem, Path(output))
