# What private database servers of any engine need. Sourced after common.sh.
# shellcheck shell=bash

# as_user USER COMMAND...: database servers refuse to run as root, so root hands the data folder to USER; anybody else
# runs the server as himself. setpriv becomes the program: `$!` of a background job is the server itself.
as_user() {
  local user=$1
  shift
  cd /
  if [ "$(id -u)" = 0 ]; then
    exec setpriv --reuid="$user" --regid="$user" --init-groups -- "$@"
  else
    exec "$@"
  fi
}

# server_folder NAME USER: a new folder for a server's data. Under build/run; but sources may lie where USER cannot
# reach (the home of root), and then it is a temporary folder.
server_folder() {
  local folder
  mkdir -p "$root/build/run"
  folder=$(mktemp -d "$root/build/run/$1.XXXXXX")
  [ "$(id -u)" != 0 ] || chown "$2:" "$folder"
  if ! (as_user "$2" test -w "$folder") 2>/dev/null; then
    rmdir "$folder"
    folder=$(mktemp -d "${TMPDIR:-/tmp}/fairlead-$1.XXXXXX")
    [ "$(id -u)" != 0 ] || chown "$2:" "$folder"
  fi
  echo "$folder"
}
