# Counts and sizes, fast (no process per file) and with options that GNU and BSD tools share.
# A cache changes while it is measured, so a file that vanishes meanwhile is no error.

count_names() {
  tr -dc '\000' | wc -c | tr -d ' '
}

# Prints "FILES KIB" for a directory, "0 0" when there is none.
measure() {
  if [ ! -d "$1" ]; then
    echo '0 0'
    return
  fi
  local files kib
  files=$(cd -P -- "$1" && { find . -xdev ! -type d -print0 2>/dev/null || true; } | count_names)
  kib=$(cd -P -- "$1" && { du -skx . 2>/dev/null || true; } | cut -f 1)
  echo "$files ${kib:-0}"
}

# A cache that fills faster than we empty it has freed nothing, not less than nothing.
decrease() {
  if [ "$1" -gt "$2" ]; then echo $(($1 - $2)); else echo 0; fi
}
