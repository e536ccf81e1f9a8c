#!/bin/sh
# Install what a lock names, and nothing else, into FOLDER, which becomes a Python environment of its own:
#
#   deploy/install-locked.sh LOCK FOLDER
#
# LOCK is a file beside this folder, such as requirements-clients.lock. Exits 2 when called wrongly.
set -eu

if [ "$#" -ne 2 ]; then
    echo "usage: $0 LOCK FOLDER" >&2
    exit 2
fi

test -x "$2/bin/python" || "${PYTHON:-python3}" -m venv "$2"
"$2/bin/python" -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes \
    -r "$(dirname "$0")/../$1"
