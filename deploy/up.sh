#!/bin/sh
# Starts the whole system in containers and says where it is: WORKERS=n deploy/up.sh
set -eu
# As many workers as run already, unless a number is given.
running=$(docker compose ps --quiet worker 2>/dev/null | grep -c . || true)
[ "$running" -gt 0 ] || running=1

docker compose build
docker compose up --wait rabbitmq mongo
# A volume keeps the user of its first start, whatever the environment says now.
if ! problem=$(docker compose run --rm --no-deps -T gateway darkroom dead list </dev/null 2>&1); then
  case $problem in
  *ACCESS_REFUSED*)
    echo "RabbitMQ does not take this user and password: its volume was made with others. Give those again as" \
      "RABBITMQ_USER and RABBITMQ_PASSWORD, or set them in RabbitMQ (docs/operations.md, Passwords)." >&2 ;;
  *) echo "$problem" >&2 ;;
  esac
  exit 1
fi
docker compose up --wait --scale "worker=${WORKERS:-$running}"
echo "Management UI of RabbitMQ: http://$(docker compose port rabbitmq 15672)"
echo "Darkroom:                  http://$(docker compose port gateway 8000)  (documentation: /docs)"
