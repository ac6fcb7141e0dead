# The PostgreSQL half of quickstart.sh: servers, data, questions. Sourced after questions.sh and postgres.sh.
# Defines: postgres_start, postgres_load, postgres_protect, postgres_ask_all, postgres_count, postgres_next.
# shellcheck shell=bash

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
  owner_password=$(random_password)
  main_folder=$(server_folder shop-main postgres)
  silo_folder=$(server_folder shop-silo postgres)
  pg_start "$main_folder" "$main_port" "$super_password"
  pg_start "$silo_folder" "$silo_port" "$super_password"
}

postgres_load() {
  local port
  for port in "$main_port" "$silo_port"; do
    super "$port" postgres -v owner_password="$owner_password" -v app_password="$SHOP_APP_PASSWORD" -f "$shop/postgres/roles.sql"
  done
  owner "$main_port" shop -f "$shop/postgres/schema.sql"
  owner "$main_port" shop_schemas -f "$shop/postgres/bridge.sql"
  owner "$silo_port" shop -f "$shop/postgres/silo.sql"
}

postgres_protect() {
  PGPASSWORD=$owner_password "$fairlead" policy install --config "$config" --placement shared --as shop_owner
  "$fairlead" policy verify --config "$config" --placement shared
}

# postgres_ask USER SQL: as any client would, with psql
postgres_ask() {
  PGPASSWORD=$SHOP_CLIENT_PASSWORD PGCONNECT_TIMEOUT=10 "$pg_bin/psql" -X -v ON_ERROR_STOP=1 -h 127.0.0.1 \
    -p "$postgres_port" -U "$1" -d shop -At -F ' | ' -c "$2"
}

postgres_ask_all() { five_tenants postgres_ask "a schema of its own"; }

# How many connections Fairlead has open to a server, as that server sees it.
postgres_connections() { super "$1" postgres -At -c "SELECT count(*) FROM pg_stat_activity WHERE usename = 'fairlead_app'"; }

postgres_count() { many_clients postgresql "$postgres_port" postgres_connections "$main_port" "$silo_port"; }

postgres_next() {
  cat <<END

  Ask for yourself:
    PGPASSWORD=$SHOP_CLIENT_PASSWORD psql -h 127.0.0.1 -p $postgres_port -U app.tenant1 shop
    PGPASSWORD=$SHOP_CLIENT_PASSWORD psql -h 127.0.0.1 -p $postgres_port -U tenant1_app shop      # bound to tenant1
  Try to get out:    SELECT * FROM users;    SET fairlead.tenant = 'tenant2';    TRUNCATE users;
  What would happen: build/release/fairlead explain --config $config --tenant tenant1 "LISTEN news"
END
}
