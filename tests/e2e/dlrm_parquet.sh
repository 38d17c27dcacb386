# The older DLRM files, which only `stoker dlio` knows.
. "$(dirname "$0")/common.inc.sh"
small=(++workload.dataset.num_files_train=4 ++workload.dataset.num_samples_per_file=2048 ++workload.dataset.data_folder=D)

run_ok "$STOKER_BIN" dlio workload=dlrm_parquet_datagen "${small[@]}" ++hydra.run.dir=datagen
equal "$(count_files D/train '*.parquet')" 4
has datagen/summary.json '"generation_files": 4'
for workload in dlrm_parquet_h100 dlrm_parquet_a100; do
  run_ok "$STOKER_BIN" dlio workload=$workload "${small[@]}" ++hydra.run.dir=$workload ++workload.reader.batch_size=512 \
    ++workload.train.computation_time=0.001 --ranks 2
  check_results $workload 2
  check_metric_block out
done
