#!/bin/sh
# Install what the image engine is measured against: libvips from the system, pyvips and Thumbor into FOLDER.
#
#   deploy/install-bench-engines.sh FOLDER
#
# FOLDER becomes a Python environment of its own, since Thumbor wants an older Pillow. Exits 1 when libvips is missing
# and cannot be installed, 2 when called wrongly.
set -eu

if [ "$#" -ne 1 ]; then
    echo "usage: $0 FOLDER" >&2
    exit 2
fi

root=$(cd "$(dirname "$0")/.." && pwd)
python=${PYTHON:-python3}

if ! ldconfig -p | grep -q 'libvips\.so\.42'; then
    if [ "$(id -u)" -ne 0 ]; then
        echo "libvips is missing: install it as root with 'apt-get install libvips42'" >&2
        exit 1
    fi
    apt-get update -qq
    apt-get install -qq -y --no-install-recommends libvips42 >/dev/null
fi

test -x "$1/bin/python" || "$python" -m venv "$1"
"$1/bin/python" -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes \
    -r "$root/requirements-bench.lock"
