# The bytes of a data set do not depend on the number of processes that write it.
. "$(dirname "$0")/common.inc.sh"
needs_mpi
data=(++workload.workflow.train=False ++workload.dataset.num_files_train=7 ++workload.dataset.compression=zstd)

run_ok small "${data[@]}" ++workload.dataset.data_folder=reference
for ranks in 2 3; do
  run_ok mpi_small $ranks "${data[@]}" ++workload.dataset.data_folder=processes-$ranks
  diff -r reference processes-$ranks >diff.txt || fail "$ranks processes: $(cat diff.txt)"
done
