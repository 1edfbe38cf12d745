"""Times shuffles with Covey and with MRtrix3's mrclusterstats on the same maps, and compares their null maxima.

usage: benchmark_mrtrix.py FOLDER     (called by benchmark.sh, which prepares FOLDER)

Both test z at 6 neighbours: TFCE in steps of 0.1, or clusters at z >= 3.1. mrclusterstats: a run of some shuffles less
a run of one. Covey: the stage "shuffle". Where mrclusterstats takes permutations from a file (it takes no signs), both
then run the same ones and their maxima are compared row by row.
"""

import csv
import glob
import json
import os
import re
import shutil
import statistics
import subprocess
import sys
import time

import numpy as np

from benchmark_shuffles import CASES, prepare_table

KINDS = [
    ("TFCE", [], ["--tfce", "--tfce-step", "0.1"], 20, 1000, "tfce"),
    ("clusters", ["-threshold", "3.1"], ["--cluster-forming-height", "3.1"], 100, 1000, "extent"),
]


def write_rows(path, rows):
    with open(path, "w") as file:
        file.writelines(" ".join(str(x) for x in row) + "\n" for row in rows)


class Case:
    """One case of the comparison, on one cohort."""

    def __init__(self, work, case, table, path):
        self.name, self.model, self.contrast, self.exchange, _ = case
        self.table, self.path = table, path
        self.folder = f"{work}/mrtrix"
        # The mean first; a row of weights for each column that is tested.
        columns = [name for name in re.findall(r"\w+", self.model) if name != "1"]
        tested = re.findall(r"\w+", self.contrast.removeprefix("F:"))
        weights = [[int(name == row) for name in ["intercept", *columns]] for row in tested]
        write_rows(f"{self.folder}/design.txt", [[1, *row] for row in table[columns].to_numpy()])
        write_rows(f"{self.folder}/contrast.txt", weights)
        write_rows(f"{self.folder}/ftest.txt", [[1] * len(weights)])
        self.options = ["-errors", "ise"] if self.exchange == "flip" else []
        if len(weights) > 1:
            self.options += ["-ftests", f"{self.folder}/ftest.txt", "-fonly"]

    def theirs(self, options, threads):
        """Seconds of a run of mrclusterstats."""
        start = time.perf_counter()
        subprocess.run(
            ["mrclusterstats", "maps.txt", "design.txt", "contrast.txt", "mask.nii.gz", "theirs-", "-force", "-quiet",
             "-nthreads", str(threads), *self.options, *options], cwd=self.folder, check=True)
        return time.perf_counter() - start

    def ours(self, options, threads):
        """Seconds of the shuffles of a run of Covey."""
        subprocess.run(
            [".build/release/covey", "permute", self.path, "--model", self.model, "--contrast", self.contrast,
             "--tail", "greater", "--mask", f"{self.folder}/mask.nii.gz", "--scale", "z",
             "--connectivity", "6", "--threads", str(threads), "--overwrite", "--quiet",
             "--out", f"{self.folder}/ours", *options], check=True)
        with open(f"{self.folder}/ours/summary.json") as file:
            return json.load(file)["seconds"]["shuffle"]

    def time(self, kind):
        name, their_options, our_options, few, many, _ = kind
        times = []
        for threads in [1, 2]:
            options = [*our_options, "--exchange", self.exchange, "--n-perm", str(many)]
            ours = statistics.median(self.ours(options, threads) for _ in range(3)) / many
            theirs = (self.theirs([*their_options, "-nshuffles", str(few + 1)], threads)
                      - self.theirs([*their_options, "-nshuffles", "1"], threads)) / few
            times.append((1000 * ours, 1000 * theirs))
        (a, b), (c, d) = times
        print(f"{self.name}, {name}: covey {a:.3f} / {c:.3f}; mrclusterstats {b:.1f} / {d:.1f} "
              f"(x {b / a:.0f} / {d / c:.0f})", flush=True)

    def compare(self, kind):
        """Null maxima of the same permutations."""
        name, their_options, our_options, few, _, column = kind
        random = np.random.default_rng(1)
        n = len(self.table)
        orders = [np.arange(n)] + [random.permutation(n) for _ in range(few)]
        write_rows(f"{self.folder}/orders.txt", np.array(orders).T)
        write_rows(f"{self.folder}/rows.txt", orders)
        for old in glob.glob(f"{self.folder}/theirs-*"):
            os.remove(old)
        self.theirs([*their_options, "-permutations", f"{self.folder}/orders.txt"], 2)
        self.ours([*our_options, "--shuffles-from", f"{self.folder}/rows.txt", "--shuffles-convention", "data"], 2)
        (file,) = glob.glob(f"{self.folder}/theirs-*null_dist.txt")
        theirs = np.loadtxt(file, comments="#")
        (file,) = glob.glob(f"{self.folder}/ours/*_maxima.tsv")
        with open(file) as rows:
            table = list(csv.DictReader(rows, delimiter="\t"))
        (column,) = [name for name in table[0] if column in name]
        ours = np.array([float(row[column]) for row in table])
        difference = np.abs(ours - theirs) / np.maximum(1, np.abs(theirs))
        print(f"{self.name}, {name}: {len(theirs)} null maxima of the same permutations, greatest relative difference "
              f"{difference.max():.1e}", flush=True)


def main():
    work = os.path.abspath(sys.argv[1])
    if not shutil.which("mrclusterstats"):
        print("mrclusterstats (Debian: mrtrix3) is not installed: left out")
        return
    shutil.rmtree(f"{work}/mrtrix", ignore_errors=True)
    os.makedirs(f"{work}/mrtrix")
    table, path = prepare_table(work, f"{work}/cohort")
    write_rows(f"{work}/mrtrix/maps.txt", [[os.path.relpath(name, f"{work}/mrtrix")] for name in table["map"]])
    subprocess.run(
        [".build/release/covey", "mask", *table["map"], "--out", f"{work}/mrtrix/mask.nii.gz"],
        check=True, stdout=subprocess.DEVNULL)
    print(f"shuffles alone, {len(table)} subjects, one-sided, unsmoothed maps, ms per shuffle on 1 / 2 threads")
    for row in CASES:
        case = Case(work, row, table, path)
        for kind in KINDS:
            case.time(kind)
            if case.exchange == "permute":
                case.compare(kind)


if __name__ == "__main__":
    main()
