# Requests pages on the instance itself and tells what its cache answered: evidence only, it judges and changes nothing.
urls=${SSM_Urls:?$no_value}
scheme=${SSM_Scheme:?$no_value}
host=${SSM_Host:?$no_value}
port=${SSM_Port:?$no_value}
cache_header=${SSM_CacheHeader:?$no_value}
cache_paths=${SSM_CachePaths:?$no_value}

# ask URL: leaves the response's headers in $work/headers. Never follows a redirect, reads no .curlrc, goes through no proxy.
# The certificate is not checked: the connection stays on this machine, and its name is not the site's.
ask() {
  : >"$work/headers"
  curl -q -gsSk --noproxy '*' --connect-to "::$host:$port" --connect-timeout 3 --max-time 10 \
    -A 'Mozilla/5.0 (compatible; purgeflow)' -H "X-Forwarded-Proto: ${1%%:*}" \
    -o /dev/null -D "$work/headers" "$scheme:${1#*:}" >"$work/curl.log" 2>&1 || true
}

# header NAME: its last value, without anything that JSON or a message could trip over.
header() {
  { grep -i "^$1:" "$work/headers" || true; } | tail -n 1 | cut -d : -f 2- | tr -cd 'A-Za-z0-9 _.:,+-' | cut -c 2-41
}

http_status() {
  local code
  code=$({ grep '^HTTP/' "$work/headers" || true; } | tail -n 1 | cut -d ' ' -f 2 | tr -cd '0-9')
  echo "${code:-0}"
}

changed_at() {
  stat -c %Z "$1" 2>/dev/null || stat -f %c "$1" 2>/dev/null || echo 0
}

# find_entry KEY_END DIRECTORY...: sets stored and zone from the oldest cache file whose key ends so. nginx writes the key into each file.
find_entry() {
  local key_end=$1 directory line at
  shift
  for directory in "$@"; do
    [ -d "$directory" ] || continue
    while IFS= read -r line; do
      case "$line" in
        *"$key_end") ;;
        *) continue ;;
      esac
      at=$(changed_at "${line%%:KEY: *}")
      if [ "$at" -gt 0 ] && { [ "$stored" -eq 0 ] || [ "$at" -lt "$stored" ]; }; then
        stored=$at zone=$directory
      fi
    done < <(find "$directory" -xdev -type f -exec grep -aHm1 '^KEY: ' {} + 2>/dev/null | tr -d '\000\r')
  done
}

# Every cache directory in nginx's configuration, one a line: also those that nobody told us about.
zones() {
  { grep -Eo '^[[:space:]]*(fastcgi|proxy|uwsgi|scgi)_cache_path[[:space:]]+[^;[:space:]]+' "$work/nginx.conf" || true; } | tr -s ' \t"' ' ' | sed 's/^ *[a-z_]* //; s/ *$//'
}

probe() {
  local url=$1 rest site status cache next='' age date
  ask "$url"
  status=$(http_status) cache=$(header "$cache_header") age=$(header Age) date=$(header Date)
  stored=0 zone=''
  case "$cache" in
    '') ;;
    MISS | EXPIRED)
      # A page that is cached is a HIT the second time. One that stays a MISS is not cached, or the header itself is an old copy.
      ask "$url"
      next=$(header "$cache_header")
      ;;
    *)
      rest=${url#*://} site=${rest%%/*}
      rest=${site%%:*}/${rest#*/}
      find_entry "$rest" "${directories[@]}"
      if [ "$stored" -eq 0 ]; then
        while IFS= read -r other; do
          find_entry "$rest" "$other"
        done < <(zones)
      fi
      ;;
  esac
  printf '%s{"status":%d,"cache":"%s","then":"%s","age":"%s","date":"%s","stored":%d,"zone":"%s"}' "$comma" "$status" "$cache" "$next" "$age" "$date" \
    "$stored" "$(printf '%s' "$zone" | tr -d '\000-\037\042\134\177' | cut -c 1-80)"
  comma=,
}

make_work_directory
command -v curl >/dev/null || fail 'curl is not on the PATH of this instance, so its pages cannot be requested'
directories=()
if [ "$cache_paths" != - ]; then
  IFS='|' read -r -a directories <<<"$cache_paths"
  for directory in "${directories[@]}"; do require_plain_path CachePaths "$directory"; done
else
  directories=(/nonexistent/cache) # bash 3.2 takes an empty array for an unset variable
fi
: >"$work/nginx.conf"
if command -v nginx >/dev/null; then nginx -T >"$work/nginx.conf" 2>/dev/null || true; fi
open_files=false
if grep -Eq '^[[:space:]]*open_file_cache[[:space:]]+[^o]' "$work/nginx.conf"; then open_files=true; fi

comma='' give_up=$((began + 60)) probes=''
set -f # a ? in a URL is no pattern
for url in $urls; do
  if [ "$(date +%s)" -lt "$give_up" ]; then
    probe "$url" >>"$work/probes"
    comma=,
  else
    printf '%s{"status":0,"cache":"","then":"","age":"","date":"","stored":0,"zone":""}' "$comma" >>"$work/probes"
    comma=,
  fi
done
IFS= read -r probes <"$work/probes" || true
printf '{"action":"probed","now":%d,"openFileCache":%s,"probes":[%s]}\n' "$began" "$open_files" "$probes"
