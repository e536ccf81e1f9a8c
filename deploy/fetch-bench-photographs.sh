#!/bin/sh
# Fetch real photographs for benches from packages of Debian 12 and 13 (74 MB; no root needed).
#
#   deploy/fetch-bench-photographs.sh CACHE_FOLDER
#
# Afterwards CACHE_FOLDER/photographs/ holds JPEGs of 12 to 20 megapixels as their authors published them, and
# CACHE_FOLDER/licences/ says on which terms (CC BY, CC BY-SA, CC0, GPL: for measuring, not for shipping).
# What is there already is not fetched again. Exits 1 when a package cannot be had, 2 when called wrongly.
set -eu

if [ "$#" -ne 1 ]; then
    echo "usage: $0 CACHE_FOLDER" >&2
    exit 2
fi

mkdir -p "$1/photographs" "$1/licences"
cache=$(cd "$1" && pwd)
work=$(mktemp -d "$cache/fetching.XXXXXX")
trap 'rm -rf "$work"' EXIT

# fetch PACKAGE FILE...: the files' paths are relative to /usr/share/backgrounds.
fetch() {
    package=$1
    shift
    # The licence is put there last, so it tells a finished fetch from one cut short.
    [ -s "$cache/licences/$package" ] && return
    # apt's own user, to which root steps down to download, may not write here.
    if ! (cd "$work" && apt-get download -q -o APT::Sandbox::User=root "$package"); then
        echo "$package could not be fetched; 'apt-get update' (as root) renews the list of packages" >&2
        exit 1
    fi
    dpkg -x "$work/$package"_*.deb "$work/$package"
    for file in "$@"; do
        mv "$work/$package/usr/share/backgrounds/$file" "$cache/photographs/"
    done
    mv "$work/$package/usr/share/doc/$package/copyright" "$cache/licences/$package"
}

fetch lomiri-wallpapers-16.04 \
    Dragonfly_by_Bolly.jpg seeding_by_Clements_Engelhardt.jpg sunset_by_Aitzol_Berasategi.jpg
fetch lomiri-wallpapers-20.04 Kleiber_by_Lukas_Baubkus.jpg
# The only one straight from its camera: 16 MB, EXIF and all.
fetch mate-backgrounds mate/abstract/Elephants_5640x3172.jpg

ls -l "$cache/photographs"
