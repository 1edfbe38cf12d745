#!/usr/bin/env bash
# The synthetic cohort's association by MRtrix3's mrclusterstats and by Covey, in turn: TFCE at 6 neighbours and clusters,
# few shuffles, one and two threads; prints seconds per whole run.
# usage: Scripts/benchmark-mrtrix.sh FOLDER     (which holds cohort/)
set -eu
work=$(cd "$1" && pwd)
if ! command -v mrclusterstats > /dev/null; then
    echo "mrclusterstats (Debian: mrtrix3) is not installed: left out"
    exit 0
fi
covey=$(pwd)/.build/release/covey
out=$work/mrtrix
rm -rf "$out"
mkdir -p "$out"
"$work/python/bin/python" - "$work" "$out" << 'PY'
import sys
import pandas as pd
work, out = sys.argv[1:]
table = pd.read_csv(f"{work}/cohort/participants.tsv", sep="\t", na_values="n/a").dropna(subset=["pseudo"])
with open(f"{out}/maps.txt", "w") as file:
    # MRtrix reads the paths from the list's folder.
    file.writelines(f"../cohort/{name}\n" for name in table["map"])
with open(f"{out}/design.txt", "w") as file:
    file.writelines(f"1 {score}\n" for score in table["pseudo"])
open(f"{out}/contrast.txt", "w").write("0 1\n")
PY
cd "$out"
"$covey" mask $(cat maps.txt) --out "$out/mask.nii.gz" > /dev/null
seconds() {
    local start
    start=$(date +%s.%N)
    "$@" > run.log 2>&1 || { cat run.log >&2; exit 1; }
    echo "$(date +%s.%N) - $start" | bc
}
for threads in 1 2; do
    for kind in tfce clusters; do
        case $kind in
        tfce) theirs=(); ours=(--tfce --tfce-step 0.1) ;;
        clusters) theirs=(-threshold 3.1); ours=(--cluster-forming-height 3.1) ;;
        esac
        a=$(seconds mrclusterstats "$out/maps.txt" "$out/design.txt" "$out/contrast.txt" "$out/mask.nii.gz" \
            "$out/m-$kind-$threads-" -nshuffles 200 -nthreads "$threads" "${theirs[@]}" -force)
        b=$(seconds "$covey" permute "$work/cohort/participants.tsv" --model '~ pseudo' --drop-missing --contrast pseudo \
            --mask "$out/mask.nii.gz" --tail greater --scale z --connectivity 6 --n-perm 200 --threads "$threads" \
            "${ours[@]}" --out "$out/c-$kind-$threads" --quiet)
        echo "mrclusterstats, $kind, 200 shuffles, $threads thread(s): $a s; covey $b s; ratio $(echo "$a / $b" | bc -l | cut -c1-5)"
    done
done
