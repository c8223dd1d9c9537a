# Asks the site where W3 Total Cache keeps its pages: Bedrock and others move wp-content, and W3TC_CACHE_DIR moves the cache alone.
# shellcheck disable=SC2016 # for PHP
w3_question='echo "\npurgeflow-cache=", defined("W3TC_CACHE_DIR") ? W3TC_CACHE_DIR : WP_CONTENT_DIR . "/cache";'
w3_question+=' echo "\npurgeflow-content=", WP_CONTENT_DIR, "\npurgeflow-engine=";'
w3_question+=' echo class_exists("W3TC\Dispatcher") ? W3TC\Dispatcher::config()->get_string("pgcache.engine") : "", "\n";'

# ask_w3_cache USER SITE WP-OPTION...: sets cache and content to directories and engine to what keeps pages, empty where that is not known.
ask_w3_cache() {
  local user=$1 site=$2 said
  shift 2
  # shellcheck disable=SC2034
  content=$site/wp-content cache='' engine=''
  if run_wp "$user" "$site" eval "$w3_question" "$@"; then
    said=$(sed -n 's/^purgeflow-content=//p' "$work/wp.log" | tail -n 1)
    [ -z "$said" ] || content=${said%/}
    said=$(sed -n 's/^purgeflow-cache=//p' "$work/wp.log" | tail -n 1)
    cache=${said%/}
    # shellcheck disable=SC2034 # the inspection does not need it
    engine=$(sed -n 's/^purgeflow-engine=//p' "$work/wp.log" | tail -n 1 | tr -cd 'a-z_')
  fi
  cache=${cache:-$content/cache}
}
