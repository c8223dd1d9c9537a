# Whether nginx runs, by the file in which it keeps its process id.
nginx_runs() {
  [ -e "$1" ] || return 1
  local pid=''
  read -r pid <"$1" || true # no newline at the end is no error
  case "$pid" in
    '' | 0* | *[!0-9]*) return 1 ;;
  esac
  # kill -0 also fails for a process of another user; ps sees that one.
  kill -0 "$pid" 2>/dev/null || ps -p "$pid" >/dev/null 2>&1
}
