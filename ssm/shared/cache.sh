# What may be taken for a cache directory, and the one way into it.

# The lists are those of config/paths.ts.
refuse_system_directory() {
  local path=${2#/private} directory # where macOS keeps /var, /tmp and /etc
  path=${path:-/}
  case "$path" in
    /dev/shm | /dev/shm/*) return ;; # memory, and a usual place for an nginx cache
  esac
  for directory in $whole_directories; do
    [ "$path" != "$directory" ] || fail "$1 is a system directory, not a cache: $2"
  done
  for directory in $kernel_directories; do
    case "$path/" in
      "$directory"/*) fail "$1 is a system directory, not a cache: $2" ;;
    esac
  done
}

require_cache_path() {
  require_normal_path "$1" "$2"
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
