#!/bin/sh
# bench/run.sh postgres|mysql|estate|dal [--quick] [options]: see bench/README.md. Everything runs on loopback, in a temporary folder.
set -eu
root=$(cd "$(dirname "$0")/.." && pwd)
engine=${1:-}
case "$engine" in
    postgres | mysql | estate | dal) shift ;;
    *) echo "usage: bench/run.sh postgres|mysql|estate|dal [--quick] [--help]" >&2; exit 2 ;;
esac
mkdir -p "$root/build/bench"
"${CXX:-g++}" -std=c++20 -O2 -o "$root/build/bench/forwarder" "$root/bench/forwarder/forwarder.cpp"
"${CXX:-g++}" -std=c++20 -O2 -fPIC -shared -o "$root/build/bench/tenant_users.so" \
    "$root/bench/tenant_users/tenant_users.cpp" -ldl
if [ "$engine" = dal ]; then
    case " $* " in
        *" --build "* | *" --help "*) ;;
        *) cmake --build "$root/build/release" --target dal_bench fairlead ;;
    esac
fi
exec /usr/bin/python3 "$root/bench/lib/$engine.py" "$@"
