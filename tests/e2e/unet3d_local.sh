# The two commands of the README: a Parquet data set for unet3d, then a training run on it that says nothing about the data.
. "$(dirname "$0")/common.inc.sh"

run_ok "$STOKER_BIN" training datagen --model unet3d --num-processes 2 --data-dir D --results-dir R --dataset-format parquet \
  --compression zstd --params dataset.num_files_train=14 dataset.record_length_bytes=65536 dataset.record_length_bytes_stdev=0
equal "$(count_files D/unet3d/train '*.parquet')" 14
exists D/unet3d/train/img_00_of_14.parquet D/unet3d/train/img_13_of_14.parquet D/unet3d/valid D/unet3d/test
has D/unet3d/stoker_dataset.json '"complete": true' '"format": "parquet"' '"compression": "zstd"' '"num_files_train": 14'
datagen=$(one_of R/training/unet3d/datagen/*)
exists "$datagen"/training_*_metadata.json "$datagen"/dlio_config/{config,hydra,overrides}.yaml "$datagen/dlio.log"
has "$datagen/summary.json" '"generation_files": 14'
has "$datagen/training_datagen.stdout.log" '14 files'
exists "$datagen/training_datagen.stderr.log"

run_ok "$STOKER_BIN" training run --model unet3d --num-accelerators 1 --accelerator-type h100 --client-host-memory-in-gb 64 \
  --data-dir D --results-dir R
result=$(one_of R/training/unet3d/run/*)
check_results "$result" 1
check_summary_keys "$result/summary.json"
check_metric_block out
# Compute time alone is 0.323 s per step: 5 epochs of 2 steps.
has "$result/summary.json" '"epochs": 5' '"num_files_train": 14'
equal "$(grep -c 'epoch [1-5]: 2 steps in' out)" 5
has out '^verdict ' '^readers ' '^steps ' '^latency .*p50 .*p90 .*p99 .*p99.9 .*max ' '^client ' '^read .* asked of the storage'
# What the run took from the data set, it says.
has err 'dataset.format = parquet' 'dataset.compression = zstd' 'dataset.num_files_train = 14'
has "$result"/training_*_metadata.json '"verification"' '"dataset.format": "parquet"'
has "$result/dlio_config/overrides.yaml" '^- workload=unet3d_h100$' '^- .?\+\+workload.dataset.format=parquet'
# The folder belongs to the user: nothing of the run is left in it.
equal "$(count_files D '*.tmp')" 0
