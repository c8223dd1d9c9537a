# Runs WP-CLI as the user that owns the site: WP-CLI runs the site's own code, which is not to run as root.

require_site() {
  require_plain_path SitePath "$1"
  [ -d "$1" ] || fail "SitePath is not a directory, correct it in the configuration: $1"
}

# require_wp PATH URL: where WordPress itself is, and which site of a network, or -. What run_wp tells wp.
require_wp() {
  require_plain_path WpPath "$1"
  wp_options=("--path=$1")
  case "$2" in
    -) ;;
    *[!A-Za-z0-9:/._~%-]*) fail 'WpUrl holds a character that is not allowed' ;;
    http://* | https://*) wp_options+=("--url=$2") ;;
    *) fail "WpUrl must begin with http:// or https://: $2" ;;
  esac
}

require_wp_user() {
  case "$1" in
    -* | *[!A-Za-z0-9_.-]*) fail 'RunAs is not a plain user name' ;;
  esac
  [ "$(id -un)" = "$1" ] && return
  [ "$(id -u)" = 0 ] || fail "cannot run wp as $1: this script runs as $(id -un), and only root can change the user"
  command -v runuser >/dev/null || fail "cannot run wp as $1: runuser (util-linux) is not installed"
}

# run_wp USER SITE ARGUMENT..., after require_wp, leaves the output in $work/wp.log and returns what wp returns.
# env -i: the site's code gets nothing of this process's environment but a PATH; runuser sets HOME.
run_wp() {
  local user=$1 site=$2
  shift 2
  (
    cd -P -- "$site" || exit 1 # said aloud, because bash ignores set -e where a caller looks at the exit code
    set -- wp "$@" "${wp_options[@]}"
    [ "$(id -un)" = "$user" ] || set -- runuser -u "$user" -- "$@"
    exec env -i "PATH=$PATH" "HOME=${HOME:-/}" LANG=C.UTF-8 "$@"
  ) >"$work/wp.log" 2>&1 </dev/null
}

# wp_confirmed BEFORE AFTER: whether wp did what it ended well with. Its own line says so; some sites translate it, and there the pages
# that were cached BEFORE, and how many are AFTER, tell. Other lines beside it are other plugins'.
wp_confirmed() {
  grep -q '^Success:' "$work/wp.log" || { ! grep -q '^Error:' "$work/wp.log" && [ "$1" -gt 0 ] && [ "$2" -eq 0 ]; }
}

# Prints what else wp complained of, as a sentence, or nothing.
wp_note() {
  local line
  line=$(grep -m 1 -E '^(Warning|Error):' "$work/wp.log" | tr -cd ' -~' | cut -c 1-200) || true
  [ -z "$line" ] || printf ' wp also said: %s' "$line"
}

wp_said() {
  grep -Fq "$1" "$work/wp.log"
}
