# Under mpirun a refusal is printed once, all ranks end with its exit code, and nothing is written.
. "$(dirname "$0")/common.inc.sh"
needs_mpi

run_fails 5 mpi_small 2 ++workload.reader.batch_size=1000
times 1 'an epoch has no step' err
absent run data

run_fails 5 mpi_small 3 ++workload.train.epochs=0
times 1 'train.epochs: found 0, expected at least 1' err
absent run data

run_fails 3 mpi 2 "$STOKER_BIN" dlio workload=dlrm_b20
times 1 "workload 'dlrm_b20' not found" err
run_fails 2 mpi 2 "$STOKER_BIN" dlio --colour=always
times 1 "unknown option '--colour" err

run_fails 3 mpi_small 2 ++workload.workflow.generate_data=False
times 1 'found 0 files ending in' err
has run/summary.json '"status": "failed"'
