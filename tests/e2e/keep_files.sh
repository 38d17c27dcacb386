# keep_files: False deletes the data set after a run, but not after its generation alone.
. "$(dirname "$0")/common.inc.sh"

run_ok small ++workload.dataset.keep_files=False ++workload.workflow.train=False
equal "$(count_files data '*.parquet')" 4
rm -rf run
run_ok train_small ++workload.dataset.keep_files=False
check_results run 1
absent data
