# Private PostgreSQL servers: own data folder, own port on loopback, never the system's own. Sourced after servers.sh.
# shellcheck shell=bash

pg_bin=${FAIRLEAD_PG_BIN:-/usr/lib/postgresql/15/bin}
pg_started=()

as_postgres() { (as_user postgres "$@"); }

# pg_start FOLDER PORT SUPERUSER_PASSWORD: makes a cluster in FOLDER and starts it. Passwords everywhere on TCP.
pg_start() {
  local folder=$1 port=$2 password=$3 password_file socket_folder=$1
  [ -x "$pg_bin/initdb" ] || fail "no PostgreSQL 15 in $pg_bin; run scripts/install-deps.sh"
  password_file=$(mktemp "${TMPDIR:-/tmp}/fairlead-pw.XXXXXX")  # mktemp: readable by its owner only
  echo "$password" >"$password_file"
  [ "$(id -u)" != 0 ] || chown postgres: "$password_file"
  as_postgres "$pg_bin/initdb" -D "$folder/data" -U postgres -E UTF8 --locale=C.UTF-8 --no-sync --no-instructions \
    --auth-local=trust --auth-host=scram-sha-256 --pwfile="$password_file" >"$folder.initdb.log" 2>&1 ||
    { cat "$folder.initdb.log" >&2; rm -f "$password_file"; return 1; }
  rm -f "$password_file" "$folder.initdb.log"
  [ ${#folder} -lt 80 ] || socket_folder=  # the path of a unix socket has at most 107 bytes
  as_postgres "$pg_bin/pg_ctl" -D "$folder/data" -l "$folder/log" -w -t 60 -s \
    -o "-p $port -c listen_addresses=127.0.0.1 -c unix_socket_directories=$socket_folder -c fsync=off -c full_page_writes=off -c synchronous_commit=off -c shared_buffers=64MB" start || {
    tail -n 30 "$folder/log" >&2
    return 1
  }
  pg_started+=("$folder")
}

# Stops what this script started and removes its folders; for an EXIT trap.
pg_stop_all() {
  local folder
  for folder in "${pg_started[@]}"; do
    as_postgres "$pg_bin/pg_ctl" -D "$folder/data" -m immediate -w -s stop >/dev/null 2>&1 || true
    rm -rf "$folder"
  done
  pg_started=()
}
