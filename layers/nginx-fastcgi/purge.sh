# Empties an nginx FastCGI cache and reloads nginx: with open_file_cache on, nginx serves deleted files that it still holds open.
cache=${SSM_CachePath:?$no_value}
pid_file=${SSM_NginxPidFile:?$no_value}

# Prints the ids of nginx's worker processes, one a line.
workers() {
  local pid='' id parent words
  read -r pid <"$pid_file" || true
  ps -A -o pid= -o ppid= -o args= 2>/dev/null | while read -r id parent words; do
    case "$parent $words" in
      "$pid nginx: worker process"*) echo "$id" ;;
    esac
  done
}

# reload_nginx SECONDS: reloads, then waits that long for the workers of before to end. Sets in_flight to how many have not.
# A worker ends when its last request has: until then that request can write what it read before the purge into the cache.
reload_nginx() {
  local before id give_up
  before=$(workers)
  nginx -s reload >"$work/nginx.log" 2>&1 || return 1
  give_up=$(($(date +%s) + $1))
  while :; do
    in_flight=0
    for id in $before; do
      case " $(workers | tr '\n' ' ') " in
        *" $id "*) in_flight=$((in_flight + 1)) ;;
      esac
    done
    [ "$in_flight" -gt 0 ] && [ "$(date +%s)" -lt "$give_up" ] || return 0
    sleep 0.2
  done
}

require_cache_path CachePath "$cache"
require_plain_path NginxPidFile "$pid_file"
make_work_directory

reload=no
if nginx_runs "$pid_file"; then
  reload=yes
  command -v nginx >/dev/null || fail 'nginx runs, but its command is not on the PATH, so it cannot be reloaded; nothing was deleted'
  # First, while nothing is lost: nginx does not reload a broken configuration.
  if ! nginx -t >"$work/nginx.log" 2>&1; then
    show_tail "$work/nginx.log"
    fail 'nginx -t refuses the configuration, so nginx could not be reloaded; nothing was deleted'
  fi
fi

old_requests=0
if [ "$reload" = yes ] && [ -n "$(workers)" ]; then
  # New workers first: the requests that began before the purge end in the old ones, and what they write is deleted with the rest.
  if ! reload_nginx 10; then
    show_tail "$work/nginx.log"
    fail 'nginx -s reload failed; nothing was deleted'
  fi
  old_requests=$in_flight
fi

files=0 freed=0
began=$(date +%s)
if enter_cache "$cache"; then
  read -r files kib_before <<<"$(measure .)"
  mark_start
  delete_content
  read -r _ kib_after <<<"$(measure .)"
  freed=$(decrease "$kib_before" "$kib_after")
  action=deleted said='The cached files are deleted'
  [ "$files" -gt 0 ] || action=empty said='The cache held no files'
else
  action=absent said='The cache directory does not exist'
fi

# Also after an empty or absent cache: someone may have deleted the files by hand, and nginx may hold them open.
if [ "$reload" = yes ]; then
  if ! reload_nginx 2; then
    show_tail "$work/nginx.log"
    fail 'the cached files are gone, but nginx -s reload failed: nginx may go on serving files that it holds open'
  fi
  said="$said; nginx reloaded."
else
  said="$said; nginx is not running (its pid file names no live process), nothing to reload."
fi

in_flight=$old_requests
if [ "$in_flight" -gt 0 ]; then
  said="$said Requests from before the purge still run in $in_flight old nginx workers."
fi

report "$action" "$freed" "$files" "$said"
