# What lies below a site belongs to the site's user, who can swap directories and links there at any time. So nothing below it is deleted
# as root, through a link or across a mount, and only what has the name of a cache entry.

# need TOOL...: a check that cannot run must not pass for one that found nothing.
need() {
  local tool lacking=''
  for tool in "$@"; do command -v "$tool" >/dev/null || lacking="$lacking $tool"; done
  [ -z "$lacking" ] || fail "this instance lacks$lacking, so nothing is done: install findutils and coreutils"
  # Busybox has a find without some of these.
  find /dev/null -maxdepth 0 -xdev ! -empty ! -cnewer /dev/null ! -path . ! -type d -print0 >/dev/null 2>&1 ||
    fail 'find on this instance does not know -cnewer, -empty or -print0, so nothing is done: install findutils'
}

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

# Sets apart to find's tests for all that is not mounted below DIRECTORY: -xdev does not see a bind mount of the same file system.
find_mounts() {
  local point
  apart=(! -path .)
  [ -r /proc/self/mountinfo ] || return 0
  while read -r _ _ _ _ point _; do
    printf -v point '%b' "$point" # a space is \040 there
    case "$point" in
      "$1"/*)
        point=$(printf '%s' "./${point#"$1"/}" | sed 's/[][*?\\]/\\&/g')
        apart+=(! -path "$point" ! -path "$point/*")
        ;;
    esac
  done </proc/self/mountinfo
}

# The functions below need the cache as the working directory, and entry: find's tests for the name of a cache entry.
list_entries() {
  find . -xdev -type f "${apart[@]}" \( "${entry[@]}" \) -print0 2>/dev/null || true
}

count_entries() {
  list_entries | count_names
}

# Entries whose last change is not newer than the mark, then the mark itself, which proves that the listing ran to its end.
list_old_entries() {
  find . "$work/start" -xdev -type f "${apart[@]}" \( -path "$work/start" -o "${entry[@]}" \) ! -cnewer "$work/start" -print0 2>/dev/null || true
}

# delete_entries USER: deletes the entries, and directories that are empty, as that user.
delete_entries() {
  local old=0
  for _ in 1 2 3; do
    as_site_user "$1" find . -xdev -type f "${apart[@]}" \( "${entry[@]}" \) -delete 2>"$work/delete.log" || true
    as_site_user "$1" find . -xdev -type d "${apart[@]}" -empty -delete 2>>"$work/delete.log" || true
    old=$(list_old_entries | count_names)
    [ "$old" -ge 1 ] || fail 'cannot check what is left in the cache'
    [ "$old" -gt 1 ] || return 0
    # Some file systems keep whole seconds: there, a new file looks as old as the mark for that long.
    sleep 1
  done
  show_tail "$work/delete.log"
  { list_old_entries | tr '\000\001-\037' '\n?' | grep -Fvx "$work/start" | head -n 10 | cut -c 1-200 >&2; } || true
  fail "$((old - 1)) entries of the cache could not be deleted as $1, for example those above: see who owns them"
}

# Prints a sentence about what lies in the cache and is no entry of it, or nothing.
tell_others() {
  local count
  find . -xdev ! -type d "${apart[@]}" ! -name .htaccess ! \( -type f \( "${entry[@]}" \) \) -print0 2>/dev/null >"$work/others" || true
  count=$(count_names <"$work/others")
  [ "$count" -gt 0 ] || return 0
  printf ' Left %d files that are no cache entries: %s.' "$count" \
    "$(tr '\000\001-\037' '\n?' <"$work/others" | tr -cd '\n -~' | head -n 3 | cut -c 3-80 | tr '\n' ',' | sed 's/,$//; s/,/, /g')"
}
