"""Prints the table of a model card from the results of judge.sh: python3 card.py figures-0.csv [figures-6.csv …]

For each site the table lists the heights of each file (0 steps are coarse heights), fitted and
uncalibrated, then estimates without a network. NMAD, slopes and correlation come with the 95 % interval of
a block bootstrap; MAE and LPIPS are the paper's.
"""

import csv
import re
import sys

OTHERS = {"mean of the reference": " (oracle)", "plane": " (oracle)", "blurred luminance": ""}
COLUMNS = [("nmad", 1), ("slopeRMSE", 2), ("correlation", 2), ("mae255", 1), ("lpips", 3)]


def cell(row, name, decimals):
    if not row[name]:
        return "–"

    def text(key):
        return f"{float(row[key]):.{decimals}f}".replace("-", "−")

    interval = f" ({text(name + '_low')}…{text(name + '_high')})" if row.get(name + "_low") else ""
    return text(name) + interval


def line(site, title, row):
    return f"| {site} | {title} | " + " | ".join(cell(row, *column) for column in COLUMNS) + " |"


def title(path):
    steps = int(re.search(r"figures-(\d+)\.csv$", path)[1])
    return f"refined, T = {steps}" if steps else "coarse"


def main(paths):
    tables = {}
    for path in paths:
        with open(path) as file:
            tables[title(path)] = [
                row
                for row in csv.DictReader(file)
                if row["coregistered"] == "false" and row["fit"] != "as it is"
            ]
    print("| site | heights | NMAD m | slope RMSE ° | correlation < 5 km | MAE of 255 | LPIPS |")
    print("|---|---|--:|--:|--:|--:|--:|")
    first = next(iter(tables.values()))
    for site in dict.fromkeys(row["site"] for row in first):
        for name, rows in tables.items():
            own = [row for row in rows if row["site"] == site and row["surface"] == "heights"]
            for row in own:
                print(line(site, name, row))
        for row in first:
            if row["site"] == site and row["surface"] in OTHERS:
                print(line(site, row["surface"] + OTHERS[row["surface"]], row))


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    main(sys.argv[1:])
