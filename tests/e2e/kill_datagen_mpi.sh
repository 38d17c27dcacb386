# One of several MPI ranks is killed: the job ends, and the next one goes on.
. "$(dirname "$0")/common.inc.sh"
needs_mpi
"$STOKER_SOURCE_DIR/scripts/kill-test" 8 --mode mpi --ranks 2 --stoker "$STOKER_BIN"
