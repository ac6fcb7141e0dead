# Private PostgreSQL servers: own data folder, own port on loopback, never the system's own. Sourced after common.sh.
# shellcheck shell=bash

pg_bin=${FAIRLEAD_PG_BIN:-/usr/lib/postgresql/15/bin}
pg_started=()

# PostgreSQL refuses to run as root, so root hands the data folder to user postgres; anybody else runs it as himself.
as_postgres() {
  if [ "$(id -u)" = 0 ]; then
    (cd / && runuser -u postgres -- "$@")
  else
    (cd / && "$@")
  fi
}

# pg_folder NAME: a new folder for a server's data, which user postgres can reach. Sources may lie where it cannot
# (a home directory), therefore not under build/.
pg_folder() {
  local folder
  folder=$(mktemp -d "${TMPDIR:-/tmp}/fairlead-$1.XXXXXX")
  chmod 711 "$folder"
  [ "$(id -u)" != 0 ] || chown postgres: "$folder"
  echo "$folder"
}

# pg_start FOLDER PORT SUPERUSER_PASSWORD: makes a cluster in FOLDER and starts it. Passwords everywhere on TCP.
pg_start() {
  local folder=$1 port=$2 password=$3 password_file
  [ -x "$pg_bin/initdb" ] || fail "no PostgreSQL 15 in $pg_bin; run scripts/install-deps.sh"
  password_file=$(mktemp "${TMPDIR:-/tmp}/fairlead-pw.XXXXXX")
  echo "$password" >"$password_file"
  [ "$(id -u)" != 0 ] || chown postgres: "$password_file"
  as_postgres "$pg_bin/initdb" -D "$folder/data" -U postgres -E UTF8 --locale=C.UTF-8 --no-sync --no-instructions \
    --auth-local=trust --auth-host=scram-sha-256 --pwfile="$password_file" >"$folder.initdb.log" 2>&1 ||
    { cat "$folder.initdb.log" >&2; rm -f "$password_file"; return 1; }
  rm -f "$password_file" "$folder.initdb.log"
  as_postgres "$pg_bin/pg_ctl" -D "$folder/data" -l "$folder/log" -w -t 60 -s \
    -o "-p $port -c listen_addresses=127.0.0.1 -c unix_socket_directories=$folder -c fsync=off -c full_page_writes=off -c synchronous_commit=off -c shared_buffers=64MB" start || {
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
