# The moment from which on a cache may be written anew.

# Everything up to now is to go; what is written from now on may stay.
mark_start() {
  : >"$work/start"
}
