"""Times TFCE of the `tfce` package and of nilearn on the maps that CoveyBenchmark wrote, and prints ratios.

usage: benchmark_maps.py FOLDER < output of `CoveyBenchmark trees FOLDER`
"""

import re
import statistics
import sys
import time

import numpy as np


def median_milliseconds(function, maps, repeats):
    times = []
    for _ in range(repeats):
        start = time.perf_counter()
        function()
        times.append(time.perf_counter() - start)
    return 1000 * statistics.median(times) / maps


def main():
    folder = sys.argv[1]
    ours = {}
    for line in sys.stdin:
        found = re.match(r"trees (\S+) voxels (\d+) neighbours (\d+) .*? tfce (\S+) tfce-2-threads (\S+)", line)
        if found:
            ours[found[1], int(found[3])] = float(found[4]), float(found[5])
    for name in ["50k", "230k"]:
        shape = [int(n) for n in open(f"{folder}/{name}.shape").read().split()]
        maps = np.fromfile(f"{folder}/{name}.float32", dtype=np.float32).reshape([*shape, -1], order="F")
        count = maps.shape[3]
        for connectivity in [6, 18, 26]:
            mine = ours[name, connectivity]
            parts = [f"TFCE {name}, {connectivity} neighbours, two-sided, ms per map: covey {mine[0]:.2f} / {mine[1]:.2f}"]
            try:
                import tfce

                for jobs, own in [(1, mine[0]), (2, mine[1])]:
                    run = lambda: tfce.tfce(maps, connectivity=connectivity, two_sided=True, n_jobs=jobs)
                    run()
                    theirs = median_milliseconds(run, count, 5)
                    parts.append(f"tfce package, {jobs} thread(s), {theirs:.2f} (x {theirs / own:.1f})")
            except ImportError:
                parts.append("tfce package not installed")
            from nilearn.mass_univariate._utils import calculate_tfce
            from scipy.ndimage import generate_binary_structure

            structure = generate_binary_structure(3, {6: 1, 18: 2, 26: 3}[connectivity])
            few = np.ascontiguousarray(maps[..., :2], dtype=np.float64)
            theirs = median_milliseconds(lambda: calculate_tfce(few, structure, two_sided_test=True), 2, 1)
            parts.append(f"nilearn {theirs:.0f} (x {theirs / mine[0]:.0f})")
            print("; ".join(parts), flush=True)


main()
