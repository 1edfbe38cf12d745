#!/usr/bin/env bash
# Covey beside nilearn, whole programs in turn on the same maps: wall time, peak memory and their ratios.
# usage: Scripts/benchmark.sh [REPEATS]
set -eu
repeats=${1:-3}
work=.build/benchmark
mkdir -p "$work"
if [ ! -x "$work/python/bin/python" ]; then
    echo "Installing nilearn 0.14.1 from PyPI into $work/python"
    python3 -m venv "$work/python"
    "$work/python/bin/pip" install -q nilearn==0.14.1 matplotlib
fi
[ -d "$work/cohort" ] || .build/release/covey cohort synthesize --out "$work/cohort" --quiet
"$work/python/bin/python" Scripts/benchmark.py "$repeats" "$work"
