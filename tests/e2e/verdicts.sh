# Planted causes that the verdict has to name; scripts/verdicts without --short plants all of them.
. "$(dirname "$0")/common.inc.sh"
"$STOKER_SOURCE_DIR/scripts/verdicts" --short --stoker "$STOKER_BIN" >verdicts.txt 2>&1 || fail "$(cat verdicts.txt)"
has verdicts.txt '4 verdicts, 0 wrong'
