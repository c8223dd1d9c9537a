# Flushes W3 Total Cache through WP-CLI: page, object, database and minify caches can live outside the file system, so only the plugin can empty them.
site=${SSM_SitePath:?$no_value}
user=${SSM_RunAs:?$no_value}

require_site "$site"
require_wp_user "$user"
command -v wp >/dev/null || fail 'wp is not on the PATH of this instance: install WP-CLI (https://wp-cli.org)'
make_work_directory

cache=$site/wp-content/cache
read -r files_before kib_before <<<"$(measure "$cache")"

: >"$work/start"
status=0
run_wp "$user" "$site" w3-total-cache flush all || status=$?
if [ "$status" -ne 0 ] || wp_complained; then
  show_tail "$work/wp.log"
  if wp_said "'w3-total-cache' is not a registered wp command"; then
    fail 'W3 Total Cache is not active in this site: activate it, or take this layer out of the configuration'
  fi
  fail "wp w3-total-cache flush all failed (exit code $status): see its output above, and run it by hand as $user"
fi

# The plugin says Success also when it could not delete a file, and PHP would serve the old page from there again and again.
if [ -d "$cache/page_enhanced" ]; then
  old=$(cd -P -- "$cache/page_enhanced" && { find . -xdev -type f ! -cnewer "$work/start" ! -name '.*' -print0 2>/dev/null || true; } | count_names)
  [ "$old" -eq 0 ] || fail "wp w3-total-cache flush all reported success, but $old files of its page cache are still there: see who owns wp-content/cache/page_enhanced"
fi

read -r files_after kib_after <<<"$(measure "$cache")"
report flushed "$(decrease "$kib_before" "$kib_after")" "$(decrease "$files_before" "$files_after")" 'W3 Total Cache flushed all its caches.'
