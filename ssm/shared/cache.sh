# What may be taken for a cache directory, and the one way into it.

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

# Makes the cache the working directory, so that no later change of a path or a link can lead elsewhere.
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
