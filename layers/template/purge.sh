# Deletes the pages of one cache: files that are called *.page, and nothing else.
cache=${SSM_CachePath:?$no_value}

count_pages() {
  { find . -xdev -type f -name '*.page' "$@" -print0 2>/dev/null || true; } | count_names
}

require_cache_path CachePath "$cache"
make_work_directory
if ! enter_cache "$cache"; then
  report absent 0 0 'The cache directory does not exist.'
  exit 0
fi

: >"$work/start"
before=$(count_pages)
read -r _ kib_before <<<"$(measure .)"
find . -xdev -type f -name '*.page' -delete 2>"$work/delete.log" || true
# Not its exit code decides, but what is left: pages that are newer may stay.
if [ "$(count_pages ! -cnewer "$work/start")" -gt 0 ]; then
  show_tail "$work/delete.log"
  fail "pages of the cache could not be deleted: $cache"
fi
read -r _ kib_after <<<"$(measure .)"
if [ "$before" -eq 0 ]; then
  report empty 0 0 'The cache held no pages.'
else
  report deleted "$(decrease "$kib_before" "$kib_after")" "$before" 'The cached pages are deleted.'
fi
