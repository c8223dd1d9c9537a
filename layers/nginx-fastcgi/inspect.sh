# Looks at what purge-fastcgi would find: the directory, nginx, its configuration. Facts only; it judges and changes nothing.
cache=${SSM_CachePath:?$no_value}
pid_file=${SSM_NginxPidFile:?$no_value}
trust=${SSM_TrustDirectory:?$no_value}
module=${SSM_Module:?$no_value}

# list NUMBER LENGTH: lines as the items of a JSON array.
list() {
  local line comma=''
  head -n "$1" | while IFS= read -r line; do
    printf '%s"%s"' "$comma" "$(plain "$2" "$line")"
    comma=,
  done
}

require_plain_path NginxPidFile "$pid_file"
case "$module" in
  fastcgi | proxy | uwsgi | scgi) ;;
  *) fail 'Module is none of fastcgi, proxy, uwsgi and scgi' ;;
esac
needs_for_cache awk cut grep head mktemp readlink rm sed sort tail tr wc
make_work_directory
look_at_cache "$cache"

# Its configuration is read only where it runs: a test of one that has never started would make its directories and its logs.
running=no
if nginx_runs "$pid_file"; then
  running=yes
elif another_nginx_runs; then
  running=elsewhere
fi
config=unread problem=''
: >"$work/directives"
if [ "$running" = yes ]; then
  if ! can_ask_nginx; then
    config=unasked
  elif read_configuration; then
    config=valid
  else
    config=broken
    problem=$(grep -m 1 -E '\[(emerg|alert|crit)\]' "$work/nginx.log" || tail -n 1 "$work/nginx.log")
  fi
fi

known=false
if [ "$config" = valid ]; then
  if is_nginx_cache "$cache"; then
    known=true
  elif nginx_caches | grep -Fqx -- "$cache"; then
    directory=refused reason=$(describe_caches "$cache")
  fi
fi
if [ "$known" = true ] && ! is_nginx_cache "$cache" "$module"; then
  for other in fastcgi proxy uwsgi scgi; do
    if is_nginx_cache "$cache" "$other"; then module=$other; fi
  done
fi
open_files=false
if [ -n "$(directive open_file_cache | grep -Fvx off || true)" ]; then open_files=true; fi
tells=false
# Straight, or through a map of it.
for variable in "\$upstream_cache_status" $(directive map | grep -F "\$upstream_cache_status " | cut -d ' ' -f 2); do
  case "$(directive add_header) " in
    *"$variable"[!a-z0-9_]*) tells=true ;;
  esac
done

trusted=false
if [ "$trust" = yes ]; then trusted=true; fi

printf '{"action":"inspected","about":"nginx",%s,"trusted":%s,"running":"%s","config":"%s","problem":"%s","known":%s,"module":"%s","zones":[%s],"keys":[%s],"openFileCache":%s,"cacheHeader":%s}\n' \
  "$(cache_facts)" "$trusted" "$running" "$config" "$(plain 300 "$problem")" "$known" "$module" "$(nginx_caches | list 5 120)" "$(directive "${module}_cache_key" | sort -u | list 3 120)" \
  "$open_files" "$tells"
