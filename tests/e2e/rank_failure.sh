# A file that turns out to be broken in the middle of an epoch ends all ranks; the error names the file, once.
. "$(dirname "$0")/common.inc.sh"
generate_small ++workload.dataset.num_files_train=8
files=(++workload.dataset.num_files_train=8)

# broken "WORDS": with 1 and with 4 ranks.
broken() {
  local ranks
  for ranks in 1 4; do
    rm -rf run
    run train_small "${files[@]}" --ranks $ranks
    [[ $rc == 6 ]] || fail "exit code $rc, expected 6, with $ranks ranks"
    times 1 '^stoker: error: ' err
    times 1 "img_5_of_8.parquet.*$1" err
    has run/summary.json '"status": "failed"' 'img_5_of_8.parquet'
    lacks out '\[METRIC\]'
  done
}
victim=data/train/img_5_of_8.parquet
cp $victim whole

truncate -s 1000 $victim
broken ''
truncate -s 0 $victim
broken ''
cp whole $victim
# A flipped bit in the length of the footer.
size=$(stat -c %s whole)
printf '\377' | dd of=$victim bs=1 seek=$((size - 6)) conv=notrunc status=none
broken ''
# A file that vanishes between listing and reading cannot be had on purpose; one that may not be a file can.
rm $victim
mkdir $victim
rm -rf run
run train_small "${files[@]}" --ranks 4
[[ $rc != 0 ]] || fail 'a folder was read as a file'
times 1 '^stoker: error: ' err
rmdir $victim
cp whole $victim
rm -rf run
run_ok train_small "${files[@]}" --ranks 4
