# DLRM for both accelerators on one data set, with fewer and smaller files than the rules ask for.
. "$(dirname "$0")/common.inc.sh"

run_ok "$STOKER_BIN" training datagen --model dlrm --num-processes 2 --data-dir D --results-dir R \
  --params dataset.num_files_train=4 dataset.num_samples_per_file=12288
equal "$(count_files D/dlrm/train '*.parquet')" 4
for accelerator in b200 mi355; do
  run_ok "$STOKER_BIN" training run --model dlrm --num-accelerators 2 --accelerator-type $accelerator \
    --client-host-memory-in-gb 64 --data-dir D --results-dir "R-$accelerator" \
    --params reader.batch_size=1024 train.computation_time=0.001 train.epochs=1
  result=$(one_of R-$accelerator/training/dlrm/run/*)
  check_results "$result" 2
  check_summary_keys "$result/summary.json"
  check_metric_block out
  # 4 files of 12288 rows in batches of 1024 on 2 ranks.
  has out ' 24 steps in '
  # 160 of the 761 bytes of a row are wanted.
  equal "$(json_value "$result/summary.json" train_useful_bytes)" $((4 * 12288 * 160))
done
