# One process meets a broken file: both end, with one error and a summary that says failed.
. "$(dirname "$0")/common.inc.sh"
needs_mpi
generate_small
truncate -s 1000 data/train/img_1_of_4.parquet

run_fails 6 mpi_small 2 ++workload.workflow.generate_data=False
times 1 '^stoker: error: ' err
times 1 'rank 1: .*img_1_of_4.parquet' err
has run/summary.json '"status": "failed"' 'img_1_of_4.parquet'
