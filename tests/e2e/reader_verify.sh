# reader.verify: each value that is read is compared with what datagen wrote. What is wrong fails the run and is named.
. "$(dirname "$0")/common.inc.sh"
verify=++workload.reader.verify=True
v='++workload.dataset.parquet.columns=[{name: id, dtype: int64}, {name: v, dtype: float32, size: 100}]'

# A run that is right, at both depths, with everything that changes what is read and how. 57 bytes of a row have one size.
generate_small ++workload.dataset.num_files_eval=2
for depth in arrays arrow; do
  for how in reader.sample_shuffle=seed reader.file_shuffle=random reader.chunk_bytes=4096 reader.read_threads=0 reader.odirect=True \
    'storage.storage_options.columns=[note,vector]' dataset.num_samples_per_file=33 dataset.num_files_train=2; do
    rm -rf run
    run train_small $verify ++workload.dataset.num_files_eval=2 ++workload.workflow.evaluation=True \
      ++workload.dataset.parquet.decode=$depth "++workload.$how" --ranks 2
    if [[ $how == reader.odirect=True && $rc != 0 ]] && grep -q O_DIRECT err; then continue; fi
    [[ $rc == 0 ]] || fail "$depth, $how"
    has out 'verified +[0-9.]+ [A-Za-z]*B, each value as it was generated; [0-9.]+ CPU s, [0-9.]+ % of training.s'
  done
done
rm -rf run
run_ok train_small $verify ++workload.dataset.num_files_eval=2 '++workload.storage.storage_options.columns=[vector]' \
  ++workload.reader.collate=True
has run/summary.json '"verified_bytes": 7680,' '"cpu_seconds": [0-9.e-]+,' '"cpu_share": ' '"verify": ' '"wait_verify": ' # 4 * 40 * 12 * 4
rm -rf run
run_ok train_small ++workload.dataset.num_files_eval=2
lacks run/summary.json verified_bytes
lacks out verified
rm -rf run data

# One bit, in the middle of a page of plain values.
generate_small "$v"
file=data/train/img_2_of_4.parquet
cp "$file" good
byte=$(od -An -tu1 -j 3000 -N 1 "$file")
printf "\\$(printf %o $((byte ^ 64)))" | dd of="$file" bs=1 seek=3000 conv=notrunc status=none
for ranks in 1 2; do
  for depth in arrays arrow; do
    rm -rf run
    run_fails 6 train_small "$v" $verify ++workload.dataset.parquet.decode=$depth --ranks $ranks
    times 1 "img_2_of_4.parquet: column 'v', row (6|7), element [0-9]+: found .* \(0x[0-9a-f]{8}\), expected .* \(0x[0-9a-f]{8}\) \(in the page at byte [0-9]+ of the file\)" err
    has err 'hint: the storage returned other bytes than datagen wrote there'
    has run/summary.json '"status": "failed"' "column 'v', row"
    lacks out '\[METRIC\]'
  done
done
# Without it nobody notices.
rm -rf run
run_ok train_small "$v"
# Nor does who reads only the other column.
rm -rf run
run_ok train_small "$v" $verify '++workload.storage.storage_options.columns=[id]'

# A file of the same size with other content: an old one, or one of another place.
cp data/train/img_1_of_4.parquet "$file"
rm -rf run
run_fails 6 train_small "$v" $verify
times 1 "img_2_of_4.parquet: column 'id', row 0: found -?[0-9]+, expected -?[0-9]+ \(in the page at byte 4 of the file\)" err

# Cut short.
head -c 5000 good >"$file"
rm -rf run
run train_small "$v" $verify
[[ $rc != 0 ]] || fail 'a truncated file was read'
has err 'img_2_of_4.parquet'
cp good "$file"
rm -rf run
run_ok train_small "$v" $verify

# What cannot be compared is refused before anything is read.
for depth in none decompress; do
  run_fails 5 train_small "$v" $verify ++workload.dataset.parquet.decode=$depth
  times 1 "reader.verify: found True, but dataset.parquet.decode: $depth makes no values to compare" err
done
run_fails 5 train_small $verify ++workload.dataset.format=synthetic
times 1 'reader.verify: found True, but a synthetic loader or format reads no values to compare' err
rm -rf run
run_fails 5 train_small '++workload.dataset.parquet.columns=[{name: id, dtype: int64}, {name: v, dtype: float32, size: 101}]' $verify
times 1 "reader.verify: dataset.parquet.columns: found column 1 'v' .float32, size 100. in the manifest, expected 'v' .float32, size 101." err
sed -i 's/"generator_version": "[^"]*"/"generator_version": "0.0.1"/' data/stoker_dataset.json
rm -rf run
run_fails 5 train_small "$v" $verify
times 1 "reader.verify: the data set was written by version '0.0.1', this is .*: their values may differ" err
rm data/stoker_dataset.json
rm -rf run
run_fails 5 train_small "$v" $verify --ranks 2
times 1 'reader.verify: .*data: there is no stoker_dataset.json' err
has err 'hint: write the data set with stoker, or set reader.verify: False'
