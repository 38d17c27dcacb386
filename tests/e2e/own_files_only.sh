# Whatever is planted in a data folder, nothing is written, emptied or deleted that stoker did not write: links under temporary
# names, links in paths, bind mounts, another data set in the folder, a full file system, pipes. In a namespace of its own.
. "$(dirname "$0")/common.inc.sh"
. "$(dirname "$0")/box.inc.sh"

cat >inside <<'END'
fail() {
  echo "inside, line ${BASH_LINENO[0]}: $*" >&2
  cat "$out/stdout" "$out/stderr" >&2
  exit 1
}
rc=0
run() {
  rc=0
  rm -rf "$out/run"
  timeout -k 2 60 "$@" >"$out/stdout" 2>"$out/stderr" || rc=$?
}
dlio() {
  run "$STOKER_BIN" dlio --config-dir "$STOKER_SOURCE_DIR/tests/e2e/configs" workload=small ++hydra.run.dir="$out/run" "$@"
}
d=++workload.dataset
gen() { dlio $d.data_folder=data ++workload.workflow.train=False "$@"; }
train() { dlio $d.data_folder=data ++workload.workflow.generate_data=False "$@"; }
ok() { [[ $rc == 0 ]] || fail "exit code $rc"; }
refused() { # CODE WORDS
  [[ $rc == "$1" ]] || fail "exit code $rc, expected $1"
  grep -Eq -- "$2" "$out/stderr" || fail "no '$2'"
}
precious() { [[ $(<"$1") == precious ]] || fail "$1 was touched"; }
begin() {
  cd "$box"
  rm -rf ./*
  mkdir home
  export HOME=$box/home
  echo precious >p
}

# Links under the names of files while they are written, soft and hard.
for name in train/img_0_of_4.parquet.tmp stoker_dataset.json.tmp stoker_dataset.files.tmp; do
  for link in 'ln -s' ln; do
    begin
    mkdir -p data/train
    $link "$box/p" "data/$name"
    gen
    precious p
    if [[ $name == train/* ]]; then
      refused 5 'would replace 1 file that no manifest'
      rm "data/$name"
      gen ++workload.dataset.num_files_train=3
      ok
      $link "$box/p" data/train/img_0_of_3.parquet.tmp
      rm data/train/img_0_of_3.parquet
      run "$STOKER_BIN" data verify --repair data
    fi
    ok
    precious p
    [[ -z $(find data -type l) ]] || fail 'a link became part of the data set'
  done
done

# `..` behind a link is what the kernel takes it for.
begin
mkdir -p a/real b/d/train
ln -s ../a/real b/link
dlio $d.data_folder=a/d ++workload.workflow.train=False
ok
for n in 0 1 2 3; do cp p b/d/train/img_${n}_of_4.parquet; done
run "$STOKER_BIN" data verify --repair b/link/../d
ok
for n in 0 1 2 3; do precious b/d/train/img_${n}_of_4.parquet; done

# An overwrite that cannot end well does not begin.
begin
gen
ok
before=$(find data | sort)
same() { [[ $(find data | sort) == "$before" ]] && run "$STOKER_BIN" data verify data && ok; }
gen $d.overwrite=True $d.num_files_train=900000000
refused 6 'the data set needs .* but only|has only .* inodes free'
same || fail 'the old data set is damaged'
ln -s loop data/loop
gen $d.overwrite=True $d.num_files_train=5
ok
[[ -L data/loop && -e data/train/img_4_of_5.parquet && ! -e data/train/img_0_of_4.parquet ]] || fail "$(find data)"
gen $d.overwrite=True $d.num_files_train=4 $d.num_subfolders_train=2
ok
mv data/train/1 other
ln -s ../../other data/train/1
before=$(find data other | sort)
gen $d.overwrite=True
refused 5 'the old data set cannot be deleted: train/1 is a link'
[[ $(find data other | sort) == "$before" ]] || fail 'half deleted'

# Places under other names.
begin
mkdir -p real/home real/d mnt a:
mount --bind real mnt
dlio $d.data_folder="$box/real/home" ++workload.workflow.train=False
ok
HOME=$box/real/home train $d.data_folder="$box/mnt/home" $d.keep_files=False
refused 5 'it is the home folder'
dlio $d.data_folder="$box/real/d" ++workload.workflow.train=False
ok
rm -rf "$out/run"
run "$STOKER_BIN" dlio --config-dir "$STOKER_SOURCE_DIR/tests/e2e/configs" workload=small ++hydra.run.dir="$box/mnt/d/res" \
  $d.data_folder="$box/real/d" ++workload.workflow.generate_data=False
refused 5 'lies inside the data folder'
train $d.data_folder=a://.. $d.keep_files=False
refused 5 "dataset.data_folder: found 'a://..', a URI"
umount mnt

# Results below the data folder, and files of the results that would leave theirs.
begin
gen
ok
mkdir -p data/results/r1
echo '{}' >data/results/r1/summary.json
train $d.keep_files=False
refused 5 'it holds results of a run \(results/r1/summary.json\)'
rm -r data/results
cp p data/train/img_0_of_4.parquet
for name in ../../box/data/train/img_0_of_4.parquet "$box/data/train/img_0_of_4.parquet"; do
  train ++workload.output.log_file="$name"
  refused 5 "output.log_file: '.*' has a '/', expected a part of a name"
done
train ++hydra.output_subdir=../../box/data
refused 2 'expected a folder below that of the run'
precious data/train/img_0_of_4.parquet

# A run gives up the data set that it read, and no other.
begin
gen
ok
train $d.keep_files=False ++workload.reader.data_loader=synthetic
ok
grep -q 'reads nothing of data: what lies there stays' "$out/stderr" || fail 'no warning'
[[ -e data/stoker_dataset.json ]] || fail 'deleted by a run that read nothing'
(
  while [[ ! -e $out/run/dlio.log ]]; do sleep 0.02; done
  sleep 0.3
  mv data gone
  cp -r gone important
  sed -i 's/"num_files_train": 4/"num_files_train": 3/' important/stoker_dataset.json
  ln -s important data
) &
train $d.keep_files=False ++workload.train.computation_time=0.15 ++workload.train.epochs=3
wait
refused 6 'was written or replaced since it was opened first in this run|the data set changed while it was read'
[[ $(find important -name '*.parquet' | wc -l) == 4 ]] || fail 'another data set was deleted'

# What is full can be emptied.
begin
mkdir full
mount -t tmpfs -o size=600k none full
cd full
gen
ok
dd if=/dev/zero of=filler bs=4k 2>/dev/null || true
train $d.keep_files=False
ok
[[ ! -e data ]] || fail "$(find data)"
cd "$box"
umount full

# Pipes are told, and wait for nobody.
begin
gen
ok
mkfifo pipe.parquet
for command in verify digest inspect; do
  run "$STOKER_BIN" data $command pipe.parquet
  [[ $rc == 6 ]] || fail "data $command: exit code $rc"
  grep -q 'is a pipe or a device, expected a file' "$out/stdout" "$out/stderr" || fail "data $command"
done
mv data/train/img_1_of_4.parquet x
mkfifo data/train/img_1_of_4.parquet
train
refused 6 'img_1_of_4.parquet: is a pipe or a device'
run "$STOKER_BIN" data verify data
[[ $rc == 6 ]] || fail "exit code $rc"
rm data/train/img_1_of_4.parquet
mv x data/train/img_1_of_4.parquet
for name in stoker_dataset.files stoker_dataset.json; do
  mv data/$name x
  mkfifo data/$name
  gen
  [[ $rc == 0 || $rc == 6 ]] || fail "$name is a pipe: exit code $rc"
  rm -f data/$name
  mv x data/$name
done

# A manifest that claims anything makes nobody write.
sed -i 's/"num_files_train": 4/"num_files_train": 9223372036854775806/' data/stoker_dataset.json
run "$STOKER_BIN" data verify --repair data
refused 6 "key 'num_files_train': found 9223372036854775806, expected at most 10000000000"
sed -i 's/"num_files_train": 9223372036854775806/"num_files_train": 10000000000/' data/stoker_dataset.json
for option in --quiet --values --repair; do
  run "$STOKER_BIN" data verify $option data
  refused 6 'names 10,000,000,0.. files, of which .* lie there'
done
[[ -z $(find data -name '*.tmp') ]] || fail 'something was written'

# Names that only look like ours.
begin
mkdir -p data/train
echo precious | tee data/stoker_dataset.journal.notes.txt >data/train/img_0_of_4.parquet.my-notes.tmp
gen
ok
train $d.keep_files=False
ok
precious data/stoker_dataset.journal.notes.txt
precious data/train/img_0_of_4.parquet.my-notes.tmp
END
run_in_box
