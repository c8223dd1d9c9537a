# The nginx whose process id stands in a file: what it is, how it was started, what its workers are. What a process calls itself decides
# nothing: forks, wrappers and copies have other titles, and a process of another kind can have got the id of an nginx that is gone.

# nginx_runs PID-FILE: sets master to its process id, program to what it runs and options to what it was started with; else sets absence to
# why not.
nginx_runs() {
  master=''
  absence="$1 names no live process"
  [ -e "$1" ] || return 1
  read -r master <"$1" || true # no newline at the end is no error
  case "$master" in
    '' | 0* | *[!0-9]*) return 1 ;;
  esac
  [ -d "/proc/$master" ] || kill -0 "$master" 2>/dev/null || return 1
  # shellcheck disable=SC2034 # for who calls
  absence="$1 names process $master, which is no nginx"
  is_master
}

# Whether there is one that the pid file does not name.
another_nginx_runs() {
  local id
  while read -r id; do
    master=$id
    if is_master; then return 0; fi
  done < <(
    if [ -r /proc/self/cmdline ]; then
      grep -laF ': master process ' /proc/[0-9]*/cmdline 2>/dev/null | cut -d / -f 3
    else
      ps -A -o pid= -o args= | awk '/: master process / { print $1 }'
    fi
  )
  return 1
}

# The process's own program, also where another stands at its path by now; where that cannot be read, or is a shell that runs a script, what
# its title names.
is_master() {
  local file
  read_arguments
  for file in "/proc/$master/exe" "$(command -v -- "$program" || true)"; do
    # What knows this directive is nginx, whatever its name is.
    if [ -x "$file" ] && grep -Eaq '(fastcgi|proxy|uwsgi|scgi)_cache_path' "$file" 2>/dev/null; then
      program=$file
      return 0
    fi
  done
  return 1
}

# Sets program and options (-c, -p, -g and -e with their values) from the process's arguments. nginx puts them into its title, as one text.
read_arguments() {
  local word value letter title joined=no
  set --
  if [ -r "/proc/$master/cmdline" ]; then
    while IFS= read -r -d '' word; do set -- "$@" "$word"; done <"/proc/$master/cmdline"
  else
    set -- "$(ps -o args= -p "$master" 2>/dev/null || true)"
  fi
  title=''
  case "${1-}" in
    *': master process '*) title=${1#*: master process } ;;
    # Another title, as nothing but empty words follows; the program's name may stand anywhere before the first option.
    *' -'*) [ -n "$(printf '%s' "${@:2}")" ] || title="-${1#* -}" ;;
  esac
  if [ -n "$title" ]; then
    joined=yes
    set -f # a ? in it is no pattern
    # shellcheck disable=SC2086 # its words
    set -- $title
    set +f
  fi
  program='' options=()
  while [ $# -gt 0 ]; do
    case "$1" in
      -?*)
        word=${1#-}
        while case "$word" in [hvVtTq?]*) ;; *) false ;; esac do word=${word#?}; done
        letter=${word%"${word#?}"} value=${word#?}
        if [ -n "$letter" ] && [ -z "$value" ] && [ $# -gt 1 ]; then
          value=$2
          shift
        fi
        ;;
      *) letter='' value=$1 ;;
    esac
    shift
    # nginx takes no argument that begins otherwise, so what follows is the rest of a value with spaces.
    if [ "$joined" = yes ]; then
      while [ $# -gt 0 ]; do
        case "$1" in -[a-zA-Z?]*) break ;; esac
        value="$value $1"
        shift
      done
    fi
    case "$letter" in
      '') program=${program:-$value} ;;
      [cpge]) options+=("-$letter" "$value") ;;
    esac
  done
}

# Whether its paths mean what they mean to us: not so in a container, or with systemd's PrivateTmp.
shares_mounts() {
  [ ! -e "/proc/$master/ns/mnt" ] || [ "/proc/$master/ns/mnt" -ef /proc/self/ns/mnt ]
}

# Whether it can be asked for its configuration.
can_ask_nginx() {
  shares_mounts || command -v nsenter >/dev/null
}

# run_nginx ARGUMENT...: its own program with its own options, from its own directory and with its own files.
run_nginx() {
  (
    if shares_mounts; then
      cd "/proc/$master/cwd" 2>/dev/null || true
      exec "$program" ${options[@]+"${options[@]}"} "$@"
    fi
    exec nsenter --target "$master" --mount --wd -- "$(readlink "$program")" ${options[@]+"${options[@]}"} "$@"
  ) </dev/null
}
