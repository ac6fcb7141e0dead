#!/usr/bin/env bash
# Installs what is missing, builds, starts private databases, loads examples/shop, and serves it until Ctrl-C.
#
#   scripts/quickstart.sh            # ends with what to try next, and stays up
#   scripts/quickstart.sh --check    # the same, every answer asserted; then stops everything and exits 0
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/lib/common.sh"
source "$root/scripts/lib/servers.sh"
source "$root/scripts/lib/questions.sh"
source "$root/scripts/lib/postgres.sh"
source "$root/scripts/lib/mysql.sh"
source "$root/scripts/lib/quickstart_postgres.sh"
source "$root/scripts/lib/quickstart_mysql.sh"

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
      if [ -s "${mysql_main_folder:-/nowhere}/log" ]; then say "-- the end of MariaDB's log:"; tail -n 10 "$mysql_main_folder/log"; fi
    } >&2
  fi
  if [ -n "$server" ]; then
    kill -TERM "$server" 2>/dev/null || true
    wait_for 5 eval "! kill -0 $server" || kill -KILL "$server" 2>/dev/null || true
    wait "$server" 2>/dev/null || true
  fi
  pg_stop_all
  mysql_stop_all
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
  sed -e "s/127\.0\.0\.1:6432/127.0.0.1:$postgres_port/" -e "s/127\.0\.0\.1:6033/127.0.0.1:$mysql_port/" \
    -e "s/127\.0\.0\.1:9127/127.0.0.1:$admin_port/" \
    -e "s/^port = 5432$/port = $main_port/" -e "s/^port = 5433$/port = $silo_port/" \
    -e "s/^port = 3306$/port = $mysql_main_port/" -e "s/^port = 3307$/port = $mysql_silo_port/" \
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

drivers=(mysql_ask pymysql_ask mysql2_ask)
if ! scripts/node-deps.sh >"$work/node.log" 2>&1; then
  [ "$check" = no ] || { tail -n 5 "$work/node.log" >&2; exit 1; }
  say "no node driver (npm: see tests/interop/node), so mysql2 is left out"
  drivers=(mysql_ask pymysql_ask)
fi

for name in main_port silo_port mysql_main_port mysql_silo_port; do read -r "${name?}"; done < <(free_ports 4)
postgres_port=$(port_or_free 6432)
mysql_port=$(port_or_free 6033)
admin_port=$(port_or_free 9127)
super_password=$(random_password)
SHOP_APP_PASSWORD=$(random_password)
SHOP_CLIENT_PASSWORD=$(random_password)
export SHOP_APP_PASSWORD SHOP_CLIENT_PASSWORD

step "start two private PostgreSQL servers (ports $main_port and $silo_port)"
postgres_start
step "start two private MariaDB servers (ports $mysql_main_port and $mysql_silo_port)"
mysql_start_all
step "load the shop"
postgres_load
mysql_load
write_config
step "install and verify the row policies of PostgreSQL"
postgres_protect
step "serve PostgreSQL on 127.0.0.1:$postgres_port and MariaDB on 127.0.0.1:$mysql_port"
serve
step "PostgreSQL: five tenants ask"
postgres_ask_all
order=100
for driver in "${drivers[@]}"; do
  step "MariaDB: five tenants ask, by $driver"
  mysql_ask_all "$driver"
  step "MariaDB: what the row filters do, by $driver"
  mysql_show_rules "$driver" $((order += 1))
done
step "many clients, few connections: PostgreSQL"
postgres_count
step "many clients, few connections: MariaDB"
mysql_count

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
mysql_next
say "  Metrics: http://127.0.0.1:$admin_port/metrics      Configuration: $config"
say "  README.md says more. Ctrl-C stops everything."
current="serving"
wait "$server"
