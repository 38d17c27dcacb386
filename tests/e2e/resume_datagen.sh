# Generation goes on where it stopped: what is complete stays, the rest is written, and the end is that of an undisturbed run.
. "$(dirname "$0")/common.inc.sh"
set_of=(++workload.workflow.train=False ++workload.dataset.num_files_train=10 ++workload.dataset.num_files_eval=3)
files() { find "$1" -type f -exec sha256sum {} + | sed "s| $1/| |" | sort -k 2; }

run_ok small "${set_of[@]}" --ranks 2
lacks out 'earlier generation'
has run/summary.json '"generation_files": 13,' '"generation_files_kept": 0,' '"generation_bytes_kept": 0,'
files data >undisturbed
equal "$(count_files data)" 15 'data files, manifest and table'

# As a kill leaves it: not complete, a file of half its size, one that is absent, one whose end was not written, and remains.
sed -i 's/"complete": true/"complete": false/' data/stoker_dataset.json
truncate -s 700 data/train/img_03_of_10.parquet
rm data/valid/img_1_of_3.parquet
size=$(stat -c %s data/train/img_07_of_10.parquet)
truncate -s $((size - 8)) data/train/img_07_of_10.parquet
truncate -s "$size" data/train/img_07_of_10.parquet
echo half >data/train/img_03_of_10.parquet.tmp
echo half >data/train/img_04_of_10.parquet.tmp
echo half >data/stoker_dataset.files.tmp
kept_before=$(stat -c '%i %Y' data/train/img_00_of_10.parquet)
for ranks in 1 3; do
  cp -a data "data$ranks"
  run_ok small "${set_of[@]}" "++workload.dataset.data_folder=data$ranks" --ranks $ranks
  has out 'an earlier generation finished 10 files, .*, which stay; to be written: 3 files' \
    'generated 3 files, .*; kept 10 files, ' 'kept +10 files, .* that were complete'
  has run/summary.json '"generation_files": 3,' '"generation_files_kept": 10,'
  files "data$ranks" >resumed
  cmp undisturbed resumed || fail "the end state differs: $(diff undisturbed resumed)"
done
run_ok small "${set_of[@]}"
equal "$(stat -c '%i %Y' data/train/img_00_of_10.parquet)" "$kept_before" 'a kept file was touched'

# A data set that is complete is left alone, and nothing of it is written: not even where nothing can be.
find data -printf '%p %i %T@\n' | sort >before
run_ok small "${set_of[@]}" --ranks 2
has out 'data: the data set is there, 13 files, .*: nothing to write'
has run/summary.json '"generation_files": 0,' '"generation_files_kept": 13,' '"generation_MiB_per_second": 0'
find data -printf '%p %i %T@\n' | sort >after
cmp before after || fail "a complete data set was touched: $(diff before after)"

# Damage of a complete data set is mended.
rm data/train/img_05_of_10.parquet
run_ok small "${set_of[@]}"
has out '; to be written: 1 file$' 'kept 12 files'
files data >resumed
cmp undisturbed resumed || fail 'a file that was deleted is not what it was'

# A data set without a table (an earlier version wrote it) has no proof of what its files are: they are written anew.
rm data/stoker_dataset.files
run_ok small "${set_of[@]}"
has run/summary.json '"generation_files": 13,' '"generation_files_kept": 0,'
files data >resumed
cmp undisturbed resumed || fail 'files that were written anew differ'

# The front end shows it.
run_ok "$STOKER_BIN" training datagen --model unet3d --num-processes 2 --data-dir D --results-dir R --dataset-format parquet \
  --params dataset.num_files_train=2 dataset.record_length_bytes=100000 dataset.record_length_bytes_stdev=0
rm D/unet3d/train/img_1_of_2.parquet
run_ok "$STOKER_BIN" training datagen --model unet3d --num-processes 1 --data-dir D --results-dir R --dataset-format parquet \
  --params dataset.num_files_train=2 dataset.record_length_bytes=100000 dataset.record_length_bytes_stdev=0
has out 'generated 1 file, .*; kept 1 file, '
