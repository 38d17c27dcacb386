# partition_by puts files below Hive folders, and training finds them there.
. "$(dirname "$0")/common.inc.sh"
columns='[{name: label, dtype: int32},{name: flag, dtype: bool},{name: name, dtype: string},{name: x, dtype: float32, size: 3}]'

# partitioned COLUMN FOLDERS NAME-OF-THE-FIRST
partitioned() {
  rm -rf data run
  run_ok small "++workload.dataset.parquet.columns=$columns" ++workload.dataset.parquet.partition_by="$1" \
    ++workload.dataset.num_files_train=20 --ranks 2
  check_results run 2
  equal "$(find data/train -mindepth 1 -type d -name "$1=*" | wc -l)" "$2"
  equal "$(count_files data/train '*.parquet')" 20
  exists "data/train/$1=$3/img_00_of_20.parquet"
  has out 'epoch 1: 100 steps in'
  rm -rf run
  run_ok train_small "++workload.dataset.parquet.columns=$columns" ++workload.dataset.parquet.partition_by="$1" \
    ++workload.dataset.num_files_train=20 ++workload.dataset.skip_listing=True
}
partitioned label 16 0
partitioned flag 2 false
partitioned name 16 0
