# Files with other numbers of rows: every row is read or the run says which are not and why, and the summary proves it.
. "$(dirname "$0")/common.inc.sh"
mkdir -p data/train
cp "$STOKER_SOURCE_DIR"/tests/data/unequal/f*.parquet data/train  # 100, 150 and 100 rows of the columns x and v

# unequal SAMPLES-PER-FILE BATCH OVERRIDE...
unequal() {
  local samples=$1 batch=$2
  shift 2
  rm -rf run
  run_ok train_small ++workload.dataset.num_files_train=3 ++workload.dataset.num_samples_per_file=$samples \
    ++workload.dataset.parquet.columns=[] ++workload.reader.batch_size=$batch "$@"
}
# A value of the first epoch's coverage.
covered() { json_value run/summary.json "$1"; }

# The file in the middle has more rows than the others, and than was configured: all 350 are read, which is said.
unequal 100 10
has err 'the files differ in rows: data/train/f0.parquet has 100, data/train/f1.parquet has 150; every row is planned as it is, 350 rows in 3 files' \
  'dataset.num_samples_per_file is 100'
has out '35 steps per epoch: 350 samples in 3 files / batch size 10 / 1 accelerator' 'epoch 1: 35 steps in' '350 rows counted in 3 files'
has out '^rows +350 of 350 samples read, none more than once; digest [0-9a-f]{16}$'
lacks err 'read by no rank'
equal "$(covered planned) $(covered read) $(covered read_more_than_once) $(covered left_out)" '350 350 0 0'
digest=$(covered digest)

# The same rows, whatever the order, the ranks and the threads.
for how in '--ranks 5' '--ranks 7 ++workload.reader.read_threads=4' '++workload.reader.file_shuffle=seed ++workload.reader.sample_shuffle=seed' \
  '++workload.reader.collate=True' '++workload.reader.chunk_bytes=4096 --ranks 5' '++workload.dataset.parquet.decode=none' \
  '++workload.reader.read_threads=0 ++workload.train.seed=7 ++workload.reader.file_shuffle=random'; do
  # shellcheck disable=SC2086
  unequal 100 10 $how
  equal "$(covered read) $(covered left_out) $(covered digest)" "350 0 $digest" "$how"
done

# What fills no batch, or is beyond the steps that are asked for, is said before the first epoch, with the reason.
unequal 100 16 --ranks 2
has err '30 samples per epoch are read by no rank: 30 for want of a full batch on every accelerator'
equal "$(covered planned) $(covered read) $(covered left_out)" '320 320 30'
[[ $(covered digest) != "$digest" ]] || fail 'the digest of fewer rows is the same'
unequal 100 16 --ranks 2 ++workload.train.total_training_steps=3
has err '254 samples per epoch are read by no rank: 30 for want of a full batch on every accelerator, 224 beyond train.total_training_steps'
equal "$(covered read) $(covered left_out)" '96 254'

# With a shuffle other rows are left out in each epoch, and the line says so.
unequal 100 16 --ranks 2 ++workload.train.epochs=5 ++workload.reader.file_shuffle=seed
has out '^rows +320 of 350 samples read in each of 5 epochs, none more than once; the epochs read different rows'

# Files that all have more rows than configured: the first so many, as the reference reads them, and it is said how many are not.
rm data/train/f1.parquet
cp data/train/f0.parquet data/train/f1.parquet
unequal 80 10
has err 'the files have 100 samples each, dataset.num_samples_per_file is 80: only the first 80 are used, 60 samples in 3 files left out' \
  '60 samples per epoch are read by no rank: 60 beyond the first 80 of each file'
equal "$(covered planned) $(covered read) $(covered left_out)" '240 240 60'
unequal 120 10
has err 'the files have 100 samples each, not 120 as dataset.num_samples_per_file says: 100 is used everywhere'
equal "$(covered read) $(covered left_out)" '300 0'

# Files that all are as configured: nothing to say.
unequal 100 10
lacks err 'samples|rows'
equal "$(covered read) $(covered left_out)" '300 0'

# Where nothing is read there is nothing to prove.
unequal 100 10 ++workload.reader.data_loader=synthetic
has err 'nothing is read'
lacks run/summary.json '"coverage"'
lacks out '^rows '
