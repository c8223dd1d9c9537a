# Deletes the entries of an nginx cache and reloads nginx: with open_file_cache on, nginx serves deleted files that it still holds open.
cache=${SSM_CachePath:?$no_value}
pid_file=${SSM_NginxPidFile:?$no_value}
trust=${SSM_TrustDirectory:?$no_value}

# An entry's file is named by the MD5 of its key, with a dot and ten digits behind it while it is written. It lies in up to three levels of
# directories, each named by one or two digits of that. nginx's temporary files, which may lie below the cache too, have ten digits.
hex='[0-9a-f]'
digest=$hex$hex$hex$hex$hex$hex$hex$hex
digest=$digest$digest$digest$digest
ten='[0-9][0-9][0-9][0-9][0-9][0-9][0-9][0-9][0-9][0-9]'
entries=(-path "./$digest" -o -path "./$digest.$ten") directories=()
levels=(.)
for _ in 1 2 3; do
  deeper=()
  for level in "${levels[@]}"; do deeper+=("$level/$hex" "$level/$hex$hex"); done
  levels=("${deeper[@]}")
  for level in "${levels[@]}"; do
    entries+=(-o -path "$level/$digest" -o -path "$level/$digest.$ten")
    directories+=(-o -path "$level")
  done
done
directories=("${directories[@]:1}")

# Prints the ids of nginx's worker processes, one a line. Angie and others put their own name before the colon.
workers() {
  local id parent title
  ps -A -o pid= -o ppid= -o args= 2>/dev/null | while read -r id parent title; do
    case "$parent $title" in
      "$master "*': worker process'*) echo "$id" ;;
    esac
  done
}

# The end of nginx's own log says why it kept its old configuration.
show_refusal() {
  local log
  log=$(directive error_log | cut -d ' ' -f 1 | head -n 1)
  { [ -f "$log" ] && tail -n 50 "$log" | grep -E '\[(emerg|alert|crit)\]' | tail -n 3 | tr '\000-\010\013-\037' '?' >&2; } || true
}

# reload_nginx SECONDS: reloads, then waits that long for the workers of before to end. Sets in_flight to how many have not.
# A worker ends when its last request has: until then that request can write what it read before the purge into the cache.
# Fails when no new worker appears: the command succeeds also where the master then refuses the configuration.
reload_nginx() {
  local before now id give_up new
  before=" $(workers | tr '\n' ' ')"
  nginx -s reload >"$work/nginx.log" 2>&1 || return 1
  [ "$before" != ' ' ] || return 0
  give_up=$(($(date +%s) + $1))
  while :; do
    in_flight=0 new=0 now=$(workers)
    for id in $now; do
      case "$before" in
        *" $id "*) in_flight=$((in_flight + 1)) ;;
        *) new=$((new + 1)) ;;
      esac
    done
    [ "$new" -eq 0 ] || [ "$in_flight" -gt 0 ] || return 0
    [ "$(date +%s)" -lt "$give_up" ] || break
    sleep 0.2
  done
  [ "$new" -gt 0 ] || {
    show_refusal
    return 1
  }
}

require_cache_path CachePath "$cache"
require_plain_path NginxPidFile "$pid_file"
needs awk cut date du find grep head ps sed sort tail tr wc
make_work_directory

reload=no
if nginx_runs "$pid_file"; then
  reload=yes
  command -v nginx >/dev/null || fail 'nginx runs, but its command is not on the PATH, so it cannot be reloaded; nothing was deleted'
  # First, while nothing is lost: nginx does not reload a broken configuration.
  if ! read_configuration; then
    show_tail "$work/nginx.log"
    fail 'nginx -t refuses the configuration, so nginx could not be reloaded; nothing was deleted'
  fi
  if [ "$trust" = no ] && ! is_nginx_cache "$cache"; then
    caches=$(nginx_caches | sed -n '1,5p' | tr '\n' ',' | sed 's/,$//; s/,/, /g')
    fail "nginx keeps no cache in $cache, ${caches:+its caches are in }${caches:-it has no cache at all}; nothing was deleted. Correct cachePath"
  fi
  if nginx_sees_another "$cache"; then
    fail "nginx has another directory at $cache than this machine has: it runs in a mount namespace of its own (PrivateTmp, a container); nothing was deleted. Move its cache to a directory that both see"
  fi
elif [ "$trust" = no ]; then
  fail "nginx is not running ($pid_file names no live process), so it cannot say whether $cache is its cache; nothing was deleted. Start it, correct nginxPidFile, or set trustCachePath: true"
fi

old_requests=0
if [ "$reload" = yes ] && [ -n "$(workers)" ]; then
  # New workers first: the requests that began before the purge end in the old ones, and what they write is deleted with the rest.
  if ! reload_nginx 10; then
    show_tail "$work/nginx.log"
    fail 'nginx did not reload its configuration, its reason is above or in its error log; nothing was deleted'
  fi
  old_requests=$in_flight
fi

deleted=0 freed=0 left=''
began=$(date +%s)
if enter_cache "$cache"; then
  read -r _ kib_before <<<"$(measure .)"
  mark_start
  delete_entries
  read -r _ kib_after <<<"$(measure .)"
  freed=$(decrease "$kib_before" "$kib_after")
  left=$(describe_left)
  action=deleted said='The cached files are deleted'
  [ "$deleted" -gt 0 ] || action=empty said='The cache held no files'
else
  action=absent said='The cache directory does not exist'
fi

# Also after an empty or absent cache: someone may have deleted the files by hand, and nginx may hold them open.
if [ "$reload" = yes ]; then
  if ! reload_nginx 2; then
    show_tail "$work/nginx.log"
    fail "the cached files are gone ($deleted), but nginx did not reload: it may go on serving files that it holds open"
  fi
  said="$said; nginx reloaded."
else
  said="$said; nginx is not running (its pid file names no live process), nothing to reload."
fi

in_flight=$old_requests
if [ "$in_flight" -gt 0 ]; then
  said="$said Requests from before the purge still run in $in_flight old nginx workers."
fi

report "$action" "$freed" "$deleted" "$said$left"
