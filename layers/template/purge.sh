# Deletes the pages of one cache: files that are called *.page, and nothing else.
cache=${SSM_CachePath:?$no_value}
# shellcheck disable=SC2034 # for entries.sh
entries=(-name '*.page') directories=(-path './*')

require_cache_path CachePath "$cache"
make_work_directory
if ! enter_cache "$cache"; then
  report absent 0 0 'The cache directory does not exist.'
  exit 0
fi

read -r _ kib_before <<<"$(measure .)"
mark_start
delete_entries
left=$(describe_left)
read -r _ kib_after <<<"$(measure .)"
if [ "$deleted" -eq 0 ]; then
  report empty 0 0 "The cache held no pages.$left"
else
  report deleted "$(decrease "$kib_before" "$kib_after")" "$deleted" "The cached pages are deleted.$left"
fi
