# FLUX for both accelerators, with short vectors in place of the 2 MB of a real row.
. "$(dirname "$0")/common.inc.sh"
columns='dataset.parquet.columns=[{name: image, dtype: float32, size: 4096}, {name: text, dtype: float32, size: 7}]'
record=dataset.record_length_bytes=16412

run_ok "$STOKER_BIN" training datagen --model flux --num-processes 2 --data-dir D --results-dir R \
  --params dataset.num_files_train=4 dataset.num_samples_per_file=48 "$columns" $record
equal "$(count_files D/flux/train '*.parquet')" 4
for accelerator in b200 mi355; do
  run_ok "$STOKER_BIN" training run --model flux --num-accelerators 2 --accelerator-type $accelerator \
    --client-host-memory-in-gb 64 --data-dir D --results-dir "R-$accelerator" \
    --params reader.batch_size=8 "$columns" $record train.computation_time=0.001 train.epochs=1
  result=$(one_of R-$accelerator/training/flux/run/*)
  check_results "$result" 2
  check_metric_block out
  has out ' 12 steps in '
  equal "$(json_value "$result/summary.json" train_useful_bytes)" $((4 * 48 * (4096 + 7) * 4))
done
