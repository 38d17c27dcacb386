# Reading a FLUX file whose 600 MB are one row group, with eight threads, takes less than 500 MiB.
. "$(dirname "$0")/common.inc.sh"
. "$here/memory.inc.sh"
needs_space 2
data=(++workload.dataset.data_folder=data ++workload.dataset.num_files_train=1 ++workload.dataset.num_samples_per_file=288
  ++workload.dataset.parquet.row_group_size=288 ++hydra.run.dir=run)

run_ok "$STOKER_BIN" dlio workload=flux_datagen "${data[@]}"
rm -rf run
peak_below 500 "$STOKER_BIN" dlio workload=flux_b200 "${data[@]}" ++workload.reader.read_threads=8 ++workload.reader.batch_size=48 \
  ++workload.train.computation_time=0.001 ++workload.train.epochs=1
check_results run 1
has out ' 6 steps in '
