#!/usr/bin/env bash
# Builds the release products and fails on any warning from Covey's own sources.
set -eu
log=$(mktemp)
trap 'rm -f "$log"' EXIT
# Warnings are printed only when a file is compiled, so that Covey's own modules are compiled afresh.
touch Sources/*/*.swift Sources/*/*.c
swift build -c release 2>&1 | tee "$log" | grep -E '^\[|error:' || true
[ "${PIPESTATUS[0]}" -eq 0 ] || { cat "$log"; exit 1; }
if grep -E '^.*/Sources/.*(warning|error):|^warning:' "$log"; then
    echo "The release build has warnings." >&2
    exit 1
fi
