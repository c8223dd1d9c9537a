# What a running nginx says of its configuration. Needs nginx-master.sh.

# Asks nginx for its configuration, which tests it too, and takes it apart. Only of one that runs: a test of one that does not would make
# its pid file, its logs and its directories. Returns 1 when nginx refuses it; why is then in $work/nginx.log.
read_configuration() {
  : >"$work/directives"
  run_nginx -T >"$work/nginx.conf" 2>"$work/nginx.log" || return 1
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

# The directory that its relative paths begin at.
nginx_prefix() {
  local index
  for ((index = 0; index < ${#options[@]}; index += 2)); do
    [ "${options[index]}" != -p ] || prefix=${options[index + 1]}
  done
  [ -n "${prefix-}" ] || prefix=$(run_nginx -V 2>&1 | sed -n 's/.*--prefix=\([^ ]*\).*/\1/p')
  case "$prefix" in
    /*) ;;
    *) prefix=$(readlink "/proc/$master/cwd" || pwd)/$prefix ;;
  esac
  printf '%s\n' "${prefix%/}"
}

# The directories of nginx's caches, for FastCGI, proxies, uWSGI and SCGI alike, or of the given one of these.
nginx_caches() {
  local path
  { grep -E "^(${1:-fastcgi|proxy|uwsgi|scgi})_cache_path"$'\t' "$work/directives" || true; } | cut -f 2 | while IFS= read -r path; do
    case "$path" in
      /*) ;;
      *) path=$(nginx_prefix)/$path ;;
    esac
    printf '%s\n' "${path%/}"
  done | sort -u
}

# Prints what a path of its configuration is called here.
as_nginx_sees() {
  local path=$1
  case "$path" in
    /*) ;;
    *) path=$(nginx_prefix)/$path ;;
  esac
  if [ -e "/proc/$master/root/." ]; then path=/proc/$master/root$path; fi
  printf '%s\n' "$path"
}

# is_nginx_cache DIRECTORY [MODULE]: whether it is one of its caches: the same one, by whatever names. In a mount namespace of its own, the same name is not enough.
is_nginx_cache() {
  local path seen
  while IFS= read -r path; do
    seen=$(as_nginx_sees "$path")
    if [ "$seen" -ef "$1" ] || { [ "$path" = "$1" ] && [ ! -e "$seen" ] && [ ! -e "$1" ]; }; then return 0; fi
  done < <(nginx_caches "${2-}")
  return 1
}

# Prints why it is none of them.
describe_caches() {
  local caches
  caches=$(nginx_caches)
  if grep -Fqx -- "$1" <<<"$caches"; then
    echo "nginx has another directory at $1 than this machine has: it runs in a mount namespace of its own (PrivateTmp, a container)"
  else
    caches=$(sed -n '1,5p' <<<"$caches" | tr '\n' ',' | sed 's/,$//; s/,/, /g')
    echo "nginx keeps no cache in $1, ${caches:+its caches are in }${caches:-it has no cache at all}"
  fi
}
