# Looks at what purge-w3 or purge-wprocket would find: the site, the user, WP-CLI, the plugin, its cache. Facts only; it judges and changes nothing.
site=${SSM_SitePath:?$no_value}
cache=${SSM_CachePath:?$no_value}
user=${SSM_RunAs:?$no_value}
wp_path=${SSM_WpPath:?$no_value}
wp_url=${SSM_WpUrl:?$no_value}
plugin=${SSM_Plugin:?$no_value}

# ask WORD...: runs wp as the site's user without loading plugins and themes, whose code could do anything.
ask() {
  run_wp "$user" "$site" "$@" --skip-plugins --skip-themes
}

# is_set OPTION KEY: whether a setting of WordPress is switched on.
is_set() {
  # Whatever other plugins say around the value.
  ask option pluck "$1" "$2" && grep -Eqix '1|true|on|yes' "$work/wp.log"
}

# What the purge enters is what is looked at.
enter=enter_page_cache
# shellcheck disable=SC2317 # look_at_cache calls it
enter_page_cache() {
  if [ "$plugin" = wp-rocket ]; then enter_rocket_cache "$1" "$site"; else enter_site_cache "$1" "$site"; fi
}

# Prints a file of the site, read as its user: only a regular one, a megabyte of it, for ten seconds. It could be swapped for a FIFO.
read_as_site_user() {
  # shellcheck disable=SC2016 # for the other shell
  as_site_user "$user" timeout 10 bash -c '[ -f "$1" ] && [ -r "$1" ] && head -c 1048576 -- "$1"' bash "$1" 2>/dev/null </dev/null
}

# W3 Total Cache keeps its settings as JSON behind "<?php exit; ?>", and its active extensions in extensions.active.
w3_extension() {
  local active
  if ! read_as_site_user "$content/w3tc-config/master.php" >"$work/settings"; then
    edge=unknown
    return
  fi
  active=$(tr -d ' \t\r\n' <"$work/settings" | grep -Eo '"extensions\.active":\{[^}]*\}' || true)
  case "$active" in
    *'"cloudflare":'*) edge=w3tc-extension ;;
  esac
}

# With Cloudflare's own plugin set up, WP Rocket's own add-on is off, and that plugin purges whenever WP Rocket clears its cache.
rocket_add_on() {
  if ask plugin is-active cloudflare; then
    if is_set plugin_specific_cache value || is_set automatic_platform_optimization value; then
      edge=cloudflare-plugin
      return
    fi
  fi
  if is_set wp_rocket_settings do_cloudflare; then edge=rocket-add-on; fi
}

# Sets wp to how far WP-CLI comes, and problem to its words where it does not.
ask_wordpress() {
  if ! (require_wp_user "$user") 2>"$work/user.log"; then
    wp=no-user
    problem=$(sed 's/^purgeflow: //' "$work/user.log")
  elif ! id -u "$user" >/dev/null 2>&1; then
    wp=no-user
    problem="there is no user $user on this instance"
  elif ! command -v wp >/dev/null; then
    wp=missing
  elif ! ask core is-installed; then
    wp=failed
    problem=$(grep -m 1 -E '^(PHP )?(Error|Fatal error):' "$work/wp.log" || tail -n 1 "$work/wp.log")
  else
    wp=answers
    if ask plugin is-active "$plugin"; then active=true; fi
    case "$plugin" in
      w3-total-cache)
        ask_w3_cache "$user" "$site" --skip-plugins --skip-themes
        w3_extension
        ;;
      wp-rocket)
        # The command is a package of its own or comes with a plugin, so plugins are loaded here, as the purge does.
        if run_wp "$user" "$site" cli has-command rocket; then command=true; fi
        rocket_add_on
        ;;
    esac
  fi
}

# Directories of the page cache in which the site's user may delete nothing: W3 Total Cache says Success all the same.
count_locked() {
  local pages=$cache/page_enhanced
  [ "$plugin" = w3-total-cache ] && [ -d "$pages" ] || return 0
  # shellcheck disable=SC2016 # for the other shell
  set -- find "$pages" -xdev -type d -exec bash -c 'for directory; do [ -w "$directory" ] || echo x; done' bash {} +
  locked=$(as_site_user "$user" timeout 60 "$@" 2>/dev/null </dev/null | wc -l | tr -d ' ') || true
}

require_plain_path SitePath "$site"
require_plain_path CachePath "$cache"
require_wp "$wp_path" "$wp_url"
make_work_directory
needs_for_cache sed tr wc cut head tail grep env mktemp rm id timeout

wp=unasked problem='' active=false command=false edge=none locked=0 present=false
if [ -d "$site" ]; then
  present=true
  ask_wordpress
  [ "$wp" = no-user ] || count_locked
fi
look_at_cache "$cache"

printf '{"action":"inspected","about":"wordpress",%s,"site":%s,"wp":"%s","problem":"%s","active":%s,"command":%s,"edge":"%s","locked":%d}\n' \
  "$(cache_facts)" "$present" "$wp" "$(plain 300 "$problem")" "$active" "$command" "$edge" "$locked"
