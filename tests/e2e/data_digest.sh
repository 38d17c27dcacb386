# `stoker data digest`: the same values have the same digests, however they are stored; wrong input has one clear error.
. "$(dirname "$0")/common.inc.sh"
digest() { "$STOKER_BIN" data digest "$@"; }

generate_small ++workload.dataset.data_folder=plain
generate_small ++workload.dataset.data_folder=other ++workload.dataset.compression=zstd ++workload.dataset.parquet.dictionary=True \
  ++workload.dataset.parquet.row_group_size=7
run_ok digest plain
has out '^plain: 160 rows, 5 columns, 4 files$' '^[0-9a-f]{16}  int8             label$' \
  '^[0-9a-f]{16}  list of float32  vector.list.element$'
equal "$(wc -l <out)" 6
tail -n +2 out >plain.txt
for words in 'other' 'other --decode arrow' 'plain --decode arrow' 'plain --ranks 1' 'plain/'; do
  run_ok digest $words
  tail -n +2 out | diff - plain.txt || fail "$words has other digests"
done
# The data set's digests are not those of a file; those of its files are printed when they are wanted.
run_ok digest plain --files
equal "$(grep -c '^train/img_[0-3]_of_4.parquet: 40 rows$' out)" 4
equal "$(grep -Ec '^[0-9a-f]{16}  int8 ' out)" 5
equal "$(grep -E '^[0-9a-f]{16}  int8 ' out | sort -u | wc -l)" 5
run_ok digest plain/train/img_0_of_4.parquet
has out '^plain/train/img_0_of_4.parquet: 40 rows, 5 columns$'
one=$(sed -n 's/  int8 .*//p' out)
run_ok digest plain --json --files
has out '"num_files": 4,' "\"digest\": \"$one\"" '"name": "train/img_3_of_4.parquet"'
times 5 '"name": "label"' out

# Its options may stand in a file, and the command in the history.
echo 'decode: arrow' >options.yaml
run_ok digest plain --config-file options.yaml
tail -n +2 out | diff - plain.txt
run_ok "$STOKER_BIN" history show
has out 'data digest plain --config-file options.yaml'

# One value is another one.
mkdir copy
cp -r plain/train copy/train
cp copy/train/img_0_of_4.parquet copy/train/img_1_of_4.parquet
run_ok digest copy
[[ $(grep -c -F -f plain.txt out) == 0 ]] || fail "another file has the same digests: $(cat out)"

# What cannot be.
run_fails 3 digest nowhere
has err '^stoker: error: \[E401\] nowhere: no such file or folder$'
mkdir empty
run_fails 3 digest empty
has err 'empty: no data file is in this folder or below; it is empty' 'hint: data files end in one of \.parquet'
echo 'this is no Parquet file but a text' >text.parquet
run_fails 6 digest text.parquet
has err 'text.parquet: does not end with the magic of a Parquet file'
cp text.parquet notes.txt
run_fails 6 digest notes.txt
has err 'notes.txt: by its name no data file of a known format'
run_fails 2 digest plain --decode none
has err '\[E102\] data digest: --decode'
for ranks in 0 -1 x 1025; do
  run_fails 2 digest plain --ranks=$ranks
  has err '\[E102\] data digest: --ranks'
done
run_fails 2 digest
has err '\[E101\] data digest: path is required'
run_fails 2 digest plain --what-if
has err "what-if: 'data digest' runs no benchmark"
cp text.parquet copy/train/img_2_of_4.parquet
run_fails 6 digest copy
times 1 '^stoker: error: ' err
has err 'copy/train/img_2_of_4.parquet: does not end with the magic'
generate_small ++workload.dataset.data_folder=third ++workload.dataset.num_files_train=1 \
  '++workload.dataset.parquet.columns=[{name: label, dtype: int16}]'
cp third/train/img_0_of_1.parquet copy/train/img_2_of_4.parquet
run_fails 6 digest copy
has err "train/img_2_of_4.parquet: its columns differ from those of train/img_0_of_4.parquet: column 0 is 'label', int16, there it is 'label', int8"

# A name may hold anything.
mkdir odd
cp plain/train/img_0_of_4.parquet $'odd/a\e[31m\nb.parquet'
run_ok digest odd --files
has out '^a\\x1b\[31m\\x0ab.parquet: 40 rows$'
lacks out $'\e'

# Nobody needs to read to the end.
(set +o pipefail; digest plain --files 2>err | head -1 >out)
has out '^plain: 160 rows'
