# Looks at what purge-fastcgi would find: the directory, nginx, its configuration. Facts only; it judges and changes nothing.
cache=${SSM_CachePath:?$no_value}
pid_file=${SSM_NginxPidFile:?$no_value}

# What nginx -T says of itself goes to stderr, the configuration to stdout.
read_configuration() {
  : >"$work/nginx.conf"
  if nginx -T >"$work/nginx.conf" 2>"$work/nginx.log"; then
    config=valid
  else
    config=broken
    problem=$(grep -m 1 -E '\[(emerg|alert|crit)\]' "$work/nginx.log" || tail -n 1 "$work/nginx.log")
  fi
}

# directive NAME: its values in the configuration, one line each, without quotes. Where one line holds several directives, too.
directive() {
  { grep -Eo "(^|[[:space:]{}])$1[[:space:]].*" "$work/directives" || true; } | sed -E "s/^[[:space:]{}]*[a-z_]+[[:space:]]+//; s/[[:space:]]+\$//" | tr -d '"'\'
}

zones() {
  directive '(fastcgi|proxy|uwsgi|scgi)_cache_path' | cut -d ' ' -f 1 | sort -u
}

# list NUMBER LENGTH: lines as the items of a JSON array.
list() {
  local line comma=''
  head -n "$1" | while IFS= read -r line; do
    printf '%s"%s"' "$comma" "$(plain "$2" "$line")"
    comma=,
  done
}

real_path() {
  (cd -P -- "$1" 2>/dev/null && pwd) || printf '%s\n' "$1"
}

require_plain_path NginxPidFile "$pid_file"
make_work_directory
look_at_cache "$cache"

# Its configuration is read only where it runs: a test of one that has never started would make its directories and its logs.
running=no
if nginx_runs "$pid_file"; then
  running=yes
else
  case "$(ps -A -o args= 2>/dev/null || true)" in
    *'nginx: master process'*) running=elsewhere ;;
  esac
fi
config=unread problem=''
: >"$work/nginx.conf"
if [ "$running" != no ]; then
  if command -v nginx >/dev/null; then read_configuration; else config=missing; fi
fi

sed -E 's/(^|[[:space:]])#.*//' "$work/nginx.conf" | tr ';' '\n' >"$work/directives"
known=false
while IFS= read -r zone; do
  [ "${zone%/}" != "$cache" ] && [ "$(real_path "${zone%/}")" != "$(real_path "$cache")" ] || known=true
done < <(zones)
open_files=false
if [ -n "$(directive open_file_cache | grep -Fvx off || true)" ]; then open_files=true; fi
tells=false
case "$(directive add_header)" in
  *"\$upstream_cache_status"*) tells=true ;;
esac

printf '{"action":"inspected","about":"nginx",%s,"running":"%s","config":"%s","problem":"%s","known":%s,"zones":[%s],"keys":[%s],"openFileCache":%s,"cacheHeader":%s}\n' \
  "$(cache_facts)" "$running" "$config" "$(plain 300 "$problem")" "$known" "$(zones | list 5 120)" "$(directive fastcgi_cache_key | sort -u | list 3 120)" \
  "$open_files" "$tells"
