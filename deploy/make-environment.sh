#!/bin/sh
# Makes the virtual environment FOLDER with the program PYTHON, unless a usable one is there:
#   deploy/make-environment.sh PYTHON FOLDER
# It is made beside its place and renamed when it is whole, so that what a failure leaves is never taken for one.
set -eu
python=$1 folder=$2 new=$2.new

fail() { echo "$*" >&2; exit 1; }

usable() { "$folder/bin/python" -c 'import sys, pip; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; }

usable && exit 0
[ ! -e "$folder" ] || [ -e "$folder/pyvenv.cfg" ] ||
  fail "$folder is there and is no virtual environment. Name another folder: make VENV=folder"
command -v "$python" >/dev/null ||
  fail "There is no $python. Install Python 3.11 or newer (Debian, Ubuntu: sudo apt install python3 python3-venv)," \
    "or name yours: make PYTHON=program"
version=$("$python" -c 'import sys; print("%d.%d" % sys.version_info[:2])')
"$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' ||
  fail "Darkroom needs Python 3.11 or newer, and $python is $version. Name a newer one: make PYTHON=program"
"$python" -c 'import ensurepip, venv' 2>/dev/null ||
  fail "$python cannot make virtual environments. Debian, Ubuntu: sudo apt install python$version-venv; then run make again."

echo "Setting up $folder (once)"
trap 'rm -rf "$new"' EXIT
trap 'exit 1' HUP INT TERM
rm -rf "$new"
"$python" -m venv "$new" || fail "$python could not make a virtual environment. Run make again when that is mended."
# The scripts in it name the place in which they were made.
place=$(cd "$new" && pwd)
for script in "$new"/bin/* "$new"/pyvenv.cfg; do
  if [ -f "$script" ] && [ ! -L "$script" ] && grep -qI "$place" "$script"; then
    sed "s|$place|${place%.new}|g" "$script" >"$new/script" && cat "$new/script" >"$script"
  fi
done
rm -rf "$new/script" "$folder"
mv "$new" "$folder"
