#!/usr/bin/env bash
# Covey beside others on the same maps: whole programs in turn with nilearn (wall time, peak memory, ratios), shuffles
# alone with nilearn, TFCE map by map with the tfce package and nilearn, shuffles with MRtrix3's mrclusterstats where it
# can be installed, the share of the machine's peak, and the growth of Covey's own time.
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
"$work/python/bin/pip" install -q tfce || echo "the tfce package is not to be had: left out"
swift build -c release --product CoveyBenchmark
[ -d "$work/cohort" ] || .build/release/covey cohort synthesize --out "$work/cohort" --quiet
# As many voxels as a brain has at 2 mm; the template's own brain has fewer.
[ -d "$work/cohort-fine" ] || .build/release/covey cohort synthesize --spacing 1.88 --subjects 89 --missing 0 \
    --out "$work/cohort-fine" --quiet
command -v mrclusterstats >/dev/null || Scripts/setup.sh mrtrix3 || echo "MRtrix3 is not to be had: left out"
"$work/python/bin/python" Scripts/benchmark.py "$repeats" "$work"
"$work/python/bin/python" Scripts/benchmark_shuffles.py "$work"
mkdir -p "$work/maps"
.build/release/CoveyBenchmark trees "$work/maps" | tee "$work/trees.txt"
"$work/python/bin/python" Scripts/benchmark_maps.py "$work/maps" < "$work/trees.txt"
"$work/python/bin/python" Scripts/benchmark_mrtrix.py "$work"
.build/release/CoveyBenchmark $("$work/python/bin/python" Scripts/benchmark_peak.py)
.build/release/CoveyBenchmark engine
.build/release/CoveyBenchmark growth
.build/release/CoveyBenchmark contrasts
