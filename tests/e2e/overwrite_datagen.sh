# Another data set in the folder is never mixed with the new one: generation says how they differ and stops, or replaces exactly the
# old one's files when it is told to. Files of others are never overwritten.
. "$(dirname "$0")/common.inc.sh"
datagen() { small ++workload.workflow.train=False "$@"; }
files() { find "$1" -type f -exec sha256sum {} + | sed "s| $1/| |" | sort -k 2; }

run_ok datagen ++workload.dataset.num_files_train=12 ++workload.dataset.num_subfolders_train=3
mkdir data/train/notes
echo mine >data/train/notes/kept.txt
echo mine >data/kept.txt
files data >before
run_fails 5 datagen ++workload.dataset.num_files_train=5 ++workload.dataset.compression=zstd ++workload.dataset.compression_level=3
has err 'data: another data set is there; it differs in 5 keys:' '^ +key +there +asked for$' \
  '^ +dataset.compression +none +zstd$' '^ +dataset.compression_level +not set +3$' \
  '^ +codec_library +not set +zstd [0-9.]+$' \
  '^ +dataset.num_files_train +12 +5$' '^ +dataset.num_subfolders_train +3 +0$' 'hint: .*--overwrite.*\+\+dataset.overwrite=True'
times 1 '^stoker: error: ' err
files data >after
cmp before after || fail "the refusal changed something: $(diff before after)"
# The version of the generator counts: it decides about bytes.
cp -r data other
sed -i 's/"generator_version": ".*"/"generator_version": "0.0.7"/' other/stoker_dataset.json
run_fails 5 datagen ++workload.dataset.data_folder=other ++workload.dataset.num_files_train=12 ++workload.dataset.num_subfolders_train=3
has err 'it differs in 1 key:' '^ +generator_version +0.0.7 +[0-9]'

# So does the library that compressed: half a data set of another one, or of a stoker that did not say, is not continued.
for codec in snappy lz4 gzip zstd; do
  run_ok datagen ++workload.dataset.data_folder=$codec ++workload.dataset.compression=$codec
  has $codec/stoker_dataset.json '"codec_library": "(snappy|lz4|libdeflate|zstd) [0-9.]+"'
  run_ok datagen ++workload.dataset.data_folder=$codec ++workload.dataset.compression=$codec
  has out 'nothing to write'
  sed -i 's/"complete": true/"complete": false/; /"codec_library"/d' $codec/stoker_dataset.json
  run_fails 5 datagen ++workload.dataset.data_folder=$codec ++workload.dataset.compression=$codec
  has err 'another data set is there, an incomplete one; it differs in 1 key:' '^ +codec_library +not set +[a-z0-9]+ [0-9.]+$'
done

# Told to, it replaces the data set's files and nothing else.
run_ok datagen ++workload.dataset.num_files_train=5 ++workload.dataset.overwrite=True --ranks 2
has out 'dataset.overwrite: deleted 12 files of the data set that was there'
equal "$(count_files data '*.parquet')" 5 'files of the new data set only'
exists data/kept.txt data/train/notes/kept.txt
absent data/train/0 data/train/1 data/train/2
rm -rf fresh
run_ok datagen ++workload.dataset.data_folder=fresh ++workload.dataset.num_files_train=5
rm data/kept.txt data/train/notes/kept.txt
files data >replaced
files fresh >expected
cmp replaced expected || fail 'the new data set is not that of an empty folder'

# The same data set is written anew.
inode=$(stat -c %i data/stoker_dataset.files)
run_ok datagen ++workload.dataset.num_files_train=5 ++workload.dataset.overwrite=True
has run/summary.json '"generation_files": 5,' '"generation_files_kept": 0,'
files data >replaced
cmp replaced expected || fail 'a data set that was written anew differs'

# A crash in the middle of replacing: the old data set is incomplete, the new one is refused until it is told again, and the old one
# can be had back.
sed -i 's/"complete": true/"complete": false/' data/stoker_dataset.json
rm data/stoker_dataset.files data/train/img_0_of_5.parquet data/train/img_1_of_5.parquet
echo half >data/train/img_2_of_5.parquet.tmp
cp -r data crashed
run_fails 5 datagen ++workload.dataset.num_files_train=6
has err 'another data set is there, an incomplete one; it differs in 1 key'
run_ok datagen ++workload.dataset.num_files_train=6 ++workload.dataset.overwrite=True
equal "$(count_files data)" 8 'files of the new data set, manifest and table'
run_ok datagen ++workload.dataset.data_folder=crashed ++workload.dataset.num_files_train=5
files crashed >replaced
cmp replaced expected || fail 'the old data set was not mended'

# Files that no manifest calls ours.
mkdir -p theirs/train
echo precious >theirs/train/img_2_of_4.parquet
echo precious >theirs/train/img_3_of_4.parquet
for overwrite in False True; do
  run_fails 5 datagen ++workload.dataset.data_folder=theirs ++workload.dataset.overwrite=$overwrite
  has err 'theirs: the data set would replace 2 files that no manifest \(stoker_dataset.json\) calls a data set of stoker' \
    'such as theirs/train/img_2_of_4.parquet' 'hint: choose another'
  equal "$(cat theirs/train/img_2_of_4.parquet theirs/train/img_3_of_4.parquet)" $'precious\nprecious'
done
# Beside a data set of ours, too.
run_ok datagen ++workload.dataset.data_folder=beside ++workload.dataset.num_files_train=3
echo precious >beside/train/img_2_of_4.parquet
run_fails 5 datagen ++workload.dataset.data_folder=beside ++workload.dataset.overwrite=True
has err 'would replace 1 file that'
equal "$(count_files beside 'img_*_of_3.parquet')" 3 'files of the old data set'

# A manifest that cannot be read: nobody knows whose the files are.
echo '{' >beside/stoker_dataset.json
run datagen ++workload.dataset.data_folder=beside ++workload.dataset.overwrite=True
equal "$rc" 6
has err 'beside/stoker_dataset.json: ' 'hint: without it nobody knows'

# Through the front end.
train=("$STOKER_BIN" training datagen --model unet3d --num-processes 1 --data-dir D --results-dir R --dataset-format parquet)
run_ok "${train[@]}" --params dataset.num_files_train=2 dataset.record_length_bytes=100000 dataset.record_length_bytes_stdev=0
run_fails 5 "${train[@]}" --params dataset.num_files_train=3 dataset.record_length_bytes=100000 dataset.record_length_bytes_stdev=0
has err 'another data set is there' 'dataset.num_files_train +2 +3'
run_ok "${train[@]}" --overwrite --params dataset.num_files_train=3 dataset.record_length_bytes=100000 dataset.record_length_bytes_stdev=0
equal "$(count_files D '*.parquet')" 3
