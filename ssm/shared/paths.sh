# The path rule of the document's allowedPattern, once more: a script that runs as root does not trust its caller.
require_normal_path() {
  case "$2" in
    *[[:cntrl:]]*) fail "$1 holds a control character" ;;
    /*) ;;
    *) fail "$1 must be an absolute path: $2" ;;
  esac
  case "$2/" in
    *//* | */./* | */../*) fail "$1 must be a normalised path, without //, . or .. and without a slash at its end: $2" ;;
  esac
}

require_plain_path() {
  require_normal_path "$1" "$2"
  case "$2" in
    /*/*) ;;
    *) fail "$1 must be at least two levels deep: $2" ;;
  esac
}
