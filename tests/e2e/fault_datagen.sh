# A full disk, an error of a write and a file system that turns read-only, while a data set is written: one clear error, no half file
# under a final name, and the next generation ends where an undisturbed run would have ended.
. "$(dirname "$0")/common.inc.sh"
for mode in eio enospc remount; do
  code=0
  "$STOKER_SOURCE_DIR/scripts/kill-test" 15 --mode $mode --stoker "$STOKER_BIN" || code=$?
  # Namespaces are not to be had everywhere.
  [[ $code == 0 || ($code == 77 && $mode != eio) ]] || fail "mode $mode"
done
