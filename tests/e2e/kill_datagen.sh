# SIGKILL at a hundred random moments: datagen goes on and ends where an undisturbed run would have ended.
. "$(dirname "$0")/common.inc.sh"
"$STOKER_SOURCE_DIR/scripts/kill-test" 100 --stoker "$STOKER_BIN"
