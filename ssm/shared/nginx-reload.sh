# Reloads the nginx of nginx-master.sh, and sees whether it did.

# Prints the ids of the master's children, one a line.
children() {
  if [ -r /proc/self/stat ]; then
    # ID (NAME) STATE PARENT: a name may hold spaces and brackets.
    { cat /proc/[0-9]*/stat 2>/dev/null || true; } | awk -v master="$master" '{ id = $1; sub(/^.*\) /, ""); if ($2 == master && $1 != "Z") print id }'
  else
    ps -A -o pid= -o ppid= | awk -v master="$master" '$2 == master { print $1 }'
  fi
}

# Those of them that are nginx as well: its workers, and what manages its caches. A module may keep a helper of its own beside them.
workers() {
  local id
  children | while read -r id; do
    if [ ! -e "/proc/$id/exe" ] || [ "/proc/$id/exe" -ef "/proc/$master/exe" ]; then echo "$id"; fi
  done
}

# Notes where each of its logs ends.
mark_logs() {
  local log
  directive error_log | cut -d ' ' -f 1 | sort -u | while IFS= read -r log; do
    case "$log" in
      stderr | syslog:* | memory:*) continue ;;
    esac
    log=$(as_nginx_sees "$log")
    if [ -f "$log" ]; then printf '%d %s\n' "$(wc -c <"$log")" "$log"; fi
  done >"$work/logs"
}

# Shows what its logs have to say since then: why it kept its old configuration.
show_refusal() {
  local size log
  while read -r size log; do
    { tail -c "+$((size + 1))" "$log" 2>/dev/null | grep -aE '\[(emerg|alert|crit)\]' | tail -n 3 | tr '\000-\010\013-\037' '?' >&2; } || true
  done <"$work/logs"
}

# reload_nginx SECONDS: tells the process itself to reload, then waits that long for the workers of before to end. Sets in_flight to how many
# have not. A worker ends when its last request has: until then that request can write what it read before the purge into the cache.
# Fails when no new worker appears: the master has then refused the configuration. Where no worker can be seen it does nothing, and in_flight
# is unknown: nginx may run as one process (master_process off), which answers nobody any more after a reload.
reload_nginx() {
  local before now id give_up new
  before=" $(workers | tr '\n' ' ')"
  in_flight=unknown
  [ "$before" != ' ' ] || return 0
  mark_logs
  kill -HUP "$master" 2>"$work/nginx.log" || {
    show_tail "$work/nginx.log"
    return 1
  }
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
