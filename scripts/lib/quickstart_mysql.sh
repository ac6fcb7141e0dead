# The MariaDB half of quickstart.sh: servers, data, questions. Sourced after questions.sh and mysql.sh.
# Defines: mysql_start_all, mysql_load, mysql_ask_all, mysql_show_rules, mysql_count, mysql_next.
# shellcheck shell=bash

# administrator PORT mariadb-arguments...
administrator() {
  local port=$1
  shift
  MYSQL_PWD=$super_password mariadb --no-defaults -h 127.0.0.1 -P "$port" -u root "$@"
}

mysql_start_all() {
  mysql_main_folder=$(server_folder shop-mysql-main mysql)
  mysql_silo_folder=$(server_folder shop-mysql-silo mysql)
  mysql_start "$mysql_main_folder" "$mysql_main_port" "$super_password"
  mysql_start "$mysql_silo_folder" "$mysql_silo_port" "$super_password"
}

mysql_load() {
  local port
  for port in "$mysql_main_port" "$mysql_silo_port"; do
    administrator "$port" < <(echo "SET @app_password = '$SHOP_APP_PASSWORD';" && cat "$shop/mysql/accounts.sql")
  done
  administrator "$mysql_main_port" shop <"$shop/mysql/schema.sql"
  administrator "$mysql_main_port" <"$shop/mysql/bridge.sql"
  administrator "$mysql_silo_port" shop <"$shop/mysql/silo.sql"
}

# Three clients that know nothing of Fairlead. Each prints rows as "1 | Suzuki", or the error.

mysql_ask() {
  { MYSQL_PWD=$SHOP_CLIENT_PASSWORD mariadb --no-defaults -h 127.0.0.1 -P "$mysql_port" -u "$1" -N -B --connect-timeout=10 \
    shop -e "$2" 2>&1 || true; } | sed 's/\t/ | /g'  # an error is an answer, too: its text is compared
}
pymysql_ask() { "$python" "$shop/mysql/ask.py" "$mysql_port" "$1" "$2"; }
mysql2_ask() { NODE_PATH=$root/build/node/node_modules node "$shop/mysql/ask.js" "$mysql_port" "$1" "$2"; }

mysql_ask_all() { five_tenants "$1" "a database of its own"; }

# What the row filters do to statements that forgot the tenant, or would reach beyond it.
mysql_show_rules() {
  local ask=$1 order=$2
  question "$ask" app.tenant1 "a forgotten WHERE" "SELECT count(*), min(tenant_id), max(tenant_id) FROM coupons" \
    '1 | tenant1 | tenant1'
  question "$ask" app.tenant2 "no tenant column" "INSERT INTO users (user_id, username) VALUES ($order, 'Kato')" ''
  question "$ask" app.tenant2 "it got it" "SELECT tenant_id, username FROM users WHERE user_id = $order" 'tenant2 | Kato'
  question "$ask" app.tenant1 "and nobody else has it" "SELECT username FROM users WHERE user_id = $order" ''
  question "$ask" app.tenant1 "would take tenant2's row" "REPLACE INTO coupons (code, percent) VALUES ('AUTUMN', 99)" \
    '*ERROR 1235*REPLACE*coupons*\[rule upsert-unique-key\]*'
  [ "$(administrator "$mysql_main_port" -N -B shop -e "SELECT tenant_id, percent FROM coupons WHERE code = 'AUTUMN'")" = \
    $'tenant2\t20' ] || { say "      the refused REPLACE had an effect" >&2; return 1; }
}

mysql_connections() {
  administrator "$1" -N -B -e "SELECT count(*) FROM information_schema.processlist WHERE user = 'fairlead_app'"
}

mysql_count() { many_clients mysql "$mysql_port" mysql_connections "$mysql_main_port" "$mysql_silo_port"; }

mysql_next() {
  cat <<END

    MYSQL_PWD=$SHOP_CLIENT_PASSWORD mariadb -h 127.0.0.1 -P $mysql_port -u app.tenant1 shop
    MYSQL_PWD=$SHOP_CLIENT_PASSWORD mariadb -h 127.0.0.1 -P $mysql_port -u tenant1_app shop      # bound to tenant1
  Try to get out:    SELECT * FROM users;    SET @fairlead_tenant = 'tenant2';    REPLACE INTO coupons (code) VALUES ('AUTUMN');
  What is sent:      build/release/fairlead explain --config $config --tenant tenant1 --user app "SELECT * FROM users"
END
}
