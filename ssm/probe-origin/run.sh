# Requests pages on the instance itself and tells what its cache answered: evidence only, it judges and changes nothing.
urls=${SSM_Urls:?$no_value}
scheme=${SSM_Scheme:?$no_value}
host=${SSM_Host:?$no_value}
port=${SSM_Port:?$no_value}
proxy_protocol=${SSM_ProxyProtocol:?$no_value}
certificate=${SSM_ClientCertificate:?$no_value}
cache_header=${SSM_CacheHeader:?$no_value}
cache_paths=${SSM_CachePaths:?$no_value}
find_files=${SSM_FindFiles:?$no_value}
pid_files=${SSM_NginxPidFiles:?$no_value}

# ask URL: leaves the response's headers in $work/headers. Never follows a redirect, reads no .curlrc, goes through no proxy.
# The certificate is not checked: the connection stays on this machine, and its name is not the site's.
ask() {
  : >"$work/headers"
  curl -q -gsSk --noproxy '*' --connect-to "::$host:$port" --connect-timeout 3 --max-time 10 \
    -A 'Mozilla/5.0 (compatible; purgeflow)' ${connect[@]+"${connect[@]}"} -H "X-Forwarded-Proto: ${1%%:*}" \
    -o /dev/null -D "$work/headers" "$scheme:${1#*:}" >"$work/curl.log" 2>&1 || true
}

# header NAME LENGTH: the beginning of its last value, without anything that JSON or a message could trip over.
# Run Command keeps 2,500 characters of our one line, and there may be ten pages in it.
header() {
  { grep -i "^$1:" "$work/headers" || true; } | tail -n 1 | cut -d : -f 2- | tr -cd 'A-Za-z0-9 _.:,+-' | sed 's/^ *//' | cut -c "1-$2"
}

http_status() {
  local code
  code=$({ grep '^HTTP/' "$work/headers" || true; } | tail -n 1 | cut -d ' ' -f 2 | tr -cd '0-9' | cut -c 1-3)
  echo "${code:-0}"
}

changed_at() {
  stat -c %Z "$1" 2>/dev/null || stat -f %c "$1" 2>/dev/null || echo 0
}

# find_entry KEY_END DIRECTORY NAME: sets stored and zone, to NAME, from the oldest cache file there whose key ends so.
# nginx writes the key into each file. Sets zone to ? where there are too many to look through in time: nothing is known then.
find_entry() {
  local line at lines=0
  [ -d "$2" ] && [ "$zone" != '?' ] || return 0
  while IFS= read -r line; do
    lines=$((lines + 1))
    if [ $((lines % 5000)) -eq 0 ] && [ "$(date +%s)" -ge "$give_up" ]; then
      stored=0 zone='?'
      return 0
    fi
    case "$line" in
      *"$1") ;;
      *) continue ;;
    esac
    at=$(changed_at "${line%%:KEY: *}")
    if [ "$at" -gt 0 ] && { [ "$stored" -eq 0 ] || [ "$at" -lt "$stored" ]; }; then
      stored=$at zone=$3
    fi
  done < <(find "$2" -xdev -type f -exec grep -aHm1 '^KEY: ' {} + 2>/dev/null | tr -d '\000\r')
}

# Sets open_files, and lists every cache directory in nginx's configuration: also those that nobody told us about. Only of an nginx that
# runs: a stopped one would make its pid file, its logs and its directories.
ask_nginx() {
  local path
  if ! nginx_runs "$1" || ! can_ask_nginx || ! read_configuration; then return 0; fi
  [ -z "$(directive open_file_cache | grep -Fvx off || true)" ] || open_files=true
  nginx_caches | while IFS= read -r path; do printf '%s\t%s\n' "$(as_nginx_sees "$path")" "$path"; done >>"$work/zones"
}

# find_page URL: sets stored and zone from the page's file, in the caches that we were told of, or else in any of nginx's.
find_page() {
  local rest=${1#*://} site index=0 directory name
  site=${rest%%/*}
  rest=${site%%:*}/${rest#*/}
  # A cache that was given is told by its place in CachePaths: a path can be longer than there is room for.
  for directory in "${directories[@]}"; do
    index=$((index + 1))
    find_entry "$rest" "$directory" "#$index"
  done
  if [ "$stored" -eq 0 ]; then
    while IFS=$'\t' read -r directory name; do
      find_entry "$rest" "$directory" "$name"
    done <"$work/zones"
  fi
}

probe() {
  local url=$1 status cache next='' age date
  ask "$url"
  status=$(http_status) cache=$(header "$cache_header" 21) age=$(header Age 9) date=$(header Date 29)
  stored=0 zone=''
  case "$cache" in
    '') ;;
    MISS | EXPIRED)
      # A page that is cached is a HIT the second time. One that stays a MISS is not cached, or the header itself is an old copy.
      ask "$url"
      next=$(header "$cache_header" 21)
      ;;
    *)
      if [ "$find_files" = yes ]; then find_page "$url"; fi
      ;;
  esac
  printf '%s{"status":%d,"cache":"%s","then":"%s","age":"%s","date":"%s","stored":%d,"zone":"%s"}' "$comma" "$status" "$cache" "$next" "$age" "$date" \
    "$stored" "$(printf '%s' "$zone" | tr -cd ' !#-[]-~' | cut -c 1-80)"
  comma=,
}

needs awk cat curl cut date find grep head mktemp readlink rm sed sort stat tail tr
make_work_directory
connect=()
[ "$proxy_protocol" != yes ] || connect+=(--haproxy-protocol)
if [ "$certificate" != - ]; then
  require_plain_path ClientCertificate "$certificate"
  connect+=(--cert "$certificate")
fi
directories=()
if [ "$cache_paths" != - ]; then
  IFS='|' read -r -a directories <<<"$cache_paths"
  for directory in "${directories[@]}"; do require_normal_path CachePaths "$directory"; done
else
  directories=(/nonexistent/cache) # bash 3.2 takes an empty array for an unset variable
fi
: >"$work/zones"
open_files=false
if [ "$pid_files" != - ]; then
  IFS='|' read -r -a files <<<"$pid_files"
  for file in "${files[@]}"; do
    require_plain_path NginxPidFiles "$file"
    ask_nginx "$file"
  done
fi

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
