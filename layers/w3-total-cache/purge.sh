# Flushes W3 Total Cache through WP-CLI: page, object, database and minify caches can live outside the file system, so only the plugin can
# empty them. Then it deletes what the plugin leaves of its pages: a flush renames them to ..._old, which PHP serves for 30 s more.
site=${SSM_SitePath:?$no_value}
user=${SSM_RunAs:?$no_value}
wp_path=${SSM_WpPath:?$no_value}
wp_url=${SSM_WpUrl:?$no_value}

# in_pages COMMAND: runs it in each directory that holds the plugin's pages, with entry as their names are there.
in_pages() {
  local directory
  for directory in page_enhanced page; do
    (
      if [ "$directory" = page ]; then
        printf -v hex '[0-9a-f]%.0s' {1..32}
        entry=(-name "$hex.php")
      else
        entry=(-name '_index*_old')
        for suffix in {html,xml,json}{,_gzip,_br,_deflate}; do
          # The second is a page while it is written: its process id is the last part.
          entry+=(-o -name "_index*.$suffix" -o -name "_index*.$suffix.[0-9]*")
        done
      fi
      if enter_site_cache "$cache/$directory" "$site"; then "$1"; fi
    ) || return 1
  done
}

# Pages as they were before a flush renames them.
list_pages() {
  list_entries | tr '\n\000' '?\n' | grep -v '_old$' || true
}

count_pages() {
  in_pages list_pages >"$work/pages" || exit 1
  wc -l <"$work/pages" | tr -d ' '
}

delete_pages() {
  delete_entries "$user"
  tell_others >>"$work/others.txt"
}

measure_cache() {
  if (enter_site_cache "$cache" "$site") 2>/dev/null; then measure "$cache"; else echo '0 0'; fi
}

require_site "$site"
require_wp "$wp_path" "$wp_url"
require_wp_user "$user"
needs_for_cache sed tr wc cut head tail grep env mktemp rm id sleep
command -v wp >/dev/null || fail 'wp is not on the PATH of this instance: install WP-CLI (https://wp-cli.org)'
make_work_directory

ask_w3_cache "$user" "$site"
require_cache_path 'The cache directory of W3 Total Cache' "$cache"
pages=$(count_pages)
before=$(measure_cache)
: >"$work/others.txt"
mark_start
progress='W3 Total Cache may have flushed some of its caches and not others, and older pages may be left'
status=0
run_wp "$user" "$site" w3-total-cache flush all || status=$?
if [ "$status" -ne 0 ] || ! wp_confirmed "$pages" "$(count_pages)"; then
  show_tail "$work/wp.log"
  if wp_said "'w3-total-cache' is not a registered wp command"; then
    fail 'W3 Total Cache is not active in this site: activate it, or take this layer out of the configuration'
  fi
  fail "wp w3-total-cache flush all failed (exit code $status, no line that begins with Success:): see its output above, and run it by hand as $user"
fi
note=$(wp_note)
in_pages delete_pages || exit 1
after=$(measure_cache)

case "$engine" in
  file | file_generic) said="W3 Total Cache flushed all its caches, and no older page is left in $cache." ;;
  '') said="W3 Total Cache says that it flushed all its caches. Where it keeps pages is not known; no older page is in $cache." ;;
  *) said="W3 Total Cache says that it flushed all its caches. Pages are in $engine, where nothing can be looked at, and it may serve old ones for 30 s." ;;
esac
read -r files_before kib_before <<<"$before"
read -r files_after kib_after <<<"$after"
report flushed "$(decrease "$kib_before" "$kib_after")" "$(decrease "$files_before" "$files_after")" "$said$note$(<"$work/others.txt")"
