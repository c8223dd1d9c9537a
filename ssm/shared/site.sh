# What lies below a site belongs to the site's user, who can swap directories and links there at any time. So nothing below it is deleted
# as root, through a link or across a mount, and only what has the name of a cache entry.

as_site_user() {
  local user=$1
  shift
  [ "$(id -un)" = "$user" ] || set -- runuser -u "$user" -- "$@"
  "$@"
}

# The working directory by the kernel's word: what a path says may have changed since.
here() {
  env -u PWD bash -c 'pwd -P'
}

# enter_site_cache DIRECTORY SITE: makes it the working directory; returns 1 when it does not exist.
# The site's own path may hold links, which its operator set; below it a link could be anybody's.
enter_site_cache() {
  local ancestor=$1 expected=$1 top now
  while [ ! -e "$ancestor" ] && [ ! -L "$ancestor" ]; do
    ancestor=${ancestor%/*}
    ancestor=${ancestor:-/}
  done
  if [ ! -d "$ancestor" ] || [ ! -x "$ancestor" ]; then
    [ "$ancestor" = "$1" ] && [ ! -L "$1" ] && fail "CachePath is not a directory: $1"
    fail "CachePath cannot be reached, look at $ancestor: $1"
  fi
  [ "$ancestor" = "$1" ] || return 1
  case "$1/" in
    "$2"/*)
      top=$(cd -P -- "$2" && here) || fail "SitePath cannot be entered: $2"
      expected=$top${1#"$2"}
      ;;
  esac
  cd -P -- "$1" || fail "CachePath cannot be entered: $1"
  now=$(here) || fail "CachePath cannot be entered: $1"
  require_cache_path 'The directory that CachePath leads to' "$now"
  [ "$now" = "$expected" ] || fail "CachePath goes through a link, to $now, so nothing there is deleted: $1. Give the path without links"
  [ -r . ] || fail "CachePath cannot be listed: $1"
  find_mounts "$now"
}

# Whatever its root is, WP Rocket calls its own directory wp-rocket, with a directory for each host below.
enter_rocket_cache() {
  enter_site_cache "$1" "$2" || return 1
  local now site_directory
  now=$(here)
  site_directory=$(cd -P -- "$2" && here) || fail "SitePath cannot be entered: $2"
  case "$site_directory/" in
    "$now"/*) fail "CachePath holds the site itself, so it is a part of a site, not a cache: $1" ;;
  esac
  # Pages are directories: one may be called themes, plugins or uploads. Files of these names are no pages.
  if [ -f wp-config.php ] || [ -f wp-load.php ] || [ -f wp-rocket.php ] || [ -d wp-includes ]; then
    fail "CachePath holds WordPress or a plugin, so it is a part of a site, not a cache: $1"
  fi
  case "$now/" in
    */wp-rocket/*) ;;
    *) fail "CachePath is not WP Rocket's directory wp-rocket, nor below it: it may be a part of a site, so nothing there is deleted: $now" ;;
  esac
}

# Sets apart to find's tests for all that is not mounted below DIRECTORY: -xdev does not see a bind mount of the same file system.
find_mounts() {
  local point
  apart=(! -path .) mounted=''
  [ -r /proc/self/mountinfo ] || return 0
  while read -r _ _ _ _ point _; do
    printf -v point '%b' "$point" # a space is \040 there
    case "$point" in
      "$1"/*)
        mounted="$mounted${mounted:+, }$(printf '%s' "${point#"$1"/}" | tr -cd ' -~' | cut -c 1-60)"
        point=$(printf '%s' "./${point#"$1"/}" | sed 's/[][*?\\]/\\&/g')
        apart+=(! -path "$point" ! -path "$point/*")
        ;;
    esac
  done </proc/self/mountinfo
}
