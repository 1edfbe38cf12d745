#!/usr/bin/env bash
# Installs the system packages Covey builds with, where they are missing. Does nothing where they are there.
# usage: Scripts/setup.sh [DEBIAN-PACKAGE...]    further packages that are wanted besides
set -eu
missing=()
if [ "$(uname)" = Darwin ]; then
    command -v brew >/dev/null || { echo "Homebrew is needed to install libdeflate and cairo: https://brew.sh" >&2; exit 1; }
    for package in libdeflate cairo pkg-config; do
        brew list --versions "$package" >/dev/null 2>&1 || missing+=("$package")
    done
    [ ${#missing[@]} -eq 0 ] || brew install "${missing[@]}"
    exit 0
fi
command -v dpkg-query >/dev/null || {
    echo "No dpkg here: install the development files of libdeflate, cairo and libcurl, pkg-config and the DejaVu fonts." >&2
    exit 0
}
for package in libdeflate-dev libcairo2-dev libcurl4-openssl-dev pkg-config fonts-dejavu-core "$@"; do
    dpkg-query -W -f='${Status}' "$package" 2>/dev/null | grep -q 'ok installed' || missing+=("$package")
done
[ ${#missing[@]} -eq 0 ] && exit 0
echo "Installing ${missing[*]}"
as_root=""
[ "$(id -u)" -eq 0 ] || as_root=sudo
$as_root apt-get update -qq
DEBIAN_FRONTEND=noninteractive $as_root apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
