# The version of the MPI library is that of the module's library, asked without starting MPI, and stands in the manifest.
. "$(dirname "$0")/common.inc.sh"
needs_mpi

run_ok "$STOKER_BIN" dlio --mpi-version
times 1 '[0-9]+\.[0-9]' out
version=$(<out)
run_ok "$STOKER_BIN" manifest
grep -Fq "\"library\": \"$version\"" out || fail "the manifest does not tell of $version"
lacks out '"launcher": null'
STOKER_MPI_MODULE=/no/such/module run_fails 6 "$STOKER_BIN" dlio --mpi-version
times 1 '^stoker: error: the MPI module is missing' err
