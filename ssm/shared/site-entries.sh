# Finds and deletes the cache entries below a site. All of it needs the cache as the working directory, and entry: find's tests for the name of a cache entry.
list_entries() {
  find . -xdev -type f "${apart[@]}" \( "${entry[@]}" \) -print0 2>/dev/null || true
}

count_entries() {
  list_entries | count_names
}

# Entries whose last change is not newer than the mark, then the mark itself, which proves that the listing ran to its end.
list_old_entries() {
  find . "$work/start" -xdev -type f "${apart[@]}" \( -path "$work/start" -o "${entry[@]}" \) ! -cnewer "$work/start" -print0 2>/dev/null || true
}

# delete_entries USER: deletes the entries, and directories that are empty, as that user.
delete_entries() {
  local old=0
  for _ in 1 2 3; do
    as_site_user "$1" find . -xdev -type f "${apart[@]}" \( "${entry[@]}" \) -delete 2>"$work/delete.log" || true
    as_site_user "$1" find . -xdev -type d "${apart[@]}" -empty -delete 2>>"$work/delete.log" || true
    old=$(list_old_entries | count_names)
    [ "$old" -ge 1 ] || fail 'cannot check what is left in the cache'
    [ "$old" -gt 1 ] || return 0
    # Some file systems keep whole seconds: there, a new file looks as old as the mark for that long.
    sleep 1
  done
  show_tail "$work/delete.log"
  { list_old_entries | tr '\000\001-\037' '\n?' | grep -Fvx "$work/start" | head -n 10 | cut -c 1-200 >&2; } || true
  fail "$((old - 1)) entries of the cache could not be deleted as $1, for example those above: see who owns them"
}

# Prints a sentence about what lies in the cache and is no entry of it, or nothing.
tell_others() {
  local count
  [ -z "$mounted" ] || printf ' What is mounted below it was not touched: %s.' "$(printf '%s' "$mounted" | cut -c 1-200)"
  find . -xdev ! -type d "${apart[@]}" ! -name .htaccess ! \( -type f \( "${entry[@]}" \) \) -print0 2>/dev/null >"$work/others" || true
  count=$(count_names <"$work/others")
  [ "$count" -gt 0 ] || return 0
  printf ' Left %d files that are no cache entries: %s.' "$count" \
    "$(tr '\000\001-\037' '\n?' <"$work/others" | tr -cd '\n -~' | head -n 3 | cut -c 3-80 | tr '\n' ',' | sed 's/,$//; s/,/, /g')"
}
