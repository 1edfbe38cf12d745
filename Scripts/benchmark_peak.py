"""Prints the gigaflops of a matrix product in double precision on one thread and on two: the peak that is in reach."""

import subprocess
import sys

PROGRAM = """
import time, numpy as np
a, b = np.random.rand(1500, 1500), np.random.rand(1500, 1500)
a @ b
times = []
for _ in range(9):
    start = time.perf_counter(); a @ b; times.append(time.perf_counter() - start)
print(2 * 1500**3 / sorted(times)[4] / 1e9)
"""
for threads in ["1", "2"]:
    variables = {"OPENBLAS_NUM_THREADS": threads, "MKL_NUM_THREADS": threads, "OMP_NUM_THREADS": threads}
    print(subprocess.run([sys.executable, "-c", PROGRAM], env=variables, check=True, capture_output=True, text=True).stdout.strip())
