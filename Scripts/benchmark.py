"""Runs the reference analysis with Covey and with nilearn, in turn, and prints medians and ratios.

usage: benchmark.py REPEATS FOLDER     (called by benchmark.sh, which prepares FOLDER)
"""

import json
import os
import statistics
import subprocess
import sys
import time

SHUFFLES = 1000


def reference_analysis(folder, jobs, flips):
    """The reference example as nilearn's users write it; prints seconds per stage as JSON."""
    start = time.perf_counter()
    stages = {}

    def stage(name):
        nonlocal start
        now = time.perf_counter()
        stages[name] = now - start
        start = now

    import matplotlib

    matplotlib.use("Agg")
    import numpy as np
    import pandas as pd
    from nilearn.glm import threshold_stats_img
    from nilearn.glm.second_level import SecondLevelModel, non_parametric_inference
    from nilearn.image import get_data, math_img
    from nilearn.plotting import plot_stat_map

    stage("imports")
    table = pd.read_csv(f"{folder}/cohort/participants.tsv", sep="\t", na_values="n/a").dropna(subset=["pseudo"])
    maps = [f"{folder}/cohort/{name}" for name in table["map"]]
    design = pd.DataFrame({"fluency": table["pseudo"].to_numpy(), "intercept": 1.0})
    model = SecondLevelModel(smoothing_fwhm=5.0, n_jobs=jobs).fit(maps, design_matrix=design)
    stage("fit")
    z = model.compute_contrast("fluency", output_type="z_score")
    _, threshold = threshold_stats_img(z, alpha=0.05, height_control="fdr")
    stage("z and FDR")
    p = model.compute_contrast("fluency", output_type="p_value")
    voxels = int(np.sum(get_data(model.masker_.mask_img_)))
    corrected = math_img(f"-np.log10(np.minimum(1, img * {voxels}))", img=p)
    stage("p and Bonferroni")
    # With an intercept column nilearn flips signs; without it, it permutes labels.
    permuted = non_parametric_inference(
        maps,
        design_matrix=design if flips else design[["fluency"]],
        second_level_contrast="fluency",
        model_intercept=True,
        n_perm=SHUFFLES,
        two_sided_test=False,
        smoothing_fwhm=5.0,
        n_jobs=jobs,
        random_state=42,
    )
    stage("permutation")
    finite = threshold if np.isfinite(threshold) else 3.0
    for k, (image, level) in enumerate([(z, finite), (corrected, 1.0), (permuted, 1.0)]):
        plot_stat_map(image, threshold=level, cut_coords=(10, -5, 10), output_file=f"{folder}/nilearn{k}.png")
    stage("figures")
    print(json.dumps(stages))


def run(command):
    """Wall seconds, peak megabytes (largest process) and the last line printed."""
    began = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    output = process.stdout.read()
    _, status, usage = os.wait4(process.pid, 0)
    if status != 0:
        sys.exit(f"failed: {' '.join(command)}")
    return time.perf_counter() - began, usage.ru_maxrss / 1024, output


def covey(folder, threads, exchange):
    out = f"{folder}/covey-results"
    return run(
        [".build/release/covey", "analyze", f"{folder}/cohort/participants.tsv", "--model", "~ fluency",
         "--rename", "pseudo=fluency", "--drop-missing", "--smoothing-fwhm", "5", "--contrast", "fluency",
         "--tail", "greater", "--fdr", "0.05", "--bonferroni", "0.1", "--n-perm", str(SHUFFLES),
         "--exchange", exchange, "--seed", "42", "--cuts-mm", "10,-5,10", "--threads", str(threads),
         # nilearn's script makes no report.
         "--no-report", "--overwrite", "--quiet", "--out", out]
    )


def main():
    repeats, folder = int(sys.argv[1]), sys.argv[2]
    print(f"reference analysis: 89 of 94 subjects, {SHUFFLES} shuffles, medians of {repeats} runs in turn")
    for exchange in ["permute", "flip"]:
        for threads in [1, 2]:
            ours, theirs, stages = [], [], []
            for _ in range(repeats):
                ours.append(covey(folder, threads, exchange)[:2])
                with open(f"{folder}/covey-results/summary.json") as file:
                    seconds = json.load(file)["seconds"]
                wall, memory, output = run(
                    [sys.executable, __file__, "nilearn", folder, str(threads), str(int(exchange == "flip"))])
                theirs.append((wall, memory))
                stages.append(json.loads(output.strip().splitlines()[-1]))
            median = lambda values: statistics.median(values)
            a, b = median([x[0] for x in ours]), median([x[0] for x in theirs])
            ma, mb = median([x[1] for x in ours]), median([x[1] for x in theirs])
            print(f"\n{exchange}, {threads} thread(s)")
            print(f"  whole     covey {a:7.2f} s {ma:6.0f} MB   nilearn {b:7.2f} s {mb:6.0f} MB   "
                  f"speed x {b / a:.1f}, memory / {mb / ma:.1f}")
            permutation = median([s["permutation"] for s in stages])
            if "shuffle" in seconds:
                print(f"  shuffles  covey {seconds['shuffle']:7.3f} s           nilearn {permutation:7.2f} s"
                      f"             speed x {permutation / seconds['shuffle']:.1f}"
                      " (nilearn's includes its second load and smoothing)")
            print("  nilearn stages:", ", ".join(f"{k} {median([s[k] for s in stages]):.2f}" for k in stages[0]))
            print("  covey stages:  ", ", ".join(f"{k} {v:.3f}" for k, v in seconds.items()))


if len(sys.argv) > 1 and sys.argv[1] == "nilearn":
    reference_analysis(sys.argv[2], int(sys.argv[3]), sys.argv[4] == "1")
else:
    main()
