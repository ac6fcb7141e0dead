#!/usr/bin/env bash
# Installs what is missing, builds, starts private databases, loads examples/shop, and serves it until Ctrl-C.
#
#   scripts/quickstart.sh            # ends with what to try next, and stays up
#   scripts/quickstart.sh --check    # the same, every answer asserted; then stops everything and exits 0
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/lib/common.sh"
source "$root/scripts/lib/postgres.sh"
source "$root/scripts/lib/quickstart_postgres.sh"

check=no
case "${1:-}" in
  '') ;;
  --check) check=yes ;;
  -h | --help) sed -n '2,5p' "$0" | sed 's/^# \{0,1\}//'; exit 0 ;;
  *) fail "unknown option $1 (see --help)" ;;
esac

cd "$root"
mkdir -p build
work=$(mktemp -d "$root/build/quickstart.XXXXXX")
fairlead=$root/build/release/fairlead
config=$work/fairlead.toml
log=$work/fairlead.log
server=
current="start"

step() {
  current=$1
  say "== $1"
}

finish() {
  local status=$?
  trap - EXIT INT TERM
  if [ "$status" != 0 ]; then
    {
      say ""
      say "quickstart failed at the step: $current"
      if [ -s "$log" ]; then say "-- the end of fairlead's log:"; tail -n 25 "$log"; fi
      if [ -s "${main_folder:-/nowhere}/log" ]; then say "-- the end of PostgreSQL's log:"; tail -n 10 "$main_folder/log"; fi
    } >&2
  fi
  if [ -n "$server" ]; then
    kill -TERM "$server" 2>/dev/null || true
    wait_for 5 eval "! kill -0 $server" || kill -KILL "$server" 2>/dev/null || true
    wait "$server" 2>/dev/null || true
  fi
  pg_stop_all
  if [ "$status" = 0 ]; then rm -rf "$work"; else say "kept for a look: $work" >&2; fi
  exit "$status"
}
trap finish EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

# The default port when it is free, so that the example looks like the documentation; any free one otherwise.
port_or_free() {
  if [ "$check" = no ] && ! (: <"/dev/tcp/127.0.0.1/$1") 2>/dev/null; then echo "$1"; else free_ports 1; fi
}

# The example's configuration with the ports of this run.
write_config() {
  sed -e "s/127\.0\.0\.1:6432/127.0.0.1:$listen_port/" -e "s/127\.0\.0\.1:9127/127.0.0.1:$admin_port/" \
    -e "s/^port = 5432$/port = $main_port/" -e "s/^port = 5433$/port = $silo_port/" \
    examples/shop/fairlead.toml >"$config"
}

serve() {
  "$fairlead" serve --config "$config" >"$log" 2>&1 &
  server=$!
  wait_for 20 eval "! kill -0 $server || http_get http://127.0.0.1:$admin_port/readyz" || true
  kill -0 "$server" 2>/dev/null || { say "fairlead ended at once" >&2; return 1; }
  http_get "http://127.0.0.1:$admin_port/readyz" >/dev/null
}

step "install packages"
scripts/install-deps.sh base
step "build (the first time takes some minutes)"
scripts/build.sh release --target fairlead >"$work/build.log" 2>&1 || { tail -n 40 "$work/build.log" >&2; exit 1; }
[ -x "$fairlead" ] || fail "the build left no $fairlead"

{ read -r main_port; read -r silo_port; } < <(free_ports 2)
listen_port=$(port_or_free 6432)
admin_port=$(port_or_free 9127)

step "start two private PostgreSQL servers (ports $main_port and $silo_port)"
postgres_start
step "load the shop"
postgres_load
write_config
step "install and verify the row policies"
postgres_protect
step "serve on 127.0.0.1:$listen_port"
serve
step "five tenants ask"
postgres_ask_all
step "many clients, few connections"
postgres_count

if [ "$check" = yes ]; then
  step "stop"
  kill -TERM "$server"
  wait_for 35 eval "! kill -0 $server" || fail "fairlead did not end on SIGTERM"
  server=
  say "quickstart: all checks passed"
  exit 0
fi

step "what to try next"
postgres_next
say "  Metrics: http://127.0.0.1:$admin_port/metrics      Configuration: $config"
say "  README.md says more. Ctrl-C stops everything."
current="serving"
wait "$server"
