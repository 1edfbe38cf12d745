#!/usr/bin/env bash
# Builds the library's documentation into .build/docs; open it with: python3 -m http.server -d .build/docs
set -eu
graphs=.build/symbol-graphs
rm -rf "$graphs" .build/docs && mkdir -p "$graphs"
swift package dump-symbol-graph --minimum-access-level public --skip-synthesized-members >/dev/null
for graph in $(find .build -path '*symbolgraph*' -name 'Covey*.symbols.json'); do
    case "$graph" in *Command*|*Benchmark*|*Calibration*|*Test*) ;; *) cp "$graph" "$graphs/" ;; esac
done
docc=$(command -v docc || xcrun --find docc)
"$docc" convert --additional-symbol-graph-dir "$graphs" --output-path .build/docs \
    --fallback-display-name Covey --fallback-bundle-identifier covey >.build/docs.log 2>&1 ||
    { tail -20 .build/docs.log >&2; exit 1; }
echo "documentation in .build/docs"
