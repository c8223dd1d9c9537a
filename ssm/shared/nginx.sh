# What a running nginx says of itself.

# Whether nginx runs, by the file in which it keeps its process id. Sets master to that id.
nginx_runs() {
  master=''
  [ -e "$1" ] || return 1
  read -r master <"$1" || true # no newline at the end is no error
  case "$master" in
    '' | 0* | *[!0-9]*) return 1 ;;
  esac
  # kill -0 also fails for a process of another user; ps sees that one.
  kill -0 "$master" 2>/dev/null || ps -p "$master" >/dev/null 2>&1
}

# Asks nginx for its configuration, which tests it too, and takes it apart. Only of one that runs: a test of one that does not would make
# its pid file, its logs and its directories. Returns 1 when nginx refuses it; why is then in $work/nginx.log.
read_configuration() {
  : >"$work/directives"
  nginx -T >"$work/nginx.conf" 2>"$work/nginx.log" || return 1
  split_directives <"$work/nginx.conf" >"$work/directives"
}

# One directive a line, its words apart by tabs: quotes, comments and line ends mean what they mean to nginx. Lua has a grammar of its own,
# so blocks of it are skipped.
split_directives() {
  awk '
    function word() { if (has) { line = line (line == "" ? "" : "\t") token; token = ""; has = 0 } }
    function directive() { word(); if (line != "") print line; line = "" }
    /^# configuration file .*:$/ { token = line = quote = ""; has = variable = lua = 0; next }
    {
      size = length($0)
      for (i = 1; i <= size; i++) {
        c = substr($0, i, 1)
        if (lua != 0) { if (c == "{") lua++; else if (c == "}") lua--; continue }
        if (quote != "") {
          if (c == "\\" && index("\\" quote, substr($0, i + 1, 1)) && i < size) { i++; token = token substr($0, i, 1) }
          else if (c == quote) quote = ""
          else token = token (c == "\t" ? " " : c)
          continue
        }
        if (c == "#" && !has) break
        if (c == " " || c == "\t" || c == "\r") word()
        else if ((c == "\"" || c == "\047") && !has) { quote = c; has = 1 }
        else if (c == "{" && has && substr(token, length(token)) == "$") { token = token c; variable = 1 }
        else if (c == "}" && variable) { token = token c; variable = 0 }
        else if (c == "{") { word(); if (line ~ /_by_lua_block(\t|$)/) lua = 1; directive() }
        else if (c == ";" || c == "}") directive()
        else { token = token c; has = 1 }
      }
      if (quote != "") token = token " "; else word()
    }
  '
}

# directive NAME: the values of each, one line each, words apart by a space. NAME is an extended regular expression.
directive() {
  { grep -E "^($1)"$'\t' "$work/directives" || true; } | cut -f 2- | tr '\t' ' '
}

# The directories of nginx's caches, for FastCGI, proxies, uWSGI and SCGI alike.
nginx_caches() {
  local path prefix=''
  { grep -E '^(fastcgi|proxy|uwsgi|scgi)_cache_path'$'\t' "$work/directives" || true; } | cut -f 2 | while IFS= read -r path; do
    case "$path" in
      /*) ;;
      *)
        [ -n "$prefix" ] || prefix=$(nginx -V 2>&1 | sed -n 's/.*--prefix=\([^ ]*\).*/\1/p')
        path=$prefix/$path
        ;;
    esac
    printf '%s\n' "${path%/}"
  done | sort -u
}

# Whether a directory is one of them, by any of its names.
is_nginx_cache() {
  local path
  while IFS= read -r path; do
    [ "$path" != "$1" ] && ! [ "$path" -ef "$1" ] || return 0
  done < <(nginx_caches)
  return 1
}

# Whether the running nginx has another directory under this name than we have: PrivateTmp, a container. Not so where /proc cannot be read.
nginx_sees_another() {
  [ -e "/proc/$master/root/." ] || return 1
  { [ -e "$1" ] || [ -e "/proc/$master/root$1" ]; } && ! [ "$1" -ef "/proc/$master/root$1" ]
}
