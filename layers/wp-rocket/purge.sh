# Clears WP Rocket's page cache: through its wp command where there is one, so that its hooks run, then by deleting its pages.
# The second step also follows the first: wp rocket clean reports success when files of another user stay, and it knows one domain only.
site=${SSM_SitePath:?$no_value}
cache=${SSM_CachePath:?$no_value}
user=${SSM_RunAs:?$no_value}
wp_path=${SSM_WpPath:?$no_value}
wp_url=${SSM_WpUrl:?$no_value}

# index[-mobile][-https][-webp][-cookies].html, each also compressed; the last two are marks that it leaves beside pages.
entry=(-name .mobile-active -o -name .no-webp)
for name in index 'index-*'; do
  for suffix in .html .html_gzip .html_br .html.gz .html.br .xml .xml_gzip; do entry+=(-o -name "$name$suffix"); done
done

enter_page_cache() {
  enter_rocket_cache "$cache" "$site"
}

# Sets cleaned to yes when WP Rocket itself did it; no when it is not here, not active or had nothing to clean.
clean_with_wp() {
  cleaned=no
  command -v wp >/dev/null || return 0
  run_wp "$user" "$site" cli has-command rocket || return 0
  local status=0
  run_wp "$user" "$site" rocket clean --confirm || status=$?
  # The wp command is a package of its own, so it can be there without the plugin.
  if wp_said 'No cache files are cleared' || wp_said 'WP-Rocket seems not enabled'; then
    return 0
  fi
  if [ "$status" -ne 0 ] || ! wp_confirmed "$files" "$( (enter_page_cache && count_entries) || echo 0)"; then
    show_tail "$work/wp.log"
    fail "wp rocket clean failed (exit code $status, no line that begins with Success:): see its output above, and run it by hand as $user. Nothing else is deleted"
  fi
  cleaned=yes
}

require_cache_path CachePath "$cache"
require_site "$site"
require_wp "$wp_path" "$wp_url"
require_wp_user "$user"
needs_for_cache sed tr wc cut head tail grep env mktemp rm id sleep
make_work_directory

files=0 kib_before=0 present=no
if enter_page_cache; then
  present=yes
  files=$(count_entries)
  read -r _ kib_before <<<"$(measure .)"
fi
mark_start
progress='some cached pages may be deleted and others not'
clean_with_wp

kib_after=0 others=''
# Entered anew: wp may have replaced the directory.
if enter_page_cache; then
  delete_entries "$user"
  others=$(tell_others)
  read -r _ kib_after <<<"$(measure .)"
fi

if [ "$cleaned" = yes ]; then
  action=flushed said="WP Rocket cleared its cache, and nothing older is left in its directory.$(wp_note)"
elif [ "$present" = no ]; then
  action=absent said='The cache directory does not exist.'
elif [ "$files" -eq 0 ]; then
  action=empty said='The cache held no pages.'
else
  action=deleted said='The cached pages are deleted.'
fi
report "$action" "$(decrease "$kib_before" "$kib_after")" "$files" "$said$others"
