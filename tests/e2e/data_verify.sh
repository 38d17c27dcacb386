# `stoker data verify`: whatever happened to a file of a data set is found, with file and place, and --repair undoes it.
. "$(dirname "$0")/common.inc.sh"
verify() { "$STOKER_BIN" data verify "$@"; }
flip() { # FILE OFFSET: its lowest bit
  local byte
  byte=$(od -An -tu1 -j "$2" -N 1 "$1")
  printf "$(printf '\\x%02x' $((byte ^ 1)))" | dd of="$1" bs=1 seek="$2" conv=notrunc status=none
}
restore() { rm -rf data && cp -a original data; }

generate_small ++workload.dataset.num_files_eval=2
run_ok verify data
equal "$(tail -1 out | sed 's/([^,]*,/(,/')" 'verified 6 files (, 240 rows): sizes, checksums and structure: no faults'
run_ok verify data --values
has out ': sizes, checksums, structure and values: no faults$'
mv data original
f=data/train/img_1_of_4.parquet
size=$(stat -c %s original/train/img_1_of_4.parquet)

# damage COMMAND...: to a fresh copy of the data set; --repair then makes it what it was, and nothing else is touched.
damage() {
  restore
  "$@"
  run_fails 6 verify data
  cp out found
  touch -d '2001-01-01' data/train/img_0_of_4.parquet
  run_ok verify data --repair
  has out 'no faults$'
  diff -r original data >diff.txt || fail "not repaired after $*: $(cat diff.txt)"
  equal "$(stat -c %y data/train/img_0_of_4.parquet | cut -c1-4)" 2001 'a file that was fine was written again'
}
damage flip $f 23 # the first value
has found "^$f: column 'label', row 0: found '?-?[0-9]+'?, expected '?-?[0-9]+'? " '^verified 6 files .*: 1 fault in 1 file$'
damage flip $f 5 # in the first page header
has found "^$f: row group 0: column 'label': "
damage flip $f $((size - 20)) # in the footer
has found "^$f: "
damage flip $f $((size - 1))
has found "^$f: does not end with the magic of a Parquet file"
damage truncate -s $((size / 2)) $f
has found "^$f: is $((size / 2)) bytes long, expected $size$" "^$f: does not end with the magic"
damage truncate -s $((size + 1)) $f
has found "^$f: is $((size + 1)) bytes long, expected $size$"
damage truncate -s 0 $f
has found "^$f: is 0 bytes long, expected $size$"
damage rm $f
has found "^$f: is missing$" ': 1 fault in 1 file, 1 of which is missing$'
damage rm -r data/valid
has found '^data/valid/img_0_of_2.parquet: is missing$' ': 2 faults in 2 files, 2 of which are missing$'
damage cp data/train/img_2_of_4.parquet $f
has found "^$f: column 'label', row 0: " ' in 1 file$'
swap() { mv $f x && mv data/train/img_3_of_4.parquet $f && mv x data/train/img_3_of_4.parquet; }
damage swap
has found "^$f: " '^data/train/img_3_of_4.parquet: ' ' in 2 files$'

# What lies beside it is told, and no fault.
restore
echo x >data/train/notes.txt
run_ok verify data
has err 'beside the data set: 1 other file, 2 B: train/notes.txt; no part of it'
run_ok verify data --sample 20%
lacks err 'beside the data set'

# Without what is known of the files.
restore
rm data/stoker_dataset.files
run_ok verify data
has err 'has a manifest but no records of its files: nothing is known of sizes and checksums'
has out ': structure: no faults$'
flip $f 23
run_ok verify data
run_fails 6 verify data --values
has out "^$f: "
run_ok verify data --repair
diff -r original data >diff.txt || fail "records were not written anew: $(cat diff.txt)"
rm data/stoker_dataset.json data/stoker_dataset.files
run_ok verify data
has err 'no manifest describes these files: nothing is known of their sizes, checksums and values'
run_ok verify $f
truncate -s 1000 $f
run_fails 6 verify data
has out "^$f: does not end with the magic" '^verified 6 files .*: structure: 1 fault in 1 file$'
for option in --values --repair; do
  run_fails 2 verify data $option
  has err "\[E105\] $option: data has no manifest"
done

# A sample is so much of all, always the same.
restore
run_ok verify data --sample 34%
has out '^verified 3 of 6 files '
rm data/*/*.parquet
run_fails 6 verify data --sample 34
has out '^verified 3 of 6 files .*: 3 faults in 3 files, 3 of which are missing$'
grep missing$ out | sort >first
run_fails 6 verify data --sample 34%
grep missing$ out | sort | diff first - || fail 'the sample is another one'
for sample in 0 101 abc -1 '' nan 5%% %; do
  run_fails 2 verify data "--sample=$sample"
  has err '^stoker: error: \[E10[12]\] data verify: .*--sample'
done

# A data set that was never finished says so, and is finished by --repair.
restore
sed -i 's/"complete": true/"complete": false/' data/stoker_dataset.json
rm data/train/img_3_of_4.parquet
run_fails 6 verify data
has out '^data/stoker_dataset.json: says that the data set is incomplete: datagen did not finish$'
run_ok verify data --repair
diff -r original data >diff.txt || fail "not finished: $(cat diff.txt)"

# What cannot be.
run_fails 3 verify nowhere
has err '\[E401\] nowhere: no such file or folder'
mkdir empty
run_fails 3 verify empty
has err 'no data file is in this folder or below; it is empty'
echo '{"kind": "stoker data' >data/stoker_dataset.json
run_fails 6 verify data
has err 'stoker_dataset.json'
times 1 '^stoker: error: ' err
