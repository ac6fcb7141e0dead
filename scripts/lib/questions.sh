# What the quickstart asks, whatever the engine. Sourced after servers.sh.
# shellcheck shell=bash

shop=$root/examples/shop

# question ASK USER WHERE-IT-LIVES SQL EXPECTED: asks by the command ASK, shows, and stops the script if the answer is another
question() {
  local ask=$1 user=$2 place=$3 sql=$4 expected=$5 answer
  answer=$("$ask" "$user" "$sql") || return 1
  say ""
  say "  $user ($place) asks:  $sql"
  if [ -n "$answer" ]; then sed 's/^/      /' <<<"$answer"; else say "      (no rows)"; fi
  # shellcheck disable=SC2053  # EXPECTED is a pattern
  [[ $answer == $expected ]] || { say "      EXPECTED: ${expected:-(no rows)}" >&2; return 1; }
}

# five_tenants ASK WHERE-TENANT4-LIVES: the same statements for every tenant, each sees its own rows
five_tenants() {
  local ask=$1 everybody="SELECT user_id, username FROM users"
  local first="$everybody WHERE tenant_id = 'tenant1'"
  question "$ask" app.tenant1 "shared tables" "$first" $'1 | Suzuki\n2 | Sato'
  question "$ask" app.tenant2 "shared tables" "$first" ''
  question "$ask" app.tenant3 "shared tables" "$everybody" '1 | Yamada'
  question "$ask" app.tenant4 "$2" "$everybody" '1 | Kobayashi'
  question "$ask" app.tenant5 "a server of its own" "$everybody" $'1 | Ito\n2 | Watanabe'
}

metric_sum() { http_get "http://127.0.0.1:$admin_port/metrics" | awk -v name="$1" -v with="${2:-}" \
  'index($1, name "{") == 1 || $1 == name {if (with == "" || index($0, with)) sum += $NF} END {print sum + 0}'; }

# many_clients SCHEME PORT COUNT_CONNECTIONS MAIN SILO: 200 clients at once; COUNT_CONNECTIONS prints how many connections
# Fairlead has open to the server MAIN or SILO, as that server sees it
many_clients() {
  local clients=200 answered tenant urls=() metric main silo
  for tenant in 1 2 3 4 5; do
    urls+=("$1://app.tenant$tenant:$SHOP_CLIENT_PASSWORD@127.0.0.1:$2/shop")
  done
  coproc crowd { exec "$python" "$shop/many_clients.py" "$clients" "${urls[@]}"; }
  # shellcheck disable=SC2154  # crowd_PID is coproc's
  local crowd_pid=$crowd_PID
  read -r -t 60 answered <&"${crowd[0]}" || { say "the $clients clients did not all get an answer" >&2; return 1; }
  metric=$(metric_sum fairlead_client_connections)
  main=$("$3" "$4")
  silo=$("$3" "$5")
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
