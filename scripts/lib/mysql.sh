# Private MariaDB servers: own data folder, own port on loopback, never the system's own. Sourced after servers.sh.
# shellcheck shell=bash

mariadbd=${FAIRLEAD_MARIADBD:-/usr/sbin/mariadbd}
mysql_started=()  # process ids
mysql_folders=()

# Prints an installed data folder to copy, which is made once (it takes seconds), whoever comes first: this script, the
# tests, or the benchmark.
mysql_template() {
  local template=$root/build/mariadb-template work
  mkdir -p "$root/build"
  (
    flock 9
    [ ! -d "$template" ] || exit 0
    work=$(server_folder template mysql)
    (as_user mysql mariadb-install-db --no-defaults --datadir="$work/data" --skip-test-db --innodb-log-file-size=4M \
      --auth-root-authentication-method=normal) >"$work/log" 2>&1 || { cat "$work/log" >&2; exit 1; }
    rm -rf "$template.new"
    cp -r "$work/data" "$template.new"
    mv "$template.new" "$template"
    rm -rf "$work"
  ) 9>"$template.lock" || return 1
  echo "$template"
}

# mysql_start FOLDER PORT ADMINISTRATOR_PASSWORD: makes a server in FOLDER and starts it. Passwords everywhere.
mysql_start() {
  local folder=$1 port=$2 password=$3 socket=$1/socket
  [ -x "$mariadbd" ] || fail "no MariaDB server at $mariadbd; run scripts/install-deps.sh"
  mysql_folders+=("$folder")
  [ ${#socket} -lt 100 ] || socket=$(mktemp -u "${TMPDIR:-/tmp}/fairlead-mysql.XXXXXX")  # a unix socket's path is short
  cp -r "$(mysql_template)" "$folder/data"
  [ "$(id -u)" != 0 ] || chown -R mysql: "$folder/data"
  (as_user mysql "$mariadbd" --no-defaults --datadir="$folder/data" --socket="$socket" --port="$port" \
    --bind-address=127.0.0.1 --skip-name-resolve --skip-log-bin --innodb-buffer-pool-size=64M --innodb-log-file-size=4M \
    --innodb-flush-log-at-trx-commit=0 --pid-file="$folder/pid" --log-error="$folder/log") </dev/null >/dev/null 2>&1 &
  mysql_started+=($!)
  wait_for 60 mariadb --no-defaults -S "$socket" -u root -e 'SELECT 1' || { tail -n 30 "$folder/log" >&2; return 1; }
  mariadb --no-defaults -S "$socket" -u root -e "
    GRANT ALL ON *.* TO root@'127.0.0.1' IDENTIFIED BY '$password' WITH GRANT OPTION;
    ALTER USER root@localhost IDENTIFIED BY '$password';"
}

# Stops what this script started and removes its folders; for an EXIT trap.
mysql_stop_all() {
  local folder pid
  for pid in "${mysql_started[@]}"; do kill -KILL "$pid" 2>/dev/null || true; done
  for pid in "${mysql_started[@]}"; do wait "$pid" 2>/dev/null || true; done
  for folder in "${mysql_folders[@]}"; do rm -rf "$folder"; done
  mysql_started=()
  mysql_folders=()
}
