# Clears WP Rocket's page cache: through its wp command where there is one, so that its hooks run, then by emptying the directory.
# The second step also follows the first: wp rocket clean reports success when files of another user stay, and it knows one domain only.
site=${SSM_SitePath:?$no_value}
cache=${SSM_CachePath:?$no_value}
user=${SSM_RunAs:?$no_value}

enter_page_cache() {
  enter_cache "$cache" || return 1
  local site_directory
  site_directory=$(cd -P -- "$site" && printf '%s' "$PWD") || fail "SitePath cannot be entered: $site"
  case "$site_directory/" in
    "$PWD"/*) fail "CachePath holds the site itself: $cache" ;;
  esac
}

# Sets cleaned to yes when WP Rocket itself did it; no when it is not here, not active or had nothing to clean.
clean_with_wp() {
  cleaned=no
  command -v wp >/dev/null || return 0
  require_wp_user "$user"
  run_wp "$user" "$site" cli has-command rocket || return 0
  local status=0
  run_wp "$user" "$site" rocket clean --confirm || status=$?
  # The wp command is a package of its own, so it can be there without the plugin.
  if wp_said 'No cache files are cleared' || wp_said 'WP-Rocket seems not enabled'; then
    return 0
  fi
  if [ "$status" -ne 0 ] || wp_complained; then
    show_tail "$work/wp.log"
    fail "wp rocket clean failed (exit code $status): see its output above, and run it by hand as $user"
  fi
  cleaned=yes
}

require_cache_path CachePath "$cache"
require_site "$site"
make_work_directory

files=0 kib_before=0 present=no
if enter_page_cache; then
  present=yes
  read -r files kib_before <<<"$(measure .)"
fi
mark_start
clean_with_wp

kib_after=0
# Entered anew: wp may have replaced the directory.
if enter_page_cache; then
  delete_content
  read -r _ kib_after <<<"$(measure .)"
fi

if [ "$cleaned" = yes ]; then
  action=flushed said='WP Rocket cleared its cache, and nothing older is left in its directory.'
elif [ "$present" = no ]; then
  action=absent said='The cache directory does not exist.'
elif [ "$files" -eq 0 ]; then
  action=empty said='The cache held no files.'
else
  action=deleted said='The cached files are deleted.'
fi
report "$action" "$(decrease "$kib_before" "$kib_after")" "$files" "$said"
