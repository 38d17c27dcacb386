# `stoker data inspect` shows how a file is built and its first rows; a folder is described by what its files have in common.
. "$(dirname "$0")/common.inc.sh"
inspect() { "$STOKER_BIN" data inspect "$@"; }

generate_small ++workload.dataset.compression=zstd
run_ok inspect data/train/img_1_of_4.parquet --rows 2
has out '^data/train/img_1_of_4.parquet: parquet, [0-9.]+ KiB, 40 rows, 3 row groups, 5 columns$' \
  '^written by stoker version [0-9.]+, format version 2' '^key ARROW:schema \(' \
  '^  required INT32 label Int\(bitWidth=8, isSigned=true\)$' '^      required FLOAT element$' \
  '^ +0 +16 +[0-9.]+ (KiB|B) ' '^ +2 +8 ' '^  vector.list.element: list of float32$' ', zstd, ratio [0-9.]+, ' \
  '^      3 data pages of [0-9.]+ (KiB|B) to [0-9.]+ (KiB|B)$' '^      no statistics, offset index$' '^row 0$' '^row 1$' \
  '^  note: "s_[0-9]+"$' '^  vector.list.element: \[0\.[0-9]+,'
lacks out '^row 2$'
[[ $(awk '{ if (length($0) > most) most = length($0) } END { print most }' out) -le 100 ]] || fail 'a line is too wide'
run_ok inspect data/train/img_1_of_4.parquet
lacks out '^row [0-9]'

run_ok inspect data/train/img_1_of_4.parquet --json --rows 1
has out '"rows": 40,' '"num_row_groups": 3,' '"physical_type": "INT32"' '"codec": "zstd"' '"offset_index": true' '"nulls": null' \
  '"first_rows": \['
times 15 '"stored_bytes":' out

# More rows than there are.
run_ok inspect data/train/img_1_of_4.parquet --rows 1000
times 40 '^row [0-9]+$' out

run_ok inspect data
has out '^data: 4 files, [0-9.]+ KiB, 160 rows, 12 row groups$' "^data set of model 'small', written by stoker [0-9.]+$" \
  '^manifest: 4 training files and 0 evaluation files of 40 rows, format parquet, compression zstd$' '^every file has 40 rows$' \
  '^all files have the schema of the first one$' '^first file$' '^data/train/img_0_of_4.parquet: parquet'
run_ok inspect data --json
has out '"num_files": 4,' '"generator_version":' '"first_file": \{'

# Files of others, and files that differ.
mkdir -p mixed
cp data/train/img_0_of_4.parquet mixed/a.parq
generate_small ++workload.dataset.data_folder=third ++workload.dataset.num_files_train=1 ++workload.dataset.num_samples_per_file=7 \
  '++workload.dataset.parquet.columns=[{name: label, dtype: int16}]'
cp third/train/img_0_of_1.parquet mixed/b.parquet
run_ok inspect mixed
has out '^mixed: 2 files, ' '^no manifest: ' '^files have 7 to 40 rows$' '^FILES DIFFER: 2 schemas$' '^  1 file as a.parq$' \
  '^  1 file as b.parquet, which has required INT32 label Int\(bitWidth=16, isSigned=true\), not required INT32 label Int\(bitWidth=8, isSigned=true\)$'

# A file that says nothing, and no file.
generate_small ++workload.dataset.data_folder=numbers ++workload.dataset.format=synthetic
run_ok inspect numbers/train/img_0_of_4.synthetic
has out '^numbers/train/img_0_of_4.synthetic: synthetic, 1 B, 0 rows, 0 row groups, 0 columns$'
run_fails 3 inspect nowhere
has err '\[E401\] nowhere: no such file or folder'
echo 'some text, which is no Parquet' >text.parquet
run_fails 6 inspect text.parquet
has err 'text.parquet: does not end with the magic of a Parquet file'
for rows in -1 x 1000001; do
  run_fails 2 inspect data --rows=$rows
  has err '\[E102\] data inspect: --rows'
done
