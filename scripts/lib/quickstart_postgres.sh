# The PostgreSQL half of quickstart.sh: servers, data, questions. Sourced after common.sh and postgres.sh.
# Defines: postgres_start, postgres_load, postgres_protect, postgres_ask_all, postgres_count, postgres_next.
# shellcheck shell=bash

shop=$root/examples/shop

# super PORT DATABASE psql-arguments...: psql as the superuser of a private server
super() {
  local port=$1 database=$2
  shift 2
  PGPASSWORD=$super_password "$pg_bin/psql" -X -q -v ON_ERROR_STOP=1 -h 127.0.0.1 -p "$port" -U postgres -d "$database" "$@"
}
# owner PORT DATABASE psql-arguments...: psql as the role that owns the tables
owner() {
  local port=$1 database=$2
  shift 2
  PGPASSWORD=$owner_password "$pg_bin/psql" -X -q -v ON_ERROR_STOP=1 -h 127.0.0.1 -p "$port" -U shop_owner -d "$database" "$@"
}

postgres_start() {
  super_password=$(random_password)
  owner_password=$(random_password)
  SHOP_APP_PASSWORD=$(random_password)
  SHOP_CLIENT_PASSWORD=$(random_password)
  export SHOP_APP_PASSWORD SHOP_CLIENT_PASSWORD
  main_folder=$(pg_folder shop-main)
  silo_folder=$(pg_folder shop-silo)
  pg_start "$main_folder" "$main_port" "$super_password"
  pg_start "$silo_folder" "$silo_port" "$super_password"
}

postgres_load() {
  local port
  for port in "$main_port" "$silo_port"; do
    super "$port" postgres -v owner_password="$owner_password" -v app_password="$SHOP_APP_PASSWORD" -f "$shop/roles.sql"
  done
  owner "$main_port" shop -f "$shop/schema.sql"
  owner "$main_port" shop_schemas -f "$shop/bridge.sql"
  owner "$silo_port" shop -f "$shop/silo.sql"
}

postgres_protect() {
  PGPASSWORD=$owner_password "$fairlead" policy install --config "$config" --placement shared --as shop_owner
  "$fairlead" policy verify --config "$config" --placement shared
}

# ask USER SQL: as any client would, with psql
ask() {
  PGPASSWORD=$SHOP_CLIENT_PASSWORD PGCONNECT_TIMEOUT=10 "$pg_bin/psql" -X -v ON_ERROR_STOP=1 -h 127.0.0.1 \
    -p "$listen_port" -U "$1" -d shop -At -F ' | ' -c "$2"
}

# question USER WHERE-IT-LIVES SQL EXPECTED: asks, shows, and stops the script if the answer is another
question() {
  local user=$1 place=$2 sql=$3 expected=$4 answer
  answer=$(ask "$user" "$sql") || return 1
  say ""
  say "  $user ($place) asks:  $sql"
  if [ -n "$answer" ]; then sed 's/^/      /' <<<"$answer"; else say "      (no rows)"; fi
  [ "$answer" = "$expected" ] || { say "      EXPECTED: ${expected:-(no rows)}" >&2; return 1; }
}

postgres_ask_all() {
  local everybody="SELECT user_id, username FROM users"
  local first="$everybody WHERE tenant_id = 'tenant1'"
  question app.tenant1 "shared tables" "$first" $'1 | Suzuki\n2 | Sato'
  question app.tenant2 "shared tables" "$first" ''
  question app.tenant3 "shared tables" "$everybody" '1 | Yamada'
  question app.tenant4 "a schema of its own" "$everybody" '1 | Kobayashi'
  question app.tenant5 "a server of its own" "$everybody" $'1 | Ito\n2 | Watanabe'
}

# How many connections Fairlead has open to a server, as that server sees it.
postgres_connections() { super "$1" postgres -At -c "SELECT count(*) FROM pg_stat_activity WHERE usename = 'fairlead_app'"; }

metric_sum() { http_get "http://127.0.0.1:$admin_port/metrics" | awk -v name="$1" -v with="${2:-}" \
  'index($1, name "{") == 1 || $1 == name {if (with == "" || index($0, with)) sum += $NF} END {print sum + 0}'; }

postgres_count() {
  local clients=200 answered tenant dsns=() metric main silo
  for tenant in 1 2 3 4 5; do
    dsns+=("host=127.0.0.1 port=$listen_port user=app.tenant$tenant password=$SHOP_CLIENT_PASSWORD dbname=shop")
  done
  coproc crowd { exec "$python" "$shop/many_clients.py" "$clients" "${dsns[@]}"; }
  # shellcheck disable=SC2154  # crowd_PID is coproc's
  local crowd_pid=$crowd_PID
  read -r -t 60 answered <&"${crowd[0]}" || { say "the $clients clients did not all get an answer" >&2; return 1; }
  metric=$(metric_sum fairlead_client_connections)
  main=$(postgres_connections "$main_port")
  silo=$(postgres_connections "$silo_port")
  echo >&"${crowd[1]}"
  wait "$crowd_pid"
  say ""
  say "  $answered client connections, open at the same time, were served over $main + $silo server connections"
  say "  (pool_size 10 on the shared server, 5 on tenant5's; /metrics counts $metric clients)"
  [ "$answered" = "$clients" ] || return 1
  [ "$metric" -ge "$clients" ] || { say "  /metrics should count $clients clients" >&2; return 1; }
  # One more than pool_size on each: the estate probe has a connection of its own.
  [ "$main" -le 11 ] && [ "$silo" -le 6 ]
}

postgres_next() {
  cat <<END

  Ask for yourself:
    PGPASSWORD=$SHOP_CLIENT_PASSWORD psql -h 127.0.0.1 -p $listen_port -U app.tenant1 shop
    PGPASSWORD=$SHOP_CLIENT_PASSWORD psql -h 127.0.0.1 -p $listen_port -U tenant1_app shop      # bound to tenant1
  Try to get out:    SELECT * FROM users;    SET fairlead.tenant = 'tenant2';    TRUNCATE users;
  What would happen: build/release/fairlead explain --config $config --tenant tenant1 "LISTEN news"
END
}
