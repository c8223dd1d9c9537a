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

require_cache_path CachePath "$cache"
require_plain_path NginxPidFile "$pid_file"
needs_for_cache awk cat cut date grep head mktemp readlink rm sed sleep sort tail tr wc
make_work_directory

progress='nothing was deleted'
reload=no
if nginx_runs "$pid_file"; then
  reload=yes
  : >"$work/directives"
  if ! can_ask_nginx; then
    [ "$trust" = yes ] || fail "nginx runs in a mount namespace of its own (a container), and nsenter (util-linux) is not here to ask it for its caches; nothing was deleted. Install it, or set trustCachePath: true"
  # First, while nothing is lost: nginx does not reload a broken configuration.
  elif ! read_configuration; then
    show_tail "$work/nginx.log"
    fail 'nginx -t refuses the configuration, so nginx could not be reloaded; nothing was deleted'
  elif ! is_nginx_cache "$cache"; then
    fail "$(describe_caches "$cache"); nothing was deleted. Correct cachePath"
  fi
elif [ "$trust" = no ]; then
  fail "nginx is not running ($absence), so it cannot say whether $cache is its cache; nothing was deleted. Start it, correct nginxPidFile, or set trustCachePath: true"
fi

old_requests=unknown
if [ "$reload" = yes ]; then
  # New workers first: the requests that began before the purge end in the old ones, and what they write is deleted with the rest.
  if ! reload_nginx 10; then
    fail 'nginx did not reload its configuration, its reason is above or in its error log; nothing was deleted'
  fi
  old_requests=$in_flight
fi

# shellcheck disable=SC2317 # a trap calls it
stopping() {
  [ "$progress" != 'nothing was deleted' ] || return 0
  if [ "$reload" = no ]; then
    progress="$progress, and nginx was not reloaded"
  elif kill -HUP "$master" 2>/dev/null; then
    progress="$progress, and nginx was told to reload"
  else
    progress="$progress, and nginx was not reloaded: it may go on serving files that it holds open"
  fi
}

deleted=0 freed=0 left=''
began=$(date +%s)
if enter_cache "$cache"; then
  read -r _ kib_before <<<"$(measure .)"
  mark_start
  progress='entries of the cache are deleted, maybe not all'
  delete_entries
  progress="the cached files are gone ($deleted)"
  read -r _ kib_after <<<"$(measure .)"
  freed=$(decrease "$kib_before" "$kib_after")
  left=$(describe_left)
  action=deleted said='The cached files are deleted'
  [ "$deleted" -gt 0 ] || action=empty said='The cache held no files'
else
  action=absent said='The cache directory does not exist'
fi

# Also after an empty or absent cache: someone may have deleted the files by hand, and nginx may hold them open.
if [ "$reload" = no ]; then
  said="$said; nginx is not running ($absence), nothing to reload."
elif ! reload_nginx 2; then
  fail "the cached files are gone ($deleted), but nginx did not reload: it may go on serving files that it holds open"
elif [ "$in_flight" = unknown ]; then
  said="$said; nginx has no workers that can be seen, so it was not reloaded, and requests from before the purge may still run."
else
  said="$said; nginx reloaded."
fi

in_flight=$old_requests
case "$in_flight" in
  0 | unknown) ;;
  *) said="$said Requests from before the purge still run in $in_flight old nginx workers." ;;
esac

report "$action" "$freed" "$deleted" "$said$left"
