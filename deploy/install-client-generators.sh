#!/bin/sh
# Install the generators whose clients are tested against the gateway, and what these clients need, into FOLDER.
#
#   deploy/install-client-generators.sh FOLDER
#
# FOLDER becomes a Python environment of its own; openapi-generator brings its Java along. Exits 2 when called wrongly.
set -eu

if [ "$#" -ne 1 ]; then
    echo "usage: $0 FOLDER" >&2
    exit 2
fi

root=$(cd "$(dirname "$0")/.." && pwd)
python=${PYTHON:-python3}

test -x "$1/bin/python" || "$python" -m venv "$1"
"$1/bin/python" -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes \
    -r "$root/requirements-clients.lock"
