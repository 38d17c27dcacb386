# Writing files of one 600 MB row group each takes less than 512 MiB, four ranks together: memory follows pages, not row groups.
. "$(dirname "$0")/common.inc.sh"
. "$here/memory.inc.sh"
needs_space 4

peak_below 512 "$STOKER_BIN" dlio workload=flux_datagen ++hydra.run.dir=run ++workload.dataset.data_folder=data --ranks 4 \
  ++workload.dataset.num_files_train=4 ++workload.dataset.num_samples_per_file=288 ++workload.dataset.parquet.row_group_size=288
equal "$(count_files data/train '*.parquet')" 4
[[ $(stat -c %s data/train/img_0_of_4.parquet) -gt 600000000 ]] || fail 'the files are smaller than the test says'
