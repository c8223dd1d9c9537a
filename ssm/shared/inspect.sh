# What a look at a cache directory has in common, whichever cache it is. Nothing here writes outside $work.

# plain LENGTH TEXT: as much of it as JSON and a message can take as it is.
plain() {
  printf '%s' "$2" | tr -cd ' -~' | tr -d '\042\134' | cut -c "1-$1"
}

# look_at_cache DIRECTORY: sets directory to present, absent or refused, with the reason, and files and kib.
look_at_cache() {
  files=0 kib=0 reason=''
  # In a subshell: what would end a purge is here one fact among others.
  if (require_cache_path CachePath "$1" && "${enter:-enter_cache}" "$1") >/dev/null 2>"$work/enter.log"; then
    directory=present
    read -r files kib <<<"$(measure "$1")"
  elif [ -s "$work/enter.log" ]; then
    directory=refused
    reason=$(tail -n 1 "$work/enter.log")
    reason=${reason#purgeflow: }
  else
    directory=absent
  fi
}

cache_facts() {
  printf '"directory":"%s","reason":"%s","files":%d,"bytes":%d' "$directory" "$(plain 300 "$reason")" "$files" "$((kib * 1024))"
}
