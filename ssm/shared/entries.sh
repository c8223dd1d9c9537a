# Deletes the entries of a cache, and proves it. What is an entry is for the kind of cache to say: before anything here is called, it sets
#   entries      find's tests for one entry, by its path below the cache (./a/bc/0123...): nothing else is ever deleted
#   directories  the same for a directory that may go once it is empty
# So a wrong path costs nothing but time: what is no cache entry by its own shape stays, whatever directory was named.

# Names every mount below the working directory, in mounted, and in mounts as find's tests for what lies in it. -xdev does not see a bind mount of the same file system.
find_mounts() {
  local mount
  mounts=() mounted=''
  [ -r /proc/self/mountinfo ] || return 0
  while IFS= read -r mount; do
    mount=$(printf '%b' "${mount//\\/\\0}") # mountinfo writes a space as \040
    case "$mount" in
      "$PWD"/*)
        mount=.${mount#"$PWD"}
        mounted="$mounted${mounted:+, }$(printf '%s' "${mount#./}" | tr -cd ' -~' | cut -c 1-60)"
        mount=$(printf '%s' "$mount" | sed 's/[][*?\\]/\\&/g')
        mounts+=('!' -path "$mount" '!' -path "$mount/*")
        ;;
    esac
  done < <(cut -d ' ' -f 5 /proc/self/mountinfo)
}

# find_entries ACTION...: never through a link, never into another mount.
find_entries() {
  find . -xdev -type f '(' "${entries[@]}" ')' ${mounts[@]+"${mounts[@]}"} "$@"
}

# Names every entry whose last change is not newer than the mark, then the mark itself.
# Change time, not modification time: a program can set the second one, even to the future.
list_old() {
  { find_entries ! -cnewer "$work/start" -print0 2>/dev/null && printf '%s\0' "$work/start"; } || true
}

# Needs the cache as the working directory, and mark_start. Sets deleted to the number of entries that are gone.
# find unlinks relative to the directory that it has open, so nobody can lead it elsewhere by exchanging one for a link.
delete_entries() {
  local old=0 count
  deleted=0
  find_mounts
  for _ in 1 2 3; do
    # Its exit code decides nothing: nginx deletes and creates files meanwhile. The check below decides.
    count=$({ find_entries -delete -print0 2>"$work/delete.log" || true; } | count_names) || true
    deleted=$((deleted + ${count:-0}))
    find . -xdev -depth -type d '(' "${directories[@]}" ')' ${mounts[@]+"${mounts[@]}"} -empty -delete 2>/dev/null || true
    old=$(list_old | count_names)
    # The mark proves that the listing ran to its end.
    [ "$old" -ge 1 ] || fail 'cannot check what is left in the cache'
    [ "$old" -gt 1 ] || return 0
    # Some file systems keep whole seconds: there, a new file looks as old as the mark for that long.
    sleep 1
  done
  show_tail "$work/delete.log"
  { list_old | tr '\000\001-\037' '\n?' | grep -Fvx "$work/start" | head -n 10 | cut -c 1-200 >&2; } || true
  fail "$deleted entries of the cache are deleted, $((old - 1)) could not be, for example those above"
}

# Prints what lies in the cache and is none of its entries, as a sentence for the report; nothing where there is nothing.
describe_left() {
  local count names
  find . -xdev ! -type d ! '(' -type f '(' "${entries[@]}" ')' ')' -print0 2>/dev/null >"$work/left" || true
  [ -z "$mounted" ] || printf ' What is mounted below it was not touched: %s.' "$(printf '%s' "$mounted" | cut -c 1-200)"
  count=$(count_names <"$work/left")
  [ "$count" -gt 0 ] || return 0
  names=$(tr '\000\n' '\n?' <"$work/left" | cut -d / -f 2 | sort -u | sed -n '1,3p' | tr -cd ' -~\n' | cut -c 1-60 | tr '\n' ',' | sed 's/,$//; s/,/, /g')
  if [ "$count" -eq 1 ]; then echo " Left 1 file that is no cache entry: $names."; else echo " Left $count files that are no cache entries, for example in: $names."; fi
}
