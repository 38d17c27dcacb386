# Reading 40 of 200 columns in row groups of 6144 rows with four threads takes less than 200 MiB.
. "$(dirname "$0")/common.inc.sh"
. "$here/memory.inc.sh"
needs_space 1
data=(++workload.dataset.data_folder=data ++workload.dataset.num_files_train=4 ++workload.dataset.num_samples_per_file=61440
  ++workload.dataset.parquet.row_group_size=6144 ++hydra.run.dir=run)

run_ok "$STOKER_BIN" dlio workload=dlrm_datagen "${data[@]}"
peak_below 200 "$STOKER_BIN" dlio workload=dlrm_b200 "${data[@]}" ++workload.reader.read_threads=4 ++workload.reader.batch_size=6144 \
  ++workload.train.computation_time=0.001
check_results run 1
has out ' 40 steps in '
# All 200 columns.
rm -rf run
run_ok "$STOKER_BIN" dlio workload=dlrm_b200 --query dataset.parquet.columns
sed 's/read: [Ff]alse/read: True/g; s/"read": false/"read": true/g' out >columns
peak_below 200 "$STOKER_BIN" dlio workload=dlrm_b200 "${data[@]}" ++workload.reader.read_threads=4 ++workload.reader.batch_size=6144 \
  ++workload.train.computation_time=0.001 "++workload.dataset.parquet.columns=$(cat columns)"
equal "$(json_value run/summary.json train_useful_bytes)" $((4 * 61440 * 761))
