# Deletes what a cache directory holds, never the directory itself, and proves it.

refuse_system_directory() {
  local path=$2
  case "$path" in
    /private/*) path=${path#/private} ;; # where macOS keeps /var, /tmp and /etc
  esac
  case "$path" in
    /dev/shm/?*) return ;; # memory, and a usual place for an nginx cache
    /bin/* | /boot/* | /dev/* | /etc/* | /lib/* | /lib32/* | /lib64/* | /proc/* | /sbin/* | /sys/* | \
      /usr/bin/* | /usr/include/* | /usr/lib/* | /usr/lib32/* | /usr/lib64/* | /usr/libexec/* | /usr/sbin/* | /usr/share/* | \
      /var/backups | /var/cache | /var/db | /var/folders | /var/lib | /var/local | /var/lock | /var/log | /var/mail | \
      /var/opt | /var/run | /var/spool | /var/tmp | /var/www | \
      /run/lock | /run/systemd | /run/user | /srv/http | /srv/www)
      fail "$1 is a system directory, not a cache: $2"
      ;;
  esac
  # The parents of homes, of programs, of other programs' data and of whole sites.
  case "${path%/*}" in
    '' | /home | /Library | /root | /System | /Users | /usr | /usr/local | /var/backups | /var/db | /var/lib | /var/log | /var/mail | \
      /var/spool | /var/www)
      fail "$1 is a system directory, a home or a site, not a cache: $2"
      ;;
  esac
}

require_cache_path() {
  require_plain_path "$1" "$2"
  refuse_system_directory "$1" "$2"
}

# Makes the cache the working directory, so that no later change of a path or a link can move the deletion elsewhere.
# Returns 1 when there is no such directory.
enter_cache() {
  local ancestor=$1 name
  if [ ! -e "$1" ]; then
    while [ ! -e "$ancestor" ] && [ ! -L "$ancestor" ]; do
      ancestor=${ancestor%/*}
      ancestor=${ancestor:-/}
    done
    # A link to nothing, a file in the way or a directory that we may not look into: out of sight is not absent.
    if [ ! -d "$ancestor" ] || [ ! -x "$ancestor" ]; then
      fail "CachePath cannot be reached, look at $ancestor: $1"
    fi
    return 1
  fi
  [ -d "$1" ] || fail "CachePath is not a directory: $1"
  cd -P -- "$1" || fail "CachePath cannot be entered: $1"
  [ -r . ] || fail "CachePath cannot be listed: $1"
  require_cache_path 'The directory that CachePath leads to' "$PWD"
  for name in wp-config.php wp-load.php wp-admin wp-content wp-includes plugins themes uploads .git; do
    if [ -e "$name" ] || [ -L "$name" ]; then
      fail "CachePath holds $name, so it is a part of a site, not a cache: $1"
    fi
  done
}

# Everything up to now is to go; what is written from now on may stay.
mark_start() {
  : >"$work/start"
}

# Names every entry whose last change is not newer than the mark, then the mark itself.
# Change time, not modification time: a program can set the second one, even to the future.
list_old() {
  find . "$work/start" -xdev ! -name . ! -cnewer "$work/start" -print0 2>/dev/null || true
}

# Needs the cache as the working directory, and mark_start. find removes links, never what they point at, and stays on one file system.
delete_content() {
  local old=0
  for _ in 1 2 3; do
    # Its exit code decides nothing: nginx deletes and creates files meanwhile. The check below decides.
    find . -xdev ! -name . -delete 2>"$work/delete.log" || true
    old=$(list_old | count_names)
    # The mark proves that the listing ran to its end.
    [ "$old" -ge 1 ] || fail 'cannot check what is left in the cache'
    [ "$old" -gt 1 ] || return 0
    # Some file systems keep whole seconds: there, a new file looks as old as the mark for that long.
    sleep 1
  done
  show_tail "$work/delete.log"
  { list_old | tr '\000\001-\037' '\n?' | grep -Fvx "$work/start" | head -n 10 | cut -c 1-200 >&2; } || true
  fail "$((old - 1)) entries of the cache could not be deleted, for example those above"
}
