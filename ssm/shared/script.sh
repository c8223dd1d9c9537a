# What every script begins and ends with: strict mode, one way to fail, one way to report.
set -euo pipefail
# Bytes, not characters: names in a cache need not be valid UTF-8, and messages that we look for are in English.
export LC_ALL=C

# An agent that does not know interpolationType ENV_VAR sets no variable at all. Going on would purge nothing, or the wrong thing.
no_value='has no value: give the parameter, or update SSM Agent on this instance to 3.3.2746.0 or later'

fail() {
  printf 'purgeflow: %s\n' "$*" >&2
  exit 1
}

# needs PROGRAM...: without one of them a check would see nothing, and that would look like nothing wrong.
needs() {
  local program missing=''
  for program in "$@"; do
    command -v "$program" >/dev/null || missing="$missing $program"
  done
  [ -z "$missing" ] || fail "this instance lacks$missing: install what is missing (findutils, coreutils, procps, gawk or mawk); nothing was done"
}

# needs_for_cache PROGRAM...: the same, and find and du that know what finding and measuring the entries of a cache takes.
needs_for_cache() {
  needs find du "$@"
  # Busybox and others have programs of these names that know less.
  find /dev/null -prune -xdev ! -empty ! -cnewer /dev/null ! -path . ! -type d -print0 >/dev/null 2>&1 ||
    fail 'find on this instance does not know -cnewer, -empty or -print0: install findutils; nothing was done'
  du -skx /dev/null >/dev/null 2>&1 || fail 'du on this instance does not know -x: install coreutils; nothing was done'
}

# What is true where a script is stopped before its end, as a part of a sentence.
progress='nothing was done'

# What is still to be done then; a script has its own.
# shellcheck disable=SC2317 # a trap calls it
stopping() { :; }

# shellcheck disable=SC2317 # a trap calls it
stopped() {
  trap '' TERM INT HUP
  stopping
  fail "stopped by a signal before its end: $progress"
}
trap stopped TERM INT HUP

# Other programs' output goes to a file: Run Command keeps 2,500 characters of stdout, and its last line is our result.
make_work_directory() {
  work=$(mktemp -d "${TMPDIR:-/tmp}/purgeflow.XXXXXX") || fail 'cannot make a temporary directory'
  trap 'rm -rf -- "$work"' EXIT
}

show_tail() {
  tail -n 20 "$1" | tail -c 2000 | tr '\000-\010\013-\037' '?' >&2
}

# This machine's own clock, in seconds: what a cache holds from before this moment is the old copy.
began=$(date +%s)
# How many nginx workers may still write an answer from before the purge into the cache, or unknown.
in_flight=0

# report ACTION KIB FILES DETAIL
# DETAIL is always a sentence of ours. tr drops control characters, quotes and backslashes, so that the line stays valid JSON
# even if a later edit lets a value slip into it.
report() {
  [ "$in_flight" != unknown ] || in_flight='"unknown"'
  printf '{"action":"%s","freedBytes":%d,"files":%d,"began":%d,"inFlight":%s,"detail":"%s"}\n' \
    "$1" "$(($2 * 1024))" "$3" "$began" "$in_flight" "$(printf '%s' "$4" | tr -d '\000-\037\042\134\177')"
}
