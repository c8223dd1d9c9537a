# Deletes what a cache directory holds, never the directory itself, and proves it.

# Everything up to now is to go; what is written from now on may stay.
mark_start() {
  : >"$work/start"
}

# Names every entry whose last change is not newer than the mark, then the mark itself.
# Change time, not modification time: a program can set the second one, even to the future.
list_old() {
  find . "$work/start" -xdev ! -name . ! -cnewer "$work/start" -print0 2>/dev/null || true
}

# Needs the cache as the working directory, and mark_start. find removes links, never what they point at, and stays on one file system.
delete_content() {
  local old=0
  for _ in 1 2 3; do
    # Its exit code decides nothing: nginx deletes and creates files meanwhile. The check below decides.
    find . -xdev ! -name . -delete 2>"$work/delete.log" || true
    old=$(list_old | count_names)
    # The mark proves that the listing ran to its end.
    [ "$old" -ge 1 ] || fail 'cannot check what is left in the cache'
    [ "$old" -gt 1 ] || return 0
    # Some file systems keep whole seconds: there, a new file looks as old as the mark for that long.
    sleep 1
  done
  show_tail "$work/delete.log"
  { list_old | tr '\000\001-\037' '\n?' | grep -Fvx "$work/start" | head -n 10 | cut -c 1-200 >&2; } || true
  fail "$((old - 1)) entries of the cache could not be deleted, for example those above"
}
