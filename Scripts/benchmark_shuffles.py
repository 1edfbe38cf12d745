"""Times the shuffles alone, with Covey and with nilearn's permuted_ols, on the same maps, mask and smoothing.

usage: benchmark_shuffles.py FOLDER     (called by benchmark.sh, which prepares FOLDER)

Covey: the stage "shuffle" of whole runs, which leaves out reading and fitting. nilearn: its call on arrays in memory
(one job), less the same call with a single shuffle. Milliseconds per shuffle on one core and on two, of both: nilearn's
matrix products use as many as they are given.
"""

import json
import os
import statistics
import subprocess
import sys
import time
import warnings

import numpy as np
import pandas as pd

CONFOUNDS = ["c1", "c2", "c3", "c4"]
# name, model, contrast, exchange, nilearn's columns (tested, confounds)
CASES = [
    ("association", "~ pseudo", "pseudo", "permute", ("pseudo", [])),
    ("sign flips", "~ 1", "intercept", "flip", (None, [])),
    ("four confounds", "~ pseudo + " + " + ".join(CONFOUNDS), "pseudo", "permute", ("pseudo", CONFOUNDS)),
    ("F of rank 3", "~ pseudo + c1 + c2", "F: pseudo; c1; c2", "permute", None),
]
# name, Covey's options and shuffles, nilearn's options and shuffles
KINDS = [
    ("voxels", [], 10_000, {}, 200),
    ("clusters", ["--cluster-forming-p", "0.001"], 1000, {"threshold": 0.001}, 20),
    ("TFCE", ["--tfce", "--connectivity", "6"], 1000, {"tfce": True}, 4),
    ("TFCE, two thresholds, extents, masses",
     ["--tfce", "--connectivity", "6", "--cluster-forming-p", "0.001", "--cluster-forming-p", "0.01"], 1000, None, 0),
]


def covey(folder, table, case, options, shuffles, threads):
    """Milliseconds per shuffle: the median of three runs."""
    _, model, contrast, exchange, _ = case
    out = f"{folder}/shuffles"
    times = []
    for _ in range(3):
        subprocess.run(
            [".build/release/covey", "permute", table, "--model", model, "--contrast", contrast, "--tail", "greater",
             "--smoothing-fwhm", "5", "--exchange", exchange, "--n-perm", str(shuffles), "--threads", str(threads),
             "--overwrite", "--quiet", "--out", out, *options], check=True)
        with open(f"{out}/summary.json") as file:
            times.append(json.load(file)["seconds"]["shuffle"])
    return 1000 * statistics.median(times) / shuffles


def nilearn(arrays, masker, case, options, shuffles, cores):
    """Milliseconds per shuffle, what a call costs besides left out."""
    from nilearn.mass_univariate import permuted_ols
    from threadpoolctl import threadpool_limits

    tested, confounds = case[4]
    ones = np.ones((len(arrays["maps"]), 1))

    def seconds(count):
        start = time.perf_counter()
        permuted_ols(
            ones if tested is None else arrays["table"][[tested]].to_numpy(), arrays["maps"],
            confounding_vars=arrays["table"][confounds].to_numpy() if confounds else None,
            model_intercept=tested is not None, n_perm=count, two_sided_test=False, random_state=1, n_jobs=1,
            masker=masker, **options)
        return time.perf_counter() - start

    with threadpool_limits(cores):
        seconds(1)
        return 1000 * (seconds(shuffles + 1) - min(seconds(1), seconds(1))) / shuffles


def prepare_table(work, cohort):
    """The cohort's table without missing scores, with made-up confounds, and where it was written."""
    table = pd.read_csv(f"{cohort}/participants.tsv", sep="\t", na_values="n/a").dropna(subset=["pseudo"])
    random = np.random.default_rng(1)
    table["map"] = [f"{cohort}/{name}" for name in table["map"]]
    for name in CONFOUNDS:
        table[name] = random.normal(size=len(table))
    path = f"{work}/confounds.tsv"
    table.to_csv(path, sep="\t", index=False)
    return table, path


def compare(work, cohort, cases, kinds):
    """Prints a line for each case and kind of inference on one cohort."""
    from nilearn.maskers import NiftiMasker

    table, path = prepare_table(work, cohort)
    covey(work, path, CASES[0], [], 1, 1)
    masker = NiftiMasker(f"{work}/shuffles/mask.nii.gz", smoothing_fwhm=5).fit()
    maps = np.vstack([masker.transform(name) for name in table["map"]])
    arrays = {"maps": maps, "table": table}
    print(f"shuffles alone, {maps.shape[0]} subjects, {maps.shape[1]} voxels, one-sided, ms per shuffle on 1 / 2 cores")
    for case in cases:
        for name, options, shuffles, theirs, few in kinds:
            ours = [covey(work, path, case, options, shuffles, threads) for threads in [1, 2]]
            line = f"{case[0]}, {name}: covey {ours[0]:.3f} / {ours[1]:.3f} (x {ours[0] / ours[1]:.2f})"
            if case[4] and theirs is not None:
                other = [nilearn(arrays, masker, case, theirs, few, cores) for cores in [1, 2]]
                ratios = " / ".join(f"{b / a:.0f}" for a, b in zip(ours, other))
                line += f"; nilearn {other[0]:.2f} / {other[1]:.2f} (x {ratios})"
            print(line, flush=True)


def main():
    warnings.simplefilter("ignore")
    work = os.path.abspath(sys.argv[1])
    compare(work, f"{work}/cohort", CASES, KINDS)
    compare(work, f"{work}/cohort-fine", CASES[:2], [
        ("voxels", [], 2000, {}, 50),
        *[(f"TFCE, {n} neighbours", ["--tfce", "--connectivity", str(n)], 400, {"tfce": True} if n == 6 else None, 2)
          for n in [6, 18, 26]],
    ])


if __name__ == "__main__":
    main()
