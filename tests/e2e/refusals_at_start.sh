# What only the storage can tell is found before the first step; the results folder then has a summary that says failed.
. "$(dirname "$0")/common.inc.sh"
w=++workload

# fails CODE "WORDS" OVERRIDE...
fails() {
  local code=$1 words=$2
  shift 2
  rm -rf run
  run_fails "$code" small "$@"
  times 1 '^stoker: error: ' err
  has err "$words"
  lacks out '\[METRIC\]'
  has run/summary.json '"status": "failed"'
}

fails 3 "data/train: found 0 files ending in '.parquet', '.parq' or '.pq', expected 4 \(dataset.num_files_train\)" $w.workflow.generate_data=False
has err 'hint: .*workflow.generate_data=True'
fails 6 'the data set needs at least [0-9.]+ .iB \(4 files in blocks of .*\), but only [0-9.]+ .*B are free' $w.dataset.num_samples_per_file=1000000000000 \
  $w.dataset.parquet.row_group_size=1000000000
absent data/train
fails 5 'the Parquet footer of 62500000000 row groups of 5 columns takes [0-9]+ bytes' $w.dataset.num_samples_per_file=1000000000000
absent data/train
fails 6 'files are to be written|the data set needs' $w.dataset.num_files_train=1000000000000000
absent data/train
touch file
fails 3 'file/data.*Not a directory' $w.dataset.data_folder=file/data

run_ok small $w.workflow.train=False $w.dataset.num_files_eval=2
fails 3 'the data set has 4 files, expected 9' $w.workflow.generate_data=False $w.dataset.num_files_train=9
has err 'lower dataset.num_files_train'
fails 3 'valid: the data set has 2 files, expected 3' $w.workflow.generate_data=False $w.dataset.num_files_eval=3 \
  $w.workflow.evaluation=True

# All columns that are missing, and those that the file has.
fails 5 'img_0_of_4.parquet: has no columns first, second; its 5 columns are label, weight, id, note, vector' \
  $w.workflow.generate_data=False \
  "$w.dataset.parquet.columns=[{name: first},{name: label, dtype: int8},{name: second}]"
